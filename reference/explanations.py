"""What a definition says of texts and map, whose blobs no check reads. spec/definition.md#texts-and-map"""

from __future__ import annotations

from form import Form, check_texts

BLOB = "[0-9a-f]{64}"


def check(top: Form, languages: list[str], options: dict[str, tuple[str, ...]]) -> None:
    """The members `texts` and `map`, where they are there; `options` are those of each contest, by ids."""
    for value in top.array("texts", 1, 200) if "texts" in top.value else []:
        _check_text(Form(value, "texts", "files", "contest option by"), languages, options)
    if "map" in top.value:
        _check_map(Form(top["map"], "map", "", "geojson tiles"), len(top["regions"]))


def _check_text(text: Form, languages: list[str], options: dict[str, tuple[str, ...]]) -> None:
    contest = text.one_of("contest", list(options)) if "contest" in text.value else None
    if "option" in text.value:
        if contest is None:
            text.refuse("has an option without a contest")
        text.one_of("option", list(options[contest or ""]))
    if "by" in text.value:
        check_texts(text["by"], languages, "texts.by")
    files = Form(text["files"], "texts.files", " ".join(languages))
    for language in languages:
        files.matching(language, BLOB)


def _check_map(form: Form, regions: int) -> None:
    if not form.value:
        form.refuse("has neither geojson nor tiles")
    if "geojson" in form.value:
        form.matching("geojson", BLOB)
    if "tiles" in form.value:
        tiles = form.array("tiles", regions, regions)
        for tile in tiles:
            if not isinstance(tile, list) or len(tile) != 2:
                form.refuse("has a tile that is no column and row")
            if not all(isinstance(number, int) and 0 <= number <= 255 for number in tile):
                form.refuse("has a tile outside of 0 to 255")
        if len({tuple(tile) for tile in tiles}) < regions:
            form.refuse("has two regions on one tile")
