"""Both verifiers judge records that share most of their entries."""

from tests.judged_once import each_judged_once  # noqa: F401
