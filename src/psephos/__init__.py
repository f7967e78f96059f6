"""Psephos: referendums that nobody has to take on trust.

Verify a referendum, from the directory or URL of its record and the pin that its organiser published:

>>> import psephos
>>> report = psephos.verify("demo/record", "demo/pin.json")
>>> report.verdict
'passed'
>>> for contest in report.results:
...     print(contest.id, contest.votes)
harbour {'no': 2, 'yes': 4}
temple {'athena': 0, 'hermes': 6, 'hestia': 0}

What stands here is for programs, and keeps its meaning from one release to the next. Every other module is
internal: it may change at any time.
"""

from importlib import import_module
from importlib.metadata import version

_HOMES = {
    "api": ("load_pin", "open_record", "verify"),
    "errors": (
        "DatabaseError",
        "EvidenceMissing",
        "FormatError",
        "LogError",
        "PhaseError",
        "PsephosError",
        "VerificationError",
    ),
    "log.client": ("Client",),
    "protocol.checks": ("Notice", "Void"),
    "protocol.setup.pin": ("Pin",),
    "verifier.contests": ("AreaResult", "ContestResult"),
    "verifier.receipt": ("Receipt", "verify_receipt"),
    "verifier.report": ("CheckResult", "Report"),
    "verifier.run": ("Verification",),
}
"""Where each name is defined. It is imported when it is first used; `__init__.pyi` tells type checkers."""

_HOME_OF = {name: module for module, names in _HOMES.items() for name in names}

__all__ = [
    "__version__",
    *sorted(_HOME_OF),
]


def __getattr__(name: str) -> object:
    if name == "__version__":
        value: object = version("psephos")
    elif module := _HOME_OF.get(name):
        value = getattr(import_module(f"psephos.{module}"), name)
    else:
        raise AttributeError(f"module 'psephos' has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
