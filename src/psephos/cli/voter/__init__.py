"""`psephos voter`: enrols cards, votes with them, audits both; the home is a device of the voter."""

from psephos.cli.voter import check, enrol, second, vote
from psephos.cli.voter.app import voter

__all__ = ["check", "enrol", "second", "vote", "voter"]
