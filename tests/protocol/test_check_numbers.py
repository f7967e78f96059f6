"""A check's number is a type: the checker of types knows those of the table, and no others."""

from typing import get_args

from psephos.errors import CheckNumber
from psephos.protocol.checks import CHECKS


def test_each_number_has_its_row() -> None:
    assert list(get_args(CheckNumber)) == list(CHECKS)
