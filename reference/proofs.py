"""The proofs as equations: spec/proofs.md. Each check takes encoded bytes, refuses bad form with
FormatError and returns the equations that must hold; Batch decides whether they do."""

from __future__ import annotations

import labels
from batch import Equation, Term
from group import ZERO, FormatError, G, L, encode, scalar
from transcript import Transcript, digest, u8, u16, u32

GENERATOR = encode(G)
Sum = list[Term]  # a linear combination of encoded points
Pair = tuple[Sum, Sum]  # a ciphertext
Contest = tuple[int, int, int]  # position in the definition, options, blank


def split(data: bytes, size: int = 32) -> list[bytes]:
    """Pieces of `size` bytes."""
    if len(data) % size:
        raise FormatError(f"{len(data)} bytes are not pieces of {size}")
    return [data[start : start + size] for start in range(0, len(data), size)]


def key(data: bytes) -> bytes:
    """The encoding of a key, which is not the identity; decoded later with all other points."""
    if data == ZERO:
        raise FormatError("key is the identity")
    return data


def pair(ciphertext: bytes, message: int = 0) -> Pair:
    """A ciphertext minus (0, message*G)."""
    first, second = split(ciphertext)
    return [(1, first)], [(1, second), (-message, GENERATOR)] if message else [(1, second)]


# Statements: the transcripts up to the end of the statement, shared with the provers.


def signature_transcript(purpose: str, public: bytes, nonce: bytes, message: bytes) -> Transcript:
    """spec/proofs.md#signature"""
    transcript = Transcript(labels.SIGNATURE).append("purpose", purpose.encode()).append("key", public)
    return transcript.append("nonce", nonce).append("message", message)


def bit_statement(
    election: bytes, joint: bytes, region: int, card: bytes, ciphertext: bytes
) -> tuple[Transcript, list[list[Pair]]]:
    """spec/proofs.md#bit-proof"""
    transcript = Transcript(labels.CARD_WEIGHT).append("election", election).append("position", u16(region))
    transcript.append("card", card).append("key", joint).append("ciphertext", ciphertext)
    return transcript, [[pair(ciphertext)], [pair(ciphertext, 1)]]


def ballot_statement(
    election: bytes, joint: bytes, place: tuple[int, int, int], card: bytes, contest: Contest, ys: bytes
) -> tuple[Transcript, list[list[Pair]]]:
    """spec/proofs.md#ballot; `place` is region, day, serial."""
    region, day, serial = place
    position, options, blank = contest
    transcript = Transcript(labels.BALLOT_CONTEST).append("election", election)
    transcript.append("position", u16(region) + u16(day) + u8(serial) + u16(position)).append("card", card)
    transcript.append("key", joint).append("patterns", u16(options) + u8(blank)).append("ciphertexts", ys)
    choices = [*range(options), *([-1] if blank else [])]
    vector = split(ys, 64)
    return transcript, [[pair(y, int(j == a)) for j, y in enumerate(vector)] for a in choices]


def weighing_statement(
    election: bytes, joint: bytes, place: tuple[int, int, int, int, int, int], before: bytes, after: bytes
) -> tuple[Transcript, list[list[Pair]]]:
    """spec/proofs.md#weighing; `place` is region, day, chunk, position, trustee, row."""
    region, day, chunk, position, trustee, row = place
    transcript = Transcript(labels.WEIGHING_ROW).append("election", election)
    position_bytes = u16(region) + u16(day) + u32(chunk) + u8(position) + u16(trustee) + u32(row)
    transcript.append("position", position_bytes).append("key", joint).append("before", before).append(
        "after", after
    )
    columns = list(zip(split(after, 64), split(before, 64), strict=True))
    return transcript, [[_with(new, sign, old) for new, old in columns] for sign in (-1, 1)]


def _with(ciphertext: bytes, sign: int, second: bytes) -> Pair:
    """ciphertext + sign*other."""
    (a, b), (c, d) = split(ciphertext), split(second)
    return [(1, a), (sign, c)], [(1, b), (sign, d)]


def shares_statement(
    election: bytes, place: tuple[int, int, int, int, int], public: bytes, inputs: bytes, shares: bytes
) -> Transcript:
    """spec/proofs.md#shares; `place` is stage, trustee, region, day, chunk."""
    stage, trustee, region, day, chunk = place
    transcript = Transcript(labels.SHARES).append("election", election)
    transcript.append("position", u8(stage) + u16(trustee) + u16(region) + u16(day) + u32(chunk))
    return transcript.append("public", public).append("inputs", inputs).append("shares", shares)


# Checks: statement and proof in, equations out.


def token_statement(
    election: bytes, place: tuple[int, int, int], public: bytes, blinded: bytes, evaluated: bytes
) -> Transcript:
    """spec/proofs.md#evaluation; `place` is region, registrar (from 1), kind (1 voter, 0 decoy)."""
    region, registrar, kind = place
    transcript = Transcript(labels.TOKEN).append("election", election)
    transcript.append("position", u16(region) + u8(registrar) + u8(kind)).append("public", public)
    return transcript.append("inputs", blinded).append("shares", evaluated)


def signature(purpose: str, public: bytes, message: bytes, wire: bytes) -> list[Equation]:
    """R + e*K - z*G: spec/proofs.md#signature"""
    if len(wire) != 64:
        raise FormatError("signature is not 64 bytes")
    nonce, z = wire[:32], scalar(wire[32:])
    e = signature_transcript(purpose, key(public), nonce, message).challenge("challenge")
    return [[(1, nonce), (e, public), (-z, GENERATOR)]]


