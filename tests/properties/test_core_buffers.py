"""The Rust core given buffers gone wrong: FormatError or an answer, never a panic and never a false yes.

A panic would surface as an exception that is no FormatError, and fail these tests.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from psephos.crypto import ballot, card, column, group, hashing, schnorr, threshold, token, weighing
from psephos.errors import FormatError
from tests.properties.mutation import mutated

ELECTION, SEED = b"\x05" * 32, bytes(32)
SHAPE = [(0, 2, 1), (1, 3, 0)]
WIDTH = 6
SCALARS = group.random_scalars(b"\x01" * 32, 4)
KEYS = group.base_multiples(SCALARS)
KEY = KEYS[:32]
PLACE = (0, 1, 0, 1, 2)
NEXT = (0, 1, 0, 2, 3)


def u16(*values: int) -> bytes:
    return array("H", values).tobytes()


def u32(*values: int) -> bytes:
    return array("I", values).tobytes()


@cache
def ballots() -> tuple[bytes, bytes, bytes, bytes, bytes]:
    """Entries with lengths, bodies with lengths, randomness, of four ballots."""
    choices = u16(0, 1, 1, 2, ballot.BLANK, 0, 0, 0)
    bodies, lengths, randomness = ballot.encrypt_ballots(
        ELECTION, KEY, 0, SHAPE, KEYS, u16(1, 1, 1, 1), bytes([1, 2, 3, 4]), choices, SEED
    )
    entries, entry_lengths = ballot.sign_ballots(bodies, lengths, SCALARS, SEED)
    return entries, entry_lengths, bodies, lengths, randomness


@cache
def records() -> tuple[bytes, bytes]:
    return card.make_cards(ELECTION, 0, KEY, SCALARS, b"\x01\x00\x00\x01", SEED)


@cache
def first() -> bytes:
    weights = column.columns(records()[0], card.RECORD, 32, 96)
    return weighing.first_rows(weights, ballot.ballot_ciphertexts(*ballots()[:2], SHAPE), WIDTH)


@cache
def after() -> bytes:
    return weighing.weigh(ELECTION, KEY, PLACE, first(), WIDTH, SEED)


@cache
def again() -> bytes:
    return weighing.weigh(ELECTION, KEY, NEXT, weighing.weighed_rows(after(), WIDTH), WIDTH, SEED)


@cache
def inputs() -> bytes:
    return group.base_multiples(group.random_scalars(b"\x02" * 32, 6))


@cache
def content() -> bytes:
    return threshold.make_shares(ELECTION, [PLACE], [6], inputs(), SCALARS[:32], SEED)


@cache
def tokens() -> tuple[bytes, ...]:
    secret, public = token.token_key(SEED)
    blinds, blinded = token.blind(KEYS, SEED)
    evaluated, proof = token.evaluate(ELECTION, [(0, 1, 1)], [4], secret, blinded, SEED)
    return public, KEYS, blinds, blinded, evaluated, proof


TOKEN_PLACES = [(0, 1, 1), (0, 1, 0)]

Call = tuple[Callable[..., Any], Callable[[], tuple[Any, ...]]]
"""A function of the core, and arguments that it takes; every bytes argument is spoilt in turn."""

CALLS: dict[str, Call] = {
    "parse_ballots": (ballot.parse_ballots, lambda: (*ballots()[:2], ELECTION, [SHAPE])),
    "check_ballots": (ballot.check_ballots, lambda: (*ballots()[:2], ELECTION, KEY, [SHAPE])),
    "ballot_ciphertexts": (ballot.ballot_ciphertexts, lambda: (*ballots()[:2], SHAPE)),
    "sign_ballots": (ballot.sign_ballots, lambda: (*ballots()[2:4], SCALARS, SEED)),
    "check_opening": (
        ballot.check_opening,
        lambda: (ballots()[2][: len(ballots()[2]) // 4], KEY, SHAPE, u16(0, 1), ballots()[4][:160]),
    ),
    "encrypt_ballots": (
        ballot.encrypt_ballots,
        lambda: (
            ELECTION,
            KEY,
            0,
            SHAPE,
            KEYS,
            u16(1, 1, 1, 1),
            b"\1\2\3\4",
            u16(0, 1, 1, 2, 0, 0, 0, 0),
            SEED,
        ),
    ),
    "check_cards": (card.check_cards, lambda: (ELECTION, 0, KEY, records()[0], False)),
    "check_plain_cards": (
        card.check_cards,
        lambda: (ELECTION, 0, KEY, card.make_plain_cards(ELECTION, 0, SCALARS, SEED), True),
    ),
    "check_sums": (
        card.check_sums,
        lambda: (KEY, column.columns(records()[0], 384, 32, 96), [4], group.sum_scalars(records()[1]), [2]),
    ),
    "derive_cards": (card.derive_cards, lambda: (ELECTION, 0, bytes(64))),
    "make_cards": (card.make_cards, lambda: (ELECTION, 0, KEY, SCALARS, b"\1\0\0\1", SEED)),
    "check_signatures": (
        schnorr.check_signatures,
        lambda: ("ballot", KEYS, bytes(128), schnorr.sign("ballot", bytes(128), SCALARS, SEED)),
    ),
    "sign": (schnorr.sign, lambda: ("ballot", bytes(128), SCALARS, SEED)),
    "first_rows": (
        weighing.first_rows,
        lambda: (
            column.columns(records()[0], 384, 32, 96),
            ballot.ballot_ciphertexts(*ballots()[:2], SHAPE),
            WIDTH,
        ),
    ),
    "weigh": (weighing.weigh, lambda: (ELECTION, KEY, PLACE, first(), WIDTH, SEED)),
    "check_weighings": (
        weighing.check_weighings,
        lambda: (ELECTION, KEY, [PLACE, NEXT], [4, 4], [-1, 0], first(), after() + again(), WIDTH),
    ),
    "weighed_rows": (weighing.weighed_rows, lambda: (after(), WIDTH)),
    "make_shares": (threshold.make_shares, lambda: (ELECTION, [PLACE], [6], inputs(), SCALARS[:32], SEED)),
    "check_shares": (threshold.check_shares, lambda: (ELECTION, [PLACE], [6], inputs(), KEY, content())),
    "chunk_shares": (threshold.chunk_shares, lambda: ([6], content())),
    "combine_shares": (
        lambda one, other: threshold.combine_shares([one, other], [1, 2]),
        lambda: (content()[:192], content()[:192]),
    ),
    "decrypt": (threshold.decrypt, lambda: (first()[:384], content()[:192])),
    "open_signs": (
        lambda ciphertexts, one, other: threshold.open_signs(ciphertexts, [one, other], [1, 3]),
        lambda: (first()[:384], content()[:192], content()[:192]),
    ),
    "signed_sums": (threshold.signed_sums, lambda: (b"\1\xff\1\xff", first(), first(), WIDTH)),
    "sum_columns": (threshold.sum_columns, lambda: (first(), WIDTH)),
    "discrete_logs": (threshold.discrete_logs, lambda: (KEYS, 100)),
    "evaluate_commitments": (threshold.evaluate_commitments, lambda: (KEYS, [1, 2])),
    "evaluate_polynomial": (threshold.evaluate_polynomial, lambda: (SCALARS, [1, 2])),
    "sum_points": (group.sum_points, lambda: (KEYS,)),
    "sum_scalars": (group.sum_scalars, lambda: (SCALARS,)),
    "base_multiples": (group.base_multiples, lambda: (SCALARS,)),
    "check_points": (group.check_points, lambda: (KEYS, True)),
    "columns": (column.columns, lambda: (KEYS, 32, 4, 8)),
    "take": (column.take, lambda: (KEYS, 32, u32(3, 0))),
    "rows_where": (column.rows_where, lambda: (KEYS, 32, KEY)),
    "KeySet.add": (lambda keys: column.KeySet().add(keys), lambda: (KEYS,)),
    "KeySet.has": (lambda keys: column.KeySet().has(keys), lambda: (KEYS,)),
    "match_keys": (column.match_keys, lambda: (column.sort_records(KEYS, 32)[0], KEYS)),
    "sort_records": (column.sort_records, lambda: (records()[0], 384)),
    "KeyIndex.add": (
        lambda keys: column.KeyIndex().add(0, keys),
        lambda: (column.sort_records(KEYS, 32)[0],),
    ),
    "KeyIndex.places": (lambda keys: column.KeyIndex().places(0, keys), lambda: (KEYS,)),
    "KeyIndex.region": (lambda keys: column.KeyIndex().region(keys), lambda: (KEYS,)),
    "leaf_hashes": (lambda entry: hashing.leaf_hashes([entry, entry]), lambda: (KEYS,)),
    "tree_root": (hashing.tree_root, lambda: (KEYS,)),
    "cut_rows": (column.cut_rows, lambda: (u32(0, 3, 8), 4)),
    "latest_rows": (
        lambda first, second: column.latest_rows([first, second], 5),
        lambda: (u32(4, 0), u32(1, 4)),
    ),
    "last_ballots": (column.last_ballots, lambda: (u32(0, 1, 0, 1), b"\1\1\2\1", KEYS)),
    "finalize": (token.finalize, lambda: (ELECTION, [(0, 1, 1)], [4], *tokens())),
    "evaluate": (
        token.evaluate,
        lambda: (ELECTION, TOKEN_PLACES, [3, 1], token.token_key(SEED)[0] * 2, tokens()[3], SEED),
    ),
    "blind": (token.blind, lambda: (KEYS, SEED)),
}


def spoilt(data: st.DataObject, arguments: tuple[Any, ...]) -> list[Any]:
    """The arguments, one or two of their buffers spoilt."""
    buffers = [at for at, value in enumerate(arguments) if isinstance(value, bytes)]
    changed = list(arguments)
    for at in data.draw(st.lists(st.sampled_from(buffers), min_size=1, max_size=2, unique=True)):
        changed[at] = data.draw(mutated([arguments[at]]))
    return changed


@pytest.mark.parametrize("name", CALLS)
def test_the_arguments_are_good(name: str) -> None:
    function, arguments = CALLS[name]
    function(*arguments())


@pytest.mark.parametrize("name", CALLS)
@settings(max_examples=30)
@given(st.data())
def test_spoilt_buffers_are_refused_or_answered(name: str, data: st.DataObject) -> None:
    function, arguments = CALLS[name]
    with suppress(FormatError):
        function(*spoilt(data, arguments()))


@pytest.mark.soak
@pytest.mark.parametrize("name", CALLS)
@settings(max_examples=3000)
@given(st.data())
def test_many_spoilt_buffers(name: str, data: st.DataObject) -> None:
    function, arguments = CALLS[name]
    with suppress(FormatError):
        function(*spoilt(data, arguments()))


COUNTS = st.lists(st.integers(0, 2**16), max_size=3)
SOURCES = st.lists(st.integers(-2, 3), max_size=3)
WIDTHS = st.integers(0, 7) | st.integers(0, 2**20)


@given(COUNTS, SOURCES, WIDTHS)
def test_any_counts_and_widths_are_refused_or_answered(
    counts: list[int], sources: list[int], width: int
) -> None:
    places, token_places = [PLACE] * len(counts), [(0, 1, 1)] * len(counts)
    calls: list[Callable[[], Any]] = [
        lambda: weighing.check_weighings(ELECTION, KEY, places, counts, sources, first(), after(), width),
        lambda: weighing.weighed_rows(after(), width),
        lambda: weighing.first_rows(first(), first(), width),
        lambda: threshold.check_shares(ELECTION, places, counts, inputs(), KEY, content()),
        lambda: threshold.chunk_shares(counts, content()),
        lambda: card.check_sums(KEY, first(), counts, SCALARS, counts),
        lambda: token.evaluate(ELECTION, token_places, counts, SCALARS[: 32 * len(counts)], KEYS, SEED),
        lambda: token.finalize(ELECTION, token_places, counts, *tokens()),
        lambda: column.columns(first(), width, 0, width),
        lambda: column.cut_rows(u32(*counts), width),
        lambda: column.latest_rows([u32(*counts), u32(*counts)], width),
        lambda: column.sort_records(first(), width),
        lambda: column.take(first(), width, u32(*counts)),
        lambda: threshold.sum_columns(first(), width),
        lambda: threshold.signed_sums(b"\1\1\1\1", first(), first(), width),
    ]
    for call in calls:
        with suppress(FormatError):
            call()


@given(st.data())
def test_a_spoilt_ballot_is_never_accepted(data: st.DataObject) -> None:
    """Whatever is done to its bytes: the checks say yes to what was signed, or to nothing."""
    entries, lengths = ballots()[:2]
    size = array("I", lengths)[0]
    changed = data.draw(mutated([entries[:size]]))
    try:
        bad = ballot.check_ballots(changed, u32(len(changed)), ELECTION, KEY, [SHAPE])
    except FormatError:
        return
    assert bad or changed == entries[:size]


@given(st.data())
def test_a_spoilt_record_weighing_or_share_is_never_accepted(data: st.DataObject) -> None:
    record = records()[0][: card.RECORD]
    changed = data.draw(mutated([record]))
    if len(changed) == len(record) and changed != record:
        assert card.check_cards(ELECTION, 0, KEY, changed, False)
    rows = data.draw(mutated([after()]))
    if len(rows) == len(after()) and rows != after():
        assert weighing.check_weighings(ELECTION, KEY, [PLACE], [4], [-1], first(), rows, WIDTH)
    shares = data.draw(mutated([content()]))
    if len(shares) == len(content()) and shares != content():
        assert threshold.check_shares(ELECTION, [PLACE], [6], inputs(), KEY, shares)
