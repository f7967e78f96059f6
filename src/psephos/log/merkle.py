"""Merkle trees over SHA-256 and their proofs (RFC 6962, 2.1; RFC 9162, 2.1.3 and 2.1.4).

A perfect subtree is named by `(level, index)`: it covers the leaves `index << level` up to, not including,
`(index + 1) << level`. Proofs are made from whatever can read the hashes of perfect subtrees.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from hashlib import sha256

from psephos.crypto.hashing import leaf_hashes, tree_root
from psephos.errors import LogError

HASH_SIZE = 32
MAX_SIZE = (1 << 63) - 1
EMPTY_ROOT = sha256().digest()

HashReader = Callable[[int, int], bytes]
"""(level, index) -> the 32-byte root of that perfect subtree."""


def leaf_hash(entry: bytes) -> bytes:
    """The hash of one entry as a leaf."""
    return leaf_hashes([entry])


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of an inner node."""
    return sha256(b"\x01" + left + right).digest()


def root_of(hashes: Sequence[bytes]) -> bytes:
    """The root over neighbouring subtrees of one height; the last may be smaller."""
    return tree_root(b"".join(hashes)) if hashes else EMPTY_ROOT


def split(hashes: bytes) -> list[bytes]:
    """Cut concatenated hashes apart."""
    return [hashes[offset : offset + HASH_SIZE] for offset in range(0, len(hashes), HASH_SIZE)]


def subtrees(start: int, stop: int) -> list[tuple[int, int]]:
    """The fewest perfect subtrees, from left to right, that cover leaves start..stop-1."""
    nodes = []
    while start < stop:
        level = (stop - start).bit_length() - 1
        if start:
            level = min(level, (start & -start).bit_length() - 1)
        nodes.append((level, start >> level))
        start += 1 << level
    return nodes


def range_root(start: int, stop: int, read: HashReader) -> bytes:
    """The root over leaves start..stop-1, a range that is a node of some tree: (0, size) for a whole tree."""
    if start == stop:
        return EMPTY_ROOT
    *rest, root = [read(level, index) for level, index in subtrees(start, stop)]
    for left in reversed(rest):
        root = node_hash(left, root)
    return root


def inclusion_proof(index: int, size: int, read: HashReader) -> list[bytes]:
    """The hashes beside the path from leaf `index` to the root of size `size`, from the leaf upwards."""
    if not 0 <= index < size:
        raise LogError(f"inclusion proof: there is no leaf {index} in a tree of size {size}")
    start, stop, beside = 0, size, []
    while stop - start > 1:
        middle = start + _split_point(stop - start)
        if index < middle:
            beside.append((middle, stop))
            stop = middle
        else:
            beside.append((start, middle))
            start = middle
    return [range_root(low, high, read) for low, high in reversed(beside)]


def consistency_proof(old: int, new: int, read: HashReader) -> list[bytes]:
    """The hashes that lead from the root of size `old` to that of size `new`."""
    if not 0 <= old <= new:
        raise LogError(f"consistency proof: there is none from size {old} to {new}")
    if old in (0, new):
        return []
    start, stop, beside = 0, new, []
    while old != stop:
        middle = start + _split_point(stop - start)
        if old <= middle:
            beside.append((middle, stop))
            stop = middle
        else:
            beside.append((start, middle))
            start = middle
    # The old root itself is known to whoever verifies, so its own subtree is left out.
    known = [(start, stop)] if start else []
    return [range_root(low, high, read) for low, high in known + beside[::-1]]


def verify_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> None:
    """Raise LogError unless `leaf` is leaf number `index` of the tree (RFC 9162, 2.1.3.2)."""
    if not 0 <= index < size:
        raise LogError(f"inclusion proof: there is no leaf {index} in a tree of size {size}")
    node, position, last = leaf, index, size - 1
    for beside in proof:
        if last == 0:
            raise LogError("inclusion proof: too many hashes")
        if position & 1 or position == last:
            node = node_hash(beside, node)
            while not position & 1:  # a right edge is carried up unchanged until it has a left neighbour
                position, last = position >> 1, last >> 1
        else:
            node = node_hash(node, beside)
        position, last = position >> 1, last >> 1
    if last != 0:
        raise LogError("inclusion proof: too few hashes")
    if node != root:
        raise LogError(f"inclusion proof: leaf {index} is not under the root of size {size}")


def verify_consistency(old: int, new: int, proof: Sequence[bytes], old_root: bytes, new_root: bytes) -> None:
    """Raise LogError unless the new tree begins with the old one (RFC 9162, 2.1.4.2)."""
    if not 0 <= old <= new:
        raise LogError(f"consistency proof: a tree cannot go from size {old} to {new}")
    if old in (0, new):
        if proof:
            raise LogError("consistency proof: too many hashes")
        if old_root != (new_root if old == new else EMPTY_ROOT):
            raise LogError(f"consistency proof: wrong root at size {old}")
        return
    position, last = old - 1, new - 1
    while position & 1:
        position, last = position >> 1, last >> 1
    # at == 0: the old tree is one perfect subtree, and its root begins the path instead of a proof hash.
    path = list(proof) if position else [old_root, *proof]
    if not path:
        raise LogError("consistency proof: too few hashes")
    old_node = new_node = path[0]
    for beside in path[1:]:
        if last == 0:
            raise LogError("consistency proof: too many hashes")
        if position & 1 or position == last:
            old_node, new_node = node_hash(beside, old_node), node_hash(beside, new_node)
            while not position & 1:
                position, last = position >> 1, last >> 1
        else:
            new_node = node_hash(new_node, beside)
        position, last = position >> 1, last >> 1
    if last != 0:
        raise LogError("consistency proof: too few hashes")
    if old_node != old_root or new_node != new_root:
        raise LogError(f"consistency proof: size {new} does not extend size {old}")


def _split_point(size: int) -> int:
    """The largest power of two below `size`."""
    return 1 << (size - 1).bit_length() - 1
