"""RFC 6962's hash trees: known roots and proofs, and every proof of every size up to 40."""

from __future__ import annotations

from hashlib import sha256

import pytest

from psephos.errors import LogError
from psephos.log import merkle
from psephos.log.merkle import EMPTY_ROOT, HashReader, leaf_hash, node_hash

# The test tree of the Certificate Transparency reference implementation.
LEAVES = [b"", b"\x00", b"\x10", b" !", b"01", b"@ABC", b"PQRSTUVW", b"`abcdefghijklmno"]
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
FIRST_PATH = [
    "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
    "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
    "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
]
FROM_6_TO_8 = [
    "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
    "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
]
MOST = 40
HASHES = [leaf_hash(bytes([n])) for n in range(MOST)]


def reader(leaves: list[bytes]) -> HashReader:
    """Perfect subtrees by definition: slow, and independent of how proofs are put together."""
    return lambda level, index: by_definition(leaves[index << level : (index + 1) << level])


def by_definition(leaves: list[bytes]) -> bytes:
    """RFC 6962, 2.1, word for word."""
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    middle = 1
    while middle * 2 < len(leaves):
        middle *= 2
    return node_hash(by_definition(leaves[:middle]), by_definition(leaves[middle:]))


def flip(data: bytes) -> bytes:
    return bytes([data[0] ^ 1]) + data[1:]


def test_known_roots_and_proofs() -> None:
    leaves = list(map(leaf_hash, LEAVES))
    read = reader(leaves)
    for size, root in enumerate(ROOTS):
        assert merkle.root_of(leaves[:size]).hex() == root
        assert merkle.range_root(0, size, read).hex() == root
    assert [h.hex() for h in merkle.inclusion_proof(0, 8, read)] == FIRST_PATH
    assert [h.hex() for h in merkle.consistency_proof(1, 8, read)] == FIRST_PATH
    assert [h.hex() for h in merkle.consistency_proof(6, 8, read)] == FROM_6_TO_8


def test_roots_of_all_sizes() -> None:
    for size in range(MOST + 1):
        expected = by_definition(HASHES[:size])
        assert merkle.root_of(HASHES[:size]) == expected
        assert merkle.range_root(0, size, reader(HASHES)) == expected


def test_inclusion_of_all_leaves_in_all_sizes() -> None:
    read = reader(HASHES)
    for size in range(1, MOST + 1):
        root = merkle.range_root(0, size, read)
        for index in range(size):
            proof = merkle.inclusion_proof(index, size, read)
            merkle.verify_inclusion(HASHES[index], index, size, proof, root)
            wrong = [
                (flip(HASHES[index]), index, size, proof, root),
                (HASHES[index], index, size, [*proof, root], root),
                (HASHES[index], index, size, proof, flip(root)),
                (HASHES[index], size, size, proof, root),
                (HASHES[index], -1, size, proof, root),
            ]
            wrong += [(HASHES[index], index, size, proof[:-1], root)] if proof else []
            wrong += [(HASHES[index], other, size, proof, root) for other in range(size) if other != index]
            for n in range(len(proof)):
                spoilt = [*proof[:n], flip(proof[n]), *proof[n + 1 :]]
                wrong.append((HASHES[index], index, size, spoilt, root))
            for case in wrong:
                with pytest.raises(LogError):
                    merkle.verify_inclusion(*case)


def test_consistency_between_all_sizes() -> None:
    read = reader(HASHES)
    roots = [by_definition(HASHES[:size]) for size in range(MOST + 1)]
    for new in range(MOST + 1):
        for old in range(new + 1):
            proof = merkle.consistency_proof(old, new, read)
            merkle.verify_consistency(old, new, proof, roots[old], roots[new])
            wrong = [
                (old, new, proof, flip(roots[old]), roots[new]),
                (old, new, [*proof, roots[0]], roots[old], roots[new]),
                (new + 1, new, proof, roots[old], roots[new]),
            ]
            if 0 < old < new:  # a size that needs a longer proof
                wrong.append((old, 4 * new, proof, roots[old], roots[new]))
            if old:  # nothing contradicts an empty log
                wrong.append((old, new, proof, roots[old], flip(roots[new])))
            for n in range(len(proof)):
                spoilt = [*proof[:n], flip(proof[n]), *proof[n + 1 :]]
                wrong.append((old, new, spoilt, roots[old], roots[new]))
                wrong.append((old, new, proof[:n], roots[old], roots[new]))
            for case in wrong:
                with pytest.raises(LogError):
                    merkle.verify_consistency(*case)


def test_impossible_proofs_are_not_made() -> None:
    read = reader(HASHES)
    for index, size in ((0, 0), (3, 3), (-1, 3)):
        with pytest.raises(LogError):
            merkle.inclusion_proof(index, size, read)
    for old, new in ((4, 3), (-1, 3)):
        with pytest.raises(LogError):
            merkle.consistency_proof(old, new, read)
    assert merkle.range_root(0, 0, read) == EMPTY_ROOT