def zero_disjunction(
    transcript: Transcript, joint: bytes, branches: list[list[Pair]], wire: bytes
) -> list[Equation]:
    """U + e*D[0] - z*G and V + e*D[1] - z*H for every branch: spec/proofs.md#zero-disjunction"""
    n = len(branches)
    if len(wire) != 128 * n - 32:
        raise FormatError(f"proof is not {128 * n - 32} bytes")
    commitments, scalars = split(wire[: 64 * n]), [scalar(piece) for piece in split(wire[64 * n :])]
    coefficients = transcript.coefficients("combination", len(branches[0]))
    e = transcript.append("commitments", wire[: 64 * n]).challenge("challenge")
    es = [*scalars[: n - 1], (e - sum(scalars[: n - 1])) % L]
    equations = []
    for i, branch in enumerate(branches):
        for half, base in ((0, GENERATOR), (1, joint)):
            combined = combine([y[half] for y in branch], [es[i] * c % L for c in coefficients])
            equations.append([(1, commitments[2 * i + half]), *combined, (-scalars[n - 1 + i], base)])
    return equations


def combine(sums: list[Sum], coefficients: list[int]) -> Sum:
    """The sum of coefficient * sum."""
    return [(c * s, point) for c, terms in zip(coefficients, sums, strict=True) for s, point in terms]


def card(election: bytes, joint: bytes, region: int, record: bytes, weighted: bool) -> list[Equation]:
    """A card record, with weight or without: spec/proofs.md#card-record"""
    if len(record) != (384 if weighted else 96):
        raise FormatError("card record has a wrong length")
    public, ciphertext, proof = record[:32], record[32:-288], record[-288:-64]
    if not weighted:
        ciphertext = proof = b""
    message = card_message(election, region, public, ciphertext, proof)
    equations = signature(labels.CARD_ENTRY, public, message, record[-64:])
    if weighted:
        transcript, branches = bit_statement(election, joint, region, public, ciphertext)
        equations += zero_disjunction(transcript, joint, branches, proof)
    return equations


def card_message(election: bytes, region: int, public: bytes, ciphertext: bytes, proof: bytes) -> bytes:
    """What a card signs when it is enrolled: spec/proofs.md#card-record"""
    fields = [("election", election), ("region", u16(region)), ("card", public)]
    return digest(labels.CARD_ENTRY, *fields, ("ciphertext", ciphertext), ("proof", proof))


def vote_size(options: int, blank: int) -> int:
    """Bytes of one contest's vote: spec/proofs.md#ballot"""
    return 64 * options + 128 * (options + blank) - 32


def ballot(
    election: bytes,
    joint: bytes,
    place: tuple[int, int, int],
    public: bytes,
    contests: tuple[Contest, ...],
    votes: bytes,
    body_hash: bytes,
    wire: bytes,
) -> list[Equation]:
    """All votes of a ballot and its signature: spec/proofs.md#ballot, spec/entries.md#ballot"""
    equations = signature(labels.BALLOT, public, body_hash, wire)
    offset = 0
    for contest in contests:
        size, middle = vote_size(*contest[1:]), 64 * contest[1]
        vote = votes[offset : offset + size]
        transcript, branches = ballot_statement(election, joint, place, public, contest, vote[:middle])
        equations += zero_disjunction(transcript, joint, branches, vote[middle:])
        offset += size
    if offset != len(votes):
        raise FormatError("votes have a wrong length")
    return equations


def weighing(
    election: bytes, joint: bytes, place: tuple[int, int, int, int, int, int], before: bytes, weighed: bytes
) -> list[Equation]:
    """One weighed row, `row' || proof`: spec/proofs.md#weighing"""
    if len(weighed) != len(before) + 224:
        raise FormatError("weighed row has a wrong length")
    after, proof = weighed[: len(before)], weighed[len(before) :]
    transcript, branches = weighing_statement(election, joint, place, before, after)
    return zero_disjunction(transcript, joint, branches, proof)


def shares(
    election: bytes, place: tuple[int, int, int, int, int], public: bytes, inputs: bytes, wire: bytes
) -> list[Equation]:
    """A chunk of shares, `wire` being S_1 || .. || S_N || P || Q || z: spec/proofs.md#shares"""
    if len(wire) != len(inputs) + 96:
        raise FormatError("shares have a wrong length")
    given, proof = wire[: len(inputs)], wire[len(inputs) :]
    transcript = shares_statement(election, place, key(public), inputs, given)
    return equality(transcript, public, inputs, given, proof)


def token(
    election: bytes,
    place: tuple[int, int, int],
    public: bytes,
    blinded: bytes,
    evaluated: bytes,
    proof: bytes,
) -> list[Equation]:
    """The evaluations of blinded elements of one kind: spec/proofs.md#evaluation"""
    for element in split(key(public) + blinded + evaluated):
        key(element)
    if not blinded or len(blinded) != len(evaluated) or len(proof) != 96:
        raise FormatError("not an evaluation for each of some elements, and a proof")
    transcript = token_statement(election, place, public, blinded, evaluated)
    return equality(transcript, public, blinded, evaluated, proof)


def equality(
    transcript: Transcript, public: bytes, inputs: bytes, given: bytes, proof: bytes
) -> list[Equation]:
    """P + e*X - z*G and Q + e*S - z*A, `proof` being P || Q || z: spec/proofs.md#shares"""
    p, q, z = proof[:32], proof[32:64], scalar(proof[64:])
    coefficients = transcript.coefficients("combination", len(inputs) // 32)
    e = transcript.append("commitments", p + q).challenge("challenge")
    combined = [(e * c, s) for c, s in zip(coefficients, split(given), strict=True)]
    combined += [(-z * c, a) for c, a in zip(coefficients, split(inputs), strict=True)]
    return [[(1, p), (e, public), (-z, GENERATOR)], [(1, q), *combined]]
