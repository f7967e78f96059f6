"""Bundles, tile paths, roots and receipts, right and wrong (`spec/log.md#tiles`, `spec/log.md#receipts`)."""

from __future__ import annotations

from collections.abc import Iterator

from psephos.log.checkpoints import TreeHead
from psephos.log.merkle import inclusion_proof, leaf_hash, root_of
from psephos.log.note import encode_base64
from psephos.log.proof import LogProof
from psephos.log.tiles import ENTRIES, Tile, encode_bundle
from vector_generator.log import LEAVES, ORIGIN, POLICY, cosign, edited, sign
from vector_generator.vector import Vector, accepted, rejected


def file_vectors() -> Iterator[Vector]:
    """Bundles, tile paths and roots."""
    whole = encode_bundle(LEAVES[:3])
    good = accepted("bundle", "three", data=whole.hex(), width=3, entries=[leaf.hex() for leaf in LEAVES[:3]])
    yield good
    for name, data in {
        "cut": whole[:-1],
        "trailing": whole + b"\0",
        "one-more": encode_bundle(LEAVES[:4]),
        "one-fewer": encode_bundle(LEAVES[:2]),
        "empty-entry": whole + b"\0\0",
        "empty-entry-within": b"\0\0" + encode_bundle(LEAVES[:2]),
        "nothing": b"",
    }.items():
        yield rejected(good, name, "1.3", data=data.hex())
    for level, index, width in (
        (0, 0, 1),
        (0, 67, 256),
        (ENTRIES, 1234067, 256),
        (2, 999, 255),
        (63, 1000, 7),
    ):
        tile = Tile(level, index, width)
        name = "entries" if level == ENTRIES else str(level)
        yield accepted(
            "tile-path", f"{name}-{index}-{width}", level=name, index=index, width=width, path=tile.path
        )
    for size in range(len(LEAVES) + 1):
        leaves = [leaf.hex() for leaf in LEAVES[:size]]
        root = root_of([leaf_hash(leaf) for leaf in LEAVES[:size]])
        yield accepted("root", f"of-{size}", entries=leaves, root=root.hex())


def receipt_vectors() -> Iterator[Vector]:
    """tlog-proofs of one entry."""
    leaves = list(map(leaf_hash, LEAVES))
    signed = sign(TreeHead(ORIGIN, len(LEAVES), root_of(leaves)))
    note = signed.with_signatures([cosign(signed, witness) for witness in (0, 2)]).encode()

    def read(level: int, index: int) -> bytes:
        return root_of(leaves[index << level : (index + 1) << level])

    def receipt(index: int, extra: bytes = b"") -> str:
        hashes = tuple(inclusion_proof(index, len(leaves), read))
        return LogProof(index, hashes, note, extra).encode().decode()

    for index in (0, 6):
        yield accepted(
            "receipt", f"of-{index}", policy=POLICY, entry=LEAVES[index].hex(), receipt=receipt(index)
        )
    good = accepted(
        "receipt", "with-extra", policy=POLICY, entry=LEAVES[4].hex(), receipt=receipt(4, b"more")
    )
    yield good
    yield from edited(good, "receipt", _receipt_slips(receipt(4, b"more")), None)
    yield rejected(good, "other-entry", None, entry=LEAVES[5].hex())
    yield rejected(good, "no-quorum", None, receipt=receipt(4).replace(_last_line(note), ""))


def _last_line(note: bytes) -> str:
    return note.decode().splitlines(keepends=True)[-1]


def _receipt_slips(receipt: str) -> dict[str, tuple[str, str]]:
    head = receipt.split("\n\n")[0]
    first = head.split("\n")[3]
    return {
        "no-header": ("c2sp.org/tlog-proof@v1\n", ""),
        "header-of-v2": ("@v1", "@v2"),
        "no-index": ("index 4\n", ""),
        "index-with-zero": ("index 4", "index 04"),
        "other-index": ("index 4", "index 5"),
        "index-outside": ("index 4", "index 7"),
        "extra-empty": ("extra bW9yZQ==", "extra "),
        "extra-unpadded": ("extra bW9yZQ==", "extra bW9yZQ"),
        "extra-after-index": ("extra bW9yZQ==\nindex 4\n", "index 4\nextra bW9yZQ==\n"),
        "one-hash-fewer": (first + "\n", ""),
        "one-hash-more": (first, first + "\n" + first),
        "hash-short": (first, encode_base64(bytes(31))),
        "hash-of-another": (first, encode_base64(bytes(32))),
        "64-hashes": (first, "\n".join([first] * 62)),
        "no-blank-line": (head + "\n\n", head + "\n"),
        "carriage-returns": ("index 4\n", "index 4\r\n"),
    }
