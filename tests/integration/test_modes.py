"""Who can read what the commands leave on disk."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from psephos.cli.home.modes import make_private
from psephos.files import PUBLIC, write_whole
from psephos.post.post import Post
from tests.integration.by_hand import Town


def readable(place: Path) -> set[str]:
    """What in a directory somebody else could read, if they were let in."""
    return {
        str(path.relative_to(place)) for path in place.rglob("*") if stat.S_IMODE(path.stat().st_mode) & 0o077
    }


def test_what_roles_keep_is_their_owners_alone(tmp_path: Path) -> None:
    before = os.umask(0o022)
    try:
        town = Town(tmp_path)
        town.create(trustees=2, witnesses=2)
        town.sent("organiser", "publish")
        town.publish()
        town.roll()
        for name in ("board", "registrar-1", "organiser", "trustee-1", "witness-1"):
            role = name.split("-", maxsplit=1)[0]
            public = {f"{role}.json", "pin.json", "definition.json"}
            assert readable(town.home(name)) <= public, name
            assert stat.S_IMODE(town.home(name).stat().st_mode) == 0o700
        record = town.home("record")
        assert {path for path in record.rglob("*") if not path.stat().st_mode & stat.S_IROTH} == set()
    finally:
        os.umask(before)


def test_a_home_of_an_earlier_version_is_mended_at_the_start(tmp_path: Path) -> None:
    before = os.umask(0o022)
    try:
        town = Town(tmp_path)
        town.done("witness", "init", "--name", "witness.example")
        home = town.home("witness")
        (home / "cosigned.sqlite").touch()
        for path in (home, *home.rglob("*")):
            path.chmod(0o755 if path.is_dir() else 0o644)
        town.run("witness", "cosign")
        assert readable(home) <= {"witness.json"}
        assert stat.S_IMODE(home.stat().st_mode) == 0o700
    finally:
        os.umask(before)


def test_what_is_published_in_a_home_stays_readable(tmp_path: Path) -> None:
    home = tmp_path / "home"
    (home / "public/tile").mkdir(parents=True)
    (home / "post/requests").mkdir(parents=True)
    for path in (home / "public/tile/0", home / "post/requests/name", home / "log.sqlite"):
        write_whole(path, b"", PUBLIC)
    for path in (home, *home.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
    make_private(home, [home / "public"])
    assert readable(home) == {"public", "public/tile", "public/tile/0"}
    assert stat.S_IMODE(home.stat().st_mode) == 0o711


def test_a_post_is_shared_with_a_group_where_its_owner_says_so(tmp_path: Path) -> None:
    (tmp_path / "post").mkdir()
    (tmp_path / "post").chmod(0o2770)
    shared, own = Post(tmp_path / "post"), Post(tmp_path / "own")
    shared.send(b"Ada")
    own.send(b"Ada")
    make_private(tmp_path / "post")
    (name,) = (tmp_path / "post/requests").iterdir()
    assert stat.S_IMODE(name.stat().st_mode) == 0o660
    assert stat.S_IMODE((tmp_path / "post/requests").stat().st_mode) == 0o2770
    assert readable(tmp_path / "own") == set()
