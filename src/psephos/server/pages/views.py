"""What each page says, from a snapshot, in the reader's language."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from psephos.language.catalog import N_
from psephos.language.formats import local_span, local_time
from psephos.protocol.enrolment.words import six_words
from psephos.protocol.setup.about import Consequence
from psephos.protocol.setup.definition import Definition, Region
from psephos.server.pages.decision import Questions, decision
from psephos.server.pages.headline import headline
from psephos.server.pages.outcome import result
from psephos.server.pages.snapshot import Day, RegionFigures, Snapshot
from psephos.server.pages.speaker import Content, Speaker
from psephos.server.pages.wordings import ContestWording, questions

MENU = {
    "referendum": N_("Referendum"),
    "progress": N_("Progress"),
    "statements": N_("Statements"),
    "log": N_("Log"),
    "result": N_("Result"),
    "verify": N_("Verify it yourself"),
    "downloads": N_("Downloads"),
}
PHASES = {
    "ceremony": N_("The trustees are making their key."),
    "enrolment": N_("Voters are enrolling."),
    "voting": N_("Voting is going on."),
    "weighing": N_("Voting is over; ballots are being weighed."),
    "closed": N_("It is settled which ballots count. The totals are not open yet."),
    "releasing": N_("The trustees are opening the totals."),
    "counted": N_("The votes are counted."),
    "cancelled": N_("The referendum is cancelled."),
}
STATES = {"planned": N_("planned"), "open": N_("open"), "sealed": N_("sealed")}


def phase(snapshot: Snapshot, speaker: Speaker) -> str:
    """How far the referendum is."""
    if snapshot.phase == "enrolment" and not snapshot.enrolling:
        return speaker.gettext(N_("Enrolment is over. Voting has not begun yet."))
    return speaker.gettext(PHASES[snapshot.phase])


def due(snapshot: Snapshot, speaker: Speaker, booth: bool, sign_in: str) -> tuple[str, str] | None:
    """What readers can do now: the text of a button and where it leads; None where there is nothing to do."""
    if snapshot.totals is not None and snapshot.phase == "counted":
        return speaker.gettext(N_("See the result")), f"/{speaker.language}/result"
    if snapshot.phase in ("ceremony", "enrolment") and sign_in:
        return speaker.gettext(N_("Get your invitation")), sign_in
    if snapshot.phase == "enrolment" and snapshot.enrolling and booth:
        return speaker.gettext(N_("Enrol")), f"/booth/enrol.html#{speaker.language}"
    if snapshot.phase == "voting" and booth:
        return speaker.gettext(N_("Vote")), f"/booth/vote.html#{speaker.language}"
    return None


EFFECTS: dict[Consequence, str] = {
    "binding": N_("The result is binding."),
    "consultative": N_("The result is advice: it binds nobody."),
    "mandate": N_("The result is a mandate to act, not a law by itself."),
}


def referendum(snapshot: Snapshot, speaker: Speaker) -> Content:
    """The questions, when, by whom."""
    definition = snapshot.definition
    asked_questions = questions(definition, speaker)
    contests = [_contest(wording, asked_questions, speaker) for wording in asked_questions.values()]
    wordings = [wording for contest in contests for wording in contest["wordings"]]
    return {
        "headline": headline(snapshot, speaker),
        "contests": contests,
        "marked": any(wording["question_differs"] or any(wording["options_differ"]) for wording in wordings),
        "schedule": list(_schedule(snapshot, speaker)),
        "about": list(_about(definition, speaker)),
        "organiser": definition.organiser.name,
        "registrars": [party.name for party in definition.registrars],
        "relays": [party.name for party in definition.relays],
        "resistant": definition.coercion_resistant,
        "board": definition.board.name,
        "trustees": [party.name for party in definition.trustees.members],
        "threshold": speaker.number(definition.trustees.threshold),
        "witnesses": [party.name for party in definition.witnesses.members],
        "quorum": speaker.number(definition.witnesses.quorum),
        "least": speaker.number(definition.min_region) if definition.min_region > 1 else "",
        "divided": bool(definition.divisions),
        "joins": list(_joins(definition, speaker)),
        "fingerprints": list(_fingerprints(definition, speaker)),
        "whole": six_words(definition.hash),
    }


def _about(definition: Definition, speaker: Speaker) -> Iterator[tuple[str, list[str]]]:
    """What the definition says of its vote besides how it is held: labels and texts."""
    about = definition.about
    if about.called_by:
        yield speaker.gettext(N_("Called by")), [speaker.text(about.called_by)]
    if about.legal_basis:
        yield speaker.gettext(N_("Legal basis")), [speaker.text(about.legal_basis)]
    if about.effect:
        effect = [speaker.gettext(EFFECTS[about.effect.kind]), speaker.text(about.effect.text)]
        yield speaker.gettext(N_("What follows from the result")), effect
    if about.channels:
        yield speaker.gettext(N_("Other ways to vote")), [speaker.text(channel) for channel in about.channels]


def _fingerprints(definition: Definition, speaker: Speaker) -> Iterator[Content]:
    """Six words of each style's wording, with the regions that are asked so (`spec/cards.md#six-words`)."""
    for style in definition.styles:
        regions = [speaker.text(region.name) for region in definition.regions if region.style == style]
        yield {"regions": regions, "words": six_words(style.wording_hash)}


