"""Texts and map of a plan: files beside it, which become blobs (`spec/definition.md#texts-and-map`)."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from hashlib import sha256
from typing import Any

from psephos.errors import FormatError
from psephos.organiser.plan import lines
from psephos.organiser.plan.mistakes import Mistakes
from psephos.organiser.plan.regions import named
from psephos.organiser.plan.texts import read_texts
from psephos.protocol.encoding.form import Form
from psephos.protocol.setup.explanations import LARGEST, LONGEST_MAP, MOST, Map, read_text

Read = Callable[[str], bytes]
"""The bytes of a file that a plan names; OSError where they cannot be read."""


def no_files(name: str) -> bytes:
    """For plans that stand alone."""
    raise FileNotFoundError(f"there is no file {name}")


class Files:
    """The files that a plan names, as blobs by their SHA-256 in hex."""

    def __init__(self, mistakes: Mistakes, read: Read) -> None:
        self._mistakes, self._read = mistakes, read
        self.blobs: dict[str, bytes] = {}

    def take(self, form: Form, check: Callable[[bytes], object]) -> str:
        """The blob's name; what cannot be read, or does not pass the check, is noted."""
        if not isinstance(form.value, str) or not form.value:
            self._mistakes.note(form.path, "not the name of a file")
            return ""
        try:
            check(data := self._read(form.value))
        except OSError as error:
            self._mistakes.note(form.path, f"{form.value}: {error.strerror or error}")
            return ""
        except FormatError as error:
            self._mistakes.note(form.path, f"{form.value}: {error}")
            return ""
        digest = sha256(data).hexdigest()
        self.blobs[digest] = data
        if sum(map(len, self.blobs.values())) > LARGEST:
            self._mistakes.note(form.path, f"the files have more than {LARGEST} bytes together")
        return digest


def read_explanations(
    mistakes: Mistakes,
    form: Form,
    languages: Sequence[str],
    contests: Sequence[Mapping[str, Any]],
    files: Files,
) -> list[dict[str, Any]]:
    """The member `texts` of a definition; contests are those of the plan."""
    items = mistakes.take(lambda: form.items(1, MOST), lines.TOP_OPTIONAL["texts"]) or []
    return [_explanation(mistakes, item, languages, contests, files) for item in items]


def _explanation(
    mistakes: Mistakes,
    form: Form,
    languages: Sequence[str],
    contests: Sequence[Mapping[str, Any]],
    files: Files,
) -> dict[str, Any]:
    write = lines.line("files", {language: f"explanation.{language}.txt" for language in languages})
    about = {"contest": 'contest = "harbour"', "option": 'option = "yes"'}
    there = mistakes.table(form, {"files": write}, {**about, "by": lines.texts("by", languages)})
    text: dict[str, Any] = {key: there[key].value for key in about if key in there}
    options = {one.get("id"): one.get("options", []) for one in contests}
    if "contest" in there:
        named(mistakes, there["contest"], [one for one in options if isinstance(one, str)])
    if "option" in there and "contest" not in there:
        mistakes.note(there["option"].path, "an argument is about a contest: name it", about["contest"])
    elif "option" in there and text["contest"] in options:
        named(mistakes, there["option"], options[text["contest"]])
    if "by" in there:
        text["by"] = read_texts(mistakes, there["by"], languages)
    if "files" in there:
        text["files"] = _named_files(mistakes, there["files"], languages, files, write)
    return text


def _named_files(
    mistakes: Mistakes, form: Form, languages: Sequence[str], files: Files, write: str
) -> dict[str, str]:
    there = mistakes.take(lambda: form.members(" ".join(languages)), write) or {}
    return {
        language: files.take(one, lambda data: read_text(data, sha256(data).digest()))
        for language, one in there.items()
    }


def read_map(
    mistakes: Mistakes, form: Form | None, regions: Sequence[dict[str, Any]], files: Files
) -> dict[str, Any]:
    """The member `map`, from a file and the key `tile` of the regions, which is taken out of them."""
    tiles = [region.pop("tile", None) for region in regions]
    found: dict[str, Any] = {}
    if form is not None:
        ids = [region.get("id") for region in regions]
        found["geojson"] = files.take(form, lambda data: _check_geojson(data, ids))
    if any(tile is not None for tile in tiles):
        missing = [index for index, tile in enumerate(tiles) if tile is None]
        for index in missing:
            mistakes.note(f"plan.regions[{index}].tile", "is missing: others have one", "tile = [0, 0]")
        found["tiles"] = tiles
        if not missing:
            mistakes.take(lambda: Map.read(Form({"tiles": tiles}, "plan.regions"), len(regions)))
    return found


def _check_geojson(data: bytes, regions: Sequence[object]) -> None:
    """FormatError unless it is a FeatureCollection with a feature for each region."""
    if not 1 <= len(data) <= LONGEST_MAP:
        raise FormatError(f"{len(data)} bytes instead of 1 to {LONGEST_MAP}")
    try:
        collection = json.loads(data)
    except (ValueError, RecursionError):
        raise FormatError("not JSON") from None
    if not isinstance(collection, dict) or collection.get("type") != "FeatureCollection":
        raise FormatError("not a GeoJSON FeatureCollection")
    features = collection.get("features")
    if not isinstance(features, list) or not all(isinstance(one, dict) for one in features):
        raise FormatError("its features are no list of objects")
    shown = {one["id"] for one in features if isinstance(one.get("id"), str)}
    if lacking := [one for one in regions if one not in shown]:
        raise FormatError(f"no feature has the id {lacking[0]}")


def in_files(members: Mapping[str, Any], directory: str) -> dict[str, Any]:
    """A definition's `texts` and `map` as a plan has them: the blobs are files in a directory."""
    changed = dict(members)
    if "texts" in members:
        changed["texts"] = [
            {**text, "files": {tag: f"{directory}/{blob}" for tag, blob in text["files"].items()}}
            for text in members["texts"]
        ]
    shown = changed.pop("map", {})
    if "geojson" in shown:
        changed["map"] = f"{directory}/{shown['geojson']}"
    if "tiles" in shown:
        pairs = zip(members["regions"], shown["tiles"], strict=True)
        changed["regions"] = [{**region, "tile": tile} for region, tile in pairs]
    return changed
