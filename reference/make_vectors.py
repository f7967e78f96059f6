"""Writes vectors/*.json, the same bytes every time: vectors/README.md says how to read them."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from ballot_vectors import ballots
from byte_vectors import cbor_arrays, hashes, transcripts
from proof_vectors import cards, ceremony, share_chunks, signatures, tokens, weighings
from vector import DIRECTORY, Vector, lines

FILES: dict[str, Callable[[], Iterator[Vector]]] = {
    "transcript": transcripts,
    "hash": hashes,
    "signature": signatures,
    "card": cards,
    "ballot": ballots,
    "weighing": weighings,
    "shares": share_chunks,
    "ceremony": ceremony,
    "token": tokens,
    "cbor": cbor_arrays,
}


def main() -> None:
    """Write every file."""
    DIRECTORY.mkdir(exist_ok=True)
    for name, make in FILES.items():
        (DIRECTORY / f"{name}.json").write_text(lines(list(make())))


if __name__ == "__main__":
    main()
