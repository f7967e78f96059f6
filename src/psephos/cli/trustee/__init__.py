"""`psephos trustee`, by what a trustee does."""

from psephos.cli.trustee import joining
from psephos.cli.trustee.app import trustee

__all__ = ["joining", "trustee"]
