"""Letters to try things with: a region of a small referendum, in languages that a test names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from psephos.protocol.encoding import canonical_json
from psephos.protocol.enrolment.invitation import Invitation
from psephos.protocol.enrolment.roll import RollOpening
from psephos.protocol.setup.document import parse
from psephos.registrar.invitations.contact import Contact, Person
from psephos.registrar.invitations.facts import Facts
from psephos.registrar.invitations.mailing import Letter
from psephos.simulation.definitions import HARBOUR, sample

SITE = "https://vote.example/"
CONTACT = "555-123, help@town.example"
TITLES = {
    "en": "The harbour",
    "uk": "Гавань",
    "ar": "الميناء",
    "he": "הנמל",
    "cy": "Yr harbwr",
    "fr": "Le port",
    "ru": "Гавань",
    "vi": "Bến cảng",
}
QUESTIONS = {
    "en": "Shall the city build the new harbour?",
    "uk": "Чи будувати місту нову гавань?",
    "ar": "هل تبني المدينة الميناء الجديد؟",
    "he": "האם העיר תבנה את הנמל החדש?",
    "cy": "A ddylai’r ddinas adeiladu’r harbwr newydd?",
    "fr": "La ville doit-elle construire le nouveau port ?",
    "ru": "Строить ли городу новую гавань?",
    "vi": "Thành phố có nên xây bến cảng mới không?",
}


def facts(*languages: str, site: str = SITE, contact: str = CONTACT, registrars: int = 1) -> Facts:
    """Of a referendum in these languages; English unless there are any."""
    tags = languages or ("en",)
    document, _ = sample(questions=[HARBOUR], registrars=registrars)
    members = canonical_json.decode(document)
    members |= {"languages": list(tags), "title": _in(TITLES, tags)}
    for region in members["regions"]:
        region["name"] = _in(TITLES, tags) | {tags[0]: "Piraeus"}
    for contest in members["styles"][0]["contests"]:
        options = [_in(TITLES, tags) for _ in contest["options"]]
        contest |= {"question": _in(QUESTIONS, tags), "options": options}
    definition = parse(canonical_json.encode(members))
    return Facts(definition, definition.regions[0], site, contact)


def _in(texts: Mapping[str, str], tags: Sequence[str]) -> dict[str, str]:
    return {tag: texts[tag] for tag in tags}


def letter(
    voter: str = "Ada", address: Sequence[str] = ("1 Harbour Road", "4711 Town"), email: str = ""
) -> Letter:
    """To somebody who is invited to the region `north`."""
    number = sum(voter.encode()) % 256
    invitation = Invitation(bytes(range(32)), 1, "north", RollOpening(bytes([number] * 16), voter))
    contact = Contact(voter, email, () if email else tuple(address))
    return Letter(number, f"{number:032x}", Person(contact, invitation))