def _joins(definition: Definition, speaker: Speaker) -> Iterator[Content]:
    """Which region joins which when it is too small."""
    for region in definition.regions:
        if region.merge_into is not None:
            target = definition.regions[region.merge_into]
            yield {"region": speaker.text(region.name), "target": speaker.text(target.name)}


def _contest(first: ContestWording, asked_questions: Questions, speaker: Speaker) -> Content:
    """A contest with a column for each of its wordings, the first one's first."""
    columns: dict[tuple[str, ...], list[str]] = {}
    for region in first.regions:
        worded = next(text for text in region.style.contests if text.contest == first.contest)
        texts = speaker.text(worded.question), *map(speaker.text, worded.options)
        columns.setdefault(texts, []).append(speaker.text(region.name))
    options = list(first.labels.values())
    rule = first.contest.rule
    return {
        "question": first.question,
        "options": options,
        "decision": decision(rule, first.labels, asked_questions, speaker) if rule else None,
        "wordings": [
            {
                "regions": regions,
                "question": texts[0],
                "question_differs": texts[0] != first.question,
                "options": texts[1:],
                "options_differ": [
                    text != first_text for text, first_text in zip(texts[1:], options, strict=True)
                ],
            }
            for texts, regions in columns.items()
        ],
    }


def _schedule(snapshot: Snapshot, speaker: Speaker) -> Iterator[Content]:
    """The days of the regions, once for all that have the same."""
    alike: dict[tuple[object, ...], list[RegionFigures]] = {}
    for figures in snapshot.regions:
        planned = ((day.opens, day.seals) for day in figures.days)
        alike.setdefault((figures.region.timezone, figures.region.days, *planned), []).append(figures)
    for group in alike.values():
        names = [speaker.text(figures.region.name) for figures in group]
        yield _region(group[0], speaker) | {"name": ", ".join(names)}


def progress(snapshot: Snapshot, speaker: Speaker) -> Content:
    """How far each region is, day by day."""
    registrars = snapshot.definition.registrars
    return {
        "regions": [
            _region(figures, speaker) | _waiting(figures, snapshot, speaker) for figures in snapshot.regions
        ],
        "given": [
            (registrar.name, speaker.number(count))
            for registrar, count in zip(registrars, snapshot.given, strict=True)
        ]
        if any(snapshot.given)
        else [],
        "hiding": "" if snapshot.hiding is None else speaker.number(snapshot.hiding),
        "notices": snapshot.notices,
    }


def _waiting(numbers: RegionFigures, snapshot: Snapshot, speaker: Speaker) -> Content:
    """For which registrars a region waits, or waited until it was too late."""
    names = ", ".join(snapshot.definition.registrars[number - 1].name for number in numbers.waits)
    if numbers.out:
        said = speaker.gettext(N_("This region does not vote: it was not ready when its first day was over."))
        waited = speaker.gettext(N_("It waited for: %(names)s")) % {"names": names} if names else ""
        return {"waits": f"{said} {waited}".strip()}
    return {"waits": speaker.gettext(N_("Waits for: %(names)s")) % {"names": names} if names else ""}


def _region(numbers: RegionFigures, speaker: Speaker) -> Content:
    return {
        "name": speaker.text(numbers.region.name),
        "roll": speaker.number(numbers.roll),
        "enrolled": speaker.number(numbers.enrolled) if numbers.opened else "",
        "closes": local_time(numbers.region.closes, numbers.region.timezone, speaker.language),
        "cards": speaker.number(numbers.cards),
        "days": [_day(day, numbers.region, speaker) for day in numbers.days],
    }


def _day(day: Day, region: Region, speaker: Speaker) -> Content:
    """A day as it is planned now, and what was planned before where that is something else."""

    def span(opens: int, seals: int) -> str:
        return local_span(opens, seals, region.timezone, speaker.language)

    before = region.days[day.number - 1]
    moved = (before.open, before.seal) != (day.opens, day.seals)
    return {
        "number": day.number,
        "times": span(day.opens, day.seals),
        "before": span(before.open, before.seal) if moved else "",
        "state": speaker.gettext(STATES[day.state]),
        "ballots": speaker.number(day.ballots),
    }


def nothing(_snapshot: Snapshot, _speaker: Speaker) -> Content:
    """A page that tells nothing of the snapshot."""
    return {}


PAGES: dict[str, Callable[[Snapshot, Speaker], Content]] = {
    "referendum": referendum,
    "progress": progress,
    "statements": nothing,
    "log": nothing,
    "result": result,
    "verify": nothing,
    "downloads": nothing,
}
