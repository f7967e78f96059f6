"""What opens a store: age files under a factor that does not depend on the moment; why one does not open."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest

from psephos.errors import FormatError
from psephos.keystore.lock import CEILING, FACTOR, Lock
from tests.keystore.age_files import (
    AT_THE_CEILING,
    IDENTITY,
    PASSPHRASE,
    SEALED,
    TO_IDENTITY,
    TO_PASSPHRASE,
)

FAST = 4
"""A factor for what is not about scrypt's work."""


@pytest.fixture
def lock() -> Lock:
    return Lock.parse(IDENTITY)


BUSY = "import time; end = time.monotonic() + 3\nwhile time.monotonic() < end: pass"
"""Whoever measures how fast the machine is does so before any work: a longer load shows nothing more."""


@pytest.fixture
def busy() -> Iterator[None]:
    """A loop for each processor that takes all the time it gets, when the work begins."""
    loops = [subprocess.Popen([sys.executable, "-c", BUSY]) for _ in range(os.cpu_count() or 1)]
    time.sleep(0.5)  # they are at it
    yield
    for loop in loops:
        loop.kill()
        loop.wait()


def test_it_opens_what_the_age_tool_has_sealed(lock: Lock) -> None:
    assert lock.open(TO_IDENTITY) == SEALED
    assert Lock.from_passphrase(TO_PASSPHRASE, PASSPHRASE).encode() == IDENTITY


def test_a_file_made_at_the_ceiling_opens_beside_busy_loops(busy: None) -> None:
    assert f" {CEILING}\n".encode() in AT_THE_CEILING
    assert Lock.from_passphrase(AT_THE_CEILING, PASSPHRASE).encode() == IDENTITY


def test_the_factor_does_not_follow_the_load(lock: Lock, busy: None) -> None:
    first, stanza, *_ = lock.to_passphrase(PASSPHRASE).split(b"\n")
    assert first == b"age-encryption.org/v1"
    assert stanza.endswith(f" {FACTOR}".encode())


def test_above_the_ceiling_no_work_is_done(lock: Lock) -> None:
    sealed = lock.to_passphrase(PASSPHRASE, FAST)
    higher = sealed.replace(f" {FAST}\n".encode(), b" 63\n", 1)  # more memory than there is anywhere
    with pytest.raises(FormatError, match=f"scrypt factor 63, at most {CEILING} is opened here: .* again"):
        Lock.from_passphrase(higher, PASSPHRASE)


def test_a_wrong_passphrase_is_not_damage(lock: Lock) -> None:
    sealed = lock.to_passphrase(PASSPHRASE, FAST)
    for other in ("owls to Sparta", PASSPHRASE + " ", ""):
        with pytest.raises(FormatError, match=r"^wrong passphrase"):
            Lock.from_passphrase(sealed, other)
    with pytest.raises(FormatError, match="not sealed to a passphrase"):
        Lock.from_passphrase(TO_IDENTITY, PASSPHRASE)


def test_damage_is_not_a_wrong_passphrase(lock: Lock) -> None:
    sealed = lock.to_passphrase(PASSPHRASE, FAST)
    authenticated = sealed.index(b"--- ") + 4  # what is before it, the passphrase alone vouches for
    for place in range(authenticated, len(sealed)):
        changed = sealed[:place] + bytes([sealed[place] ^ 1]) + sealed[place + 1 :]
        with pytest.raises(FormatError, match="damaged"):
            Lock.from_passphrase(changed, PASSPHRASE)
    for end in range(len(sealed)):
        with pytest.raises(FormatError, match="damaged"):
            Lock.from_passphrase(sealed[:end], PASSPHRASE)
    for content in (b"", b"\n", os.urandom(300), b"age-encryption.org/v1\n", IDENTITY.encode()):
        with pytest.raises(FormatError, match="the file is"):
            Lock.from_passphrase(content, PASSPHRASE)


def test_sealed_to_another_lock_is_not_damage(lock: Lock) -> None:
    with pytest.raises(FormatError, match="another identity"):
        Lock.draw().open(lock.seal(SEALED))
    with pytest.raises(FormatError, match="damaged"):
        lock.open(lock.seal(SEALED)[:-1])


@pytest.mark.parametrize("factor", [0, 64, 255])
def test_factors_are_factors(lock: Lock, factor: int) -> None:
    with pytest.raises(FormatError, match=f"scrypt factor {factor}"):
        lock.to_passphrase(PASSPHRASE, factor)
