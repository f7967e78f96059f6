"""Explanations and arguments that a definition names (`spec/definition.md#texts-and-map`)."""

from __future__ import annotations

from pathlib import Path

from psephos.errors import FormatError
from psephos.language.catalog import N_
from psephos.protocol.setup.definition import Definition, Explanation
from psephos.protocol.setup.explanations import LONGEST_TEXT, read_text
from psephos.server.pages.speaker import Content, Speaker
from psephos.server.pages.wordings import questions


def explanations(definition: Definition, speaker: Speaker, public: Path) -> Content:
    """Those of the whole vote, those of each contest in order, and the address of the map."""
    asked = list(questions(definition, speaker).values())
    labels = [list(wording.labels.values()) for wording in asked]
    shown = [(text.contest, _shown(text, labels, speaker, public)) for text in definition.texts]
    drawn = definition.map.geojson.hex() if definition.map and definition.map.geojson else ""
    return {
        "explained": [text for contest, text in shown if contest is None],
        "explanations": [
            [text for contest, text in shown if contest == wording.contest.index] for wording in asked
        ],
        "map": f"/log/blob/{drawn}" if drawn else "",
    }


def _shown(text: Explanation, labels: list[list[str]], speaker: Speaker, public: Path) -> Content:
    """A heading and the text; or what is wrong with the file, with its SHA-256."""
    heading = speaker.gettext(N_("Explanation"))
    if text.contest is not None and text.option is not None:
        option = labels[text.contest][text.option]
        heading = speaker.gettext(N_("Argument for “%(option)s”")) % {"option": option}
    digest = text.files[speaker.wording]
    said = {"heading": heading, "by": speaker.text(text.by) if text.by else "", "text": "", "wrong": ""}
    try:
        with (public / "blob" / digest.hex()).open("rb") as file:
            return said | {"text": read_text(file.read(LONGEST_TEXT + 1), digest)}
    except OSError:
        wrong = speaker.gettext(N_("This text is missing here. Its file has the SHA-256 %(hash)s."))
    except FormatError:
        said_so = N_("This file is not the text that the definition names, and not shown: SHA-256 %(hash)s.")
        wrong = speaker.gettext(said_so)
    return said | {"wrong": wrong % {"hash": digest.hex()}}
