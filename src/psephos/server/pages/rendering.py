"""Templates filled in: what all pages have around what each of them says."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from psephos.language.catalog import catalog
from psephos.language.languages import LANGUAGES, direction
from psephos.server.config import ServerConfig
from psephos.server.pages.snapshot import Snapshot
from psephos.server.pages.speaker import Speaker
from psephos.server.pages.views import MENU, phase
from psephos.visible import visible

FRONT = "referendum"
"""The page that others lead to."""
UNTITLED = {"title": "Psephos", "resistant": None, "rehearsal": False, "wording_language": "en"}
"""What is around a page before there is a definition, or where it does not matter."""


def around(snapshot: Snapshot, speaker: Speaker) -> dict[str, Any]:
    """What is around every page of a referendum."""
    contact = snapshot.definition.about.contact
    return {
        "title": speaker.text(snapshot.definition.title),
        "resistant": snapshot.definition.coercion_resistant,
        "rehearsal": snapshot.definition.about.rehearsal,
        "own_contact": speaker.text(contact) if contact else "",
        "wording_language": speaker.wording,
        "phase": phase(snapshot, speaker),
    }


def render(
    template: str, language: str, heading: str, page: str, config: ServerConfig, content: Mapping[str, Any]
) -> str:
    """A page's HTML: `page` is where it is in the menu, if it is there, `heading` not translated yet."""
    gettext = catalog(language).gettext
    menu = [(name, gettext(label)) for name, label in MENU.items()]
    return (
        templates(language)
        .get_template(f"{template}.html")
        .render(
            language=language,
            direction=direction(language),
            languages=LANGUAGES,
            menu=menu,
            page=page,
            front=FRONT,
            booth=bool(config.booth),
            sign_in=config.sign_in,
            heading=gettext(heading),
            contact=content.get("own_contact") or config.contact,
            **content,
        )
    )


def _shown(value: object) -> object:
    """What a template writes, with characters that do not show by their numbers: texts are others'."""
    if isinstance(value, Markup):
        return Markup(visible(value))  # noqa: S704  # neither adds nor takes away what marks up
    return visible(value) if isinstance(value, str) else value


@cache
def templates(language: str) -> Environment:
    """The templates, with their texts in a language."""
    loader = PackageLoader("psephos.server.pages")
    environment = Environment(
        loader=loader,
        autoescape=True,
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n"],
        finalize=_shown,
    )
    translations = catalog(language)
    environment.install_gettext_callables(  # type: ignore[attr-defined]
        translations.gettext, translations.ngettext, newstyle=True
    )
    return environment
