"""Reading a log by its checkpoint: everything handed out has been checked, whatever the server sends."""

from __future__ import annotations

import pytest

from psephos.errors import EvidenceMissing, FormatError, LogError, NotThere
from psephos.log import merkle, tiles
from psephos.log.checkpoints import TreeHead
from psephos.log.merkle import leaf_hash
from psephos.log.tiles import ENTRIES, Edge, Tile
from psephos.log.tree import Tree

ALL = [n.to_bytes(3, "big") for n in range(66_000)]


def publish(size: int) -> tuple[TreeHead, dict[str, bytes]]:
    edge = Edge()
    filled = edge.extend(map(leaf_hash, ALL[:size]))
    files = {tile.path: data for tile, data in filled + edge.partial()}
    for tile in tiles.new_tiles(0, size):
        if tile.level == ENTRIES:
            first = tile.index * 256
            files[tile.path] = tiles.encode_bundle(ALL[first : first + tile.width])
    return TreeHead("example.org/log", size, edge.root()), files


class Server:
    """Serves files, and remembers what it was asked for."""

    def __init__(self, files: dict[str, bytes]) -> None:
        self.files = files
        self.asked: list[str] = []

    def __call__(self, path: str, limit: int) -> bytes:
        self.asked.append(path)
        if path not in self.files:
            raise NotThere(path)
        if len(self.files[path]) > limit:
            raise LogError(f"{path}: too long")
        return self.files[path]


@pytest.mark.parametrize("size", [0, 1, 255, 256, 257, 1000, 65_536, 66_000])
def test_all_entries_from_any_start(size: int) -> None:
    checkpoint, files = publish(size)
    for start in {0, min(1, size), size // 2, max(0, size - 1), size}:
        tree = Tree(checkpoint, Server(files))
        at = start
        for first, entries in tree.entries(start):
            assert first == at
            assert entries == ALL[at : at + len(entries)]
            at += len(entries)
        assert at == size


def test_earlier_roots_and_proofs() -> None:
    checkpoint, files = publish(66_000)
    tree = Tree(checkpoint, Server(files))
    for size in (0, 1, 2, 255, 256, 257, 300, 65_535, 65_536, 65_537, 66_000):
        old = publish(size)[0]
        assert tree.root(size) == old.root
        tree.check_extends(old)
        with pytest.raises(LogError, match="forked"):
            tree.check_extends(TreeHead(old.origin, old.size, bytes(32)))
        proof = merkle.consistency_proof(size, 66_000, tree.hash)
        merkle.verify_consistency(size, 66_000, proof, old.root, checkpoint.root)
    for index in (0, 255, 256, 65_535, 65_536, 65_999):
        proof = tree.inclusion_proof(index)
        merkle.verify_inclusion(leaf_hash(ALL[index]), index, 66_000, proof, checkpoint.root)
    with pytest.raises(LogError):
        tree.check_extends(TreeHead(checkpoint.origin, 66_001, bytes(32)))
    with pytest.raises(LogError):
        tree.check_extends(TreeHead("example.org/other", 1, leaf_hash(ALL[0])))
    with pytest.raises(LogError):
        tree.inclusion_proof(66_000)
    with pytest.raises(LogError):
        tree.hash(16, 1)
    with pytest.raises(LogError):
        tree.bundle(258)
    with pytest.raises(LogError):
        next(tree.entries(66_001))


def test_one_changed_byte_in_any_file_is_refused_by_name() -> None:
    checkpoint, files = publish(600)
    for path, data in files.items():
        spoilt = files | {path: data[:-1] + bytes([data[-1] ^ 1])}
        with pytest.raises(LogError, match=path if ".p/" not in path or "entries" in path else "last tiles"):
            list(Tree(checkpoint, Server(spoilt)).entries())


def test_nothing_of_a_tampered_bundle_is_handed_out() -> None:
    checkpoint, files = publish(600)
    path = "tile/entries/001"
    swapped = tiles.parse_bundle(files[path], 256)
    swapped[7], swapped[8] = swapped[8], swapped[7]
    seen = Tree(checkpoint, Server(files | {path: tiles.encode_bundle(swapped)})).entries()
    assert next(seen)[0] == 0
    with pytest.raises(LogError, match=path):
        next(seen)


def test_cut_or_lengthened_files_are_refused() -> None:
    checkpoint, files = publish(600)
    for path, data in files.items():
        for spoilt in (data[:-1], data + b"x", b""):
            with pytest.raises((FormatError, LogError), match=path):
                list(Tree(checkpoint, Server(files | {path: spoilt})).entries())


def test_each_missing_file_is_named_and_is_not_a_failure() -> None:
    checkpoint, files = publish(600)
    for path in files:
        rest = {name: data for name, data in files.items() if name != path}
        with pytest.raises(EvidenceMissing, match=path):
            list(Tree(checkpoint, Server(rest)).entries())


def test_full_tiles_stand_in_for_partial_ones() -> None:
    checkpoint, files = publish(300)
    later = publish(1000)[1]
    for path in [path for path in files if ".p/" in path and not path.startswith("tile/1/")]:
        del files[path]
    server = Server(files | {path: data for path, data in later.items() if ".p/" not in path})
    assert [entry for _, entries in Tree(checkpoint, server).entries() for entry in entries] == ALL[:300]
    assert server.asked.index("tile/0/001.p/44") < server.asked.index("tile/0/001")


def test_the_full_tile_is_asked_for_only_where_there_is_no_partial_one() -> None:
    checkpoint, files = publish(300)
    asked = []

    def cut_off(path: str, _limit: int) -> bytes:
        asked.append(path)
        if ".p/" in path:
            raise EvidenceMissing(path)
        return files[path]

    with pytest.raises(EvidenceMissing, match=r"tile/0/001\.p/44"):
        Tree(checkpoint, cut_off)
    assert asked == ["tile/0/001.p/44"]


def test_a_partial_tile_must_not_be_wider_than_its_name() -> None:
    checkpoint, files = publish(300)
    files["tile/0/001.p/44"] = publish(1000)[1]["tile/0/001"]
    with pytest.raises(FormatError, match=r"tile/0/001.p/44"):
        Tree(checkpoint, Server(files))


def test_a_checkpoint_of_another_log_is_refused_at_once() -> None:
    _, files = publish(300)
    with pytest.raises(LogError, match="root"):
        Tree(TreeHead("example.org/log", 300, bytes(32)), Server(files))
    with pytest.raises(LogError, match="root"):
        Tree(TreeHead("example.org/log", 0, bytes(32)), Server(files))


def test_resuming_reads_only_what_is_new() -> None:
    checkpoint, files = publish(66_000)
    server = Server(files)
    assert next(Tree(checkpoint, server).entries(65_990)) == (65_990, ALL[65_990:])
    assert server.asked == [
        "tile/0/257.p/208",
        "tile/1/001.p/1",
        "tile/2/000.p/1",
        "tile/entries/257.p/208",
    ]
    assert Tile.parse(server.asked[-1]).level == ENTRIES
