"""Check 1.3 over several bundles: missing against wrong, in the order of `spec/judgement.md#files`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial

from psephos.log.checkpoints import TreeHead
from psephos.log.tiles import encode_bundle
from psephos.protocol import entries
from psephos.simulation.referendum import Referendum
from vector_generator.records.record import Case, Files, published
from vector_generator.records.scenarios import long
from vector_generator.records.signing import by, flipped, nothing

Change = tuple[str, Callable[[bytes], bytes | None]]
BUNDLES = ("tile/entries/000", "tile/entries/001", "tile/entries/002.p/{width}")
LEAVES = ("tile/0/000", "tile/0/001", "tile/0/002.p/{width}")
TOP = "tile/1/000.p/2"


def several_bundles() -> Iterator[Case]:
    """A log of two full bundles and a partial one."""
    yield from _missing_and_wrong()
    yield from _fatal_and_missing()
    yield from _partial_and_full()
    for size in (2**40, 2**63 - 1):
        oversized = partial(_oversized, size=size)
        yield Case(
            "1.3", f"signed-size-{size}", long, "certified", nothing, checkpoint=oversized, missing=True
        )


def _changed(*changes: Change) -> Files:
    """Published files changed, or taken away."""

    def files(referendum: Referendum) -> Mapping[str, bytes | None]:
        width, files = len(referendum.logged) % 256, published(referendum.logged)
        named = [(path.format(width=width), how) for path, how in changes]
        return {path: how(files[path]) for path, how in named}

    return files


def _gone(_: bytes) -> None:
    return None


def _missing_and_wrong() -> Iterator[Case]:
    def case(name: str, *changes: Change, missing: bool = False) -> Case:
        return Case("1.3", name, long, "certified", nothing, files=_changed(*changes), missing=missing)

    (first, second, last), (leaves, more_leaves, last_leaves) = BUNDLES, LEAVES
    yield case("bundle-wrong-and-later-missing", (first, flipped), (second, _gone))
    yield case("bundle-missing-and-later-wrong", (first, _gone), (second, flipped), missing=True)
    yield case("second-bundle-wrong", (second, flipped))
    yield case("second-bundle-missing", (second, _gone), missing=True)
    yield case("last-bundle-wrong", (last, flipped))
    yield case("last-bundle-missing", (last, _gone), missing=True)
    yield case("leaves-missing-and-bundle-wrong", (leaves, _gone), (first, flipped), missing=True)
    yield case("leaves-wrong-and-bundle-missing", (leaves, flipped), (first, _gone))
    yield case("later-leaves-wrong-and-bundle-missing", (more_leaves, flipped), (first, _gone), missing=True)
    yield case("later-leaves-missing-and-bundle-wrong", (more_leaves, _gone), (first, flipped))
    yield case("top-missing-and-leaves-wrong", (TOP, _gone), (leaves, flipped), missing=True)
    yield case("top-missing-and-last-leaves-cut", (TOP, _gone), (last_leaves, lambda data: data[:-1]))
    yield case("top-wrong-and-last-leaves-missing", (TOP, flipped), (last_leaves, _gone), missing=True)
    yield case("top-wrong-and-bundle-missing", (TOP, flipped), (first, _gone))
    yield case("top-cut-and-bundle-missing", (TOP, lambda data: data[:32]), (first, _gone))
    yield case("full-bundle-cut", (second, lambda data: data[:-1]))


def _fatal_and_missing() -> Iterator[Case]:
    """What is fatal in a bundle is found before a later one is missed."""

    def fatal(referendum: Referendum) -> list[bytes]:
        referendum.log(*_statements(referendum, 20))
        return [b"\x80"]

    def go_on(referendum: Referendum) -> None:
        referendum.logged += _statements(referendum, 240)

    def without(bundle: int) -> Files:
        def files(referendum: Referendum) -> Mapping[str, bytes | None]:
            paths = [
                path for path in published(referendum.logged) if path.startswith(f"tile/entries/00{bundle}")
            ]
            return dict.fromkeys(paths)

        return files

    yield Case("1.4", "and-next-bundle-missing", long, "voted", fatal, goes_on=go_on, files=without(2))
    yield Case(
        "1.3",
        "missing-where-it-is-fatal",
        long,
        "voted",
        fatal,
        goes_on=go_on,
        files=without(1),
        missing=True,
    )


def _partial_and_full() -> Iterator[Case]:
    """A full bundle may stand for a partial one that has gone."""

    def full(referendum: Referendum) -> Mapping[str, bytes | None]:
        width = len(referendum.logged) % 256
        later = [*referendum.logged[512:], *_statements(referendum, 256 - width)]
        return {BUNDLES[2].format(width=width): None, "tile/entries/002": encode_bundle(later)}

    def cut(referendum: Referendum) -> Mapping[str, bytes | None]:
        files = dict(full(referendum))
        return files | {"tile/entries/002": (files["tile/entries/002"] or b"")[:-1]}

    def longer(referendum: Referendum) -> Mapping[str, bytes | None]:
        path = BUNDLES[2].format(width=len(referendum.logged) % 256)
        return {path: encode_bundle([*referendum.logged[512:], *_statements(referendum, 1)])}

    yield Case("", "full-bundle-for-a-partial-one", long, "certified", nothing, files=full)
    yield Case("1.3", "full-bundle-cut-behind-what-is-needed", long, "certified", nothing, files=cut)
    yield Case("1.3", "partial-bundle-holds-more", long, "certified", nothing, files=longer)


def _statements(referendum: Referendum, count: int) -> list[bytes]:
    said = (entries.Statement(f"Later {number}", "en", "On.", b"") for number in range(count))
    return by(referendum, "registrar 1", *said)


def _oversized(referendum: Referendum, size: int) -> bytes:
    """A checkpoint of a size that no log has, signed and cosigned."""
    return referendum.cosigned(TreeHead(referendum.definition.board.origin, size, bytes(32)))
