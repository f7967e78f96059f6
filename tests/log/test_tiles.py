"""Tile paths, bundles, and a growing tree cut into tiles."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from psephos.errors import FormatError
from psephos.log import tiles
from psephos.log.merkle import leaf_hash, root_of
from psephos.log.tiles import ENTRIES, Edge, Tile

LEAVES = [leaf_hash(n.to_bytes(4, "big")) for n in range(70_000)]


@pytest.mark.parametrize(
    ("tile", "path"),
    [
        (Tile(0, 0), "tile/0/000"),
        (Tile(2, 999, 17), "tile/2/999.p/17"),
        (Tile(0, 1000), "tile/0/x001/000"),
        (Tile(1, 1234067), "tile/1/x001/x234/067"),
        (Tile(ENTRIES, 67, 1), "tile/entries/067.p/1"),
        (Tile(63, 0, 255), "tile/63/000.p/255"),
    ],
)
def test_paths(tile: Tile, path: str) -> None:
    assert tile.path == path
    assert Tile.parse(path) == tile


@given(st.integers(-1, 63), st.integers(0, 2**55), st.integers(1, 256))
def test_paths_round_trip(level: int, index: int, width: int) -> None:
    assert Tile.parse(Tile(level, index, width).path) == Tile(level, index, width)


@pytest.mark.parametrize(
    "path",
    [
        "tile/0/0",
        "tile/00/000",
        "tile/64/000",
        "tile/-1/000",
        "tile/0/x000/001",
        "tile/0/001/000",
        "tile/0/x001",
        "tile/0/000.p/0",
        "tile/0/000.p/256",
        "tile/0/000.p/01",
        "tile/0/000.p/",
        "/tile/0/000",
        "tile/0/000\n",
        "tile/0/../000",
        "tile/٣/000",
        "tile/0/" + "x001/" * 9000 + "000",
        "checkpoint",
        "",
    ],
)
def test_other_paths_are_refused(path: str) -> None:
    with pytest.raises(FormatError):
        Tile.parse(path)


entries_lists = st.lists(st.binary(min_size=1, max_size=40), max_size=20)


@given(entries_lists)
def test_bundles_round_trip(entries: list[bytes]) -> None:
    assert tiles.parse_bundle(tiles.encode_bundle(entries), len(entries)) == entries


@given(entries_lists, st.integers(0, 20), st.binary(max_size=3), st.integers(0, 60))
def test_mutated_bundles_give_format_errors_only(
    entries: list[bytes], width: int, insert: bytes, at: int
) -> None:
    data = tiles.encode_bundle(entries)
    data = data[:at] + insert + data[at:]
    try:
        parsed = tiles.parse_bundle(data, width)
    except FormatError:
        return
    assert tiles.encode_bundle(parsed) == data
    assert len(parsed) == width


def test_entries_have_1_to_65535_bytes() -> None:
    longest = bytes(65_535)
    assert tiles.parse_bundle(tiles.encode_bundle([longest]), 1) == [longest]
    for entry in (b"", bytes(65_536)):
        with pytest.raises(FormatError):
            tiles.encode_bundle([entry])
    with pytest.raises(FormatError):
        tiles.parse_bundle(b"\0\0", 1)


def test_the_tiles_of_the_specification_s_example() -> None:
    found = [tile for tile in tiles.new_tiles(0, 70_000) if tile.level >= 0]
    full = [tile for tile in found if tile.width == 256]
    assert [sum(tile.level == level for tile in full) for level in range(3)] == [273, 1, 0]
    partial = {(tile.level, tile.index, tile.width) for tile in found if tile.width < 256}
    assert partial == {(0, 273, 112), (1, 1, 17), (2, 0, 1)}
    assert [tile.path for tile in tiles.new_tiles(0, 256)] == [
        "tile/entries/000",
        "tile/0/000",
        "tile/1/000.p/1",
    ]
    assert [tile.path for tile in tiles.new_tiles(256, 257)] == ["tile/entries/001.p/1", "tile/0/001.p/1"]
    assert list(tiles.new_tiles(257, 257)) == []


@pytest.mark.parametrize("step", [1, 255, 256, 257, 1000])
def test_an_edge_grows_as_the_tree_does(step: int) -> None:
    edge, most = Edge(), min(70_000, 900 * step)
    for start in range(0, most, step):
        edge = Edge(edge.size, [bytes(tile) for tile in edge.tiles])  # as after a restart
        edge.extend(LEAVES[start : start + step])
        if start % (step * 50) == 0:
            assert edge.root() == root_of(LEAVES[: edge.size])
    assert edge.root() == root_of(LEAVES[: edge.size])


def test_full_and_partial_tiles_make_up_the_tree() -> None:
    edge = Edge()
    filled = dict(edge.extend(LEAVES)) | dict(edge.partial())
    assert set(filled) == {tile for tile in tiles.new_tiles(0, 70_000) if tile.level >= 0}
    assert b"".join(filled[t] for t in sorted(filled, key=lambda t: t.index) if t.level == 0) == b"".join(
        LEAVES
    )
    assert filled[Tile(1, 0)][:32] == root_of(LEAVES[:256])
    assert filled[Tile(2, 0, 1)] == root_of(LEAVES[:65536])


def test_an_edge_that_does_not_fit_its_size_is_refused() -> None:
    for size, last in ((1, []), (1, [b""]), (0, [bytes(32)]), (256, [b""]), (1, [bytes(33)])):
        with pytest.raises(FormatError):
            Edge(size, last)
