from psephos.api import load_pin, open_record, verify
from psephos.errors import (
    DatabaseError,
    EvidenceMissing,
    FormatError,
    LogError,
    PhaseError,
    PsephosError,
    VerificationError,
)
from psephos.log.client import Client
from psephos.protocol.checks import Notice, Void
from psephos.protocol.setup.pin import Pin
from psephos.verifier.contests import AreaResult, ContestResult
from psephos.verifier.receipt import Receipt, verify_receipt
from psephos.verifier.report import CheckResult, Report
from psephos.verifier.run import Verification

__all__ = [
    "AreaResult",
    "CheckResult",
    "Client",
    "ContestResult",
    "DatabaseError",
    "EvidenceMissing",
    "FormatError",
    "LogError",
    "Notice",
    "PhaseError",
    "Pin",
    "PsephosError",
    "Receipt",
    "Report",
    "Verification",
    "VerificationError",
    "Void",
    "__version__",
    "load_pin",
    "open_record",
    "verify",
    "verify_receipt",
]

__version__: str
