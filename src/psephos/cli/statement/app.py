"""`psephos statement`: what a party or an accredited observer says, signed, in the log itself."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from psephos.cli.home.home import DEFAULT_HOME, HomeOptions, Timeout
from psephos.cli.process.stop import FAILED, USAGE, Stop, stopping
from psephos.cli.source import read_file
from psephos.cli.statement.listing import listing
from psephos.cli.statement.speaking import attached, named, region, say, speaking
from psephos.cli.timestamp import seconds
from psephos.cli.verify import Switch
from psephos.files import write_whole
from psephos.protocol import entries
from psephos.protocol.record import Record
from psephos.protocol.request import bare_request, countersign, encode_bare
from psephos.protocol.sayings import NO_REGION, write_point

statement = App("statement", help="Make a signed statement in the log, or list those that were made.")
statement.command(listing, name="list")


@statement.default
def free(
    *,
    subject: str,
    language: str,
    text: str,
    attach: Path | None = None,
    quote: Switch = False,
    timeout: Timeout = 5.0,
    options: HomeOptions = DEFAULT_HOME,
) -> int:
    """Log a statement, for people, with a file if there is one.

    Whose it is says the home: the organiser's, the registrar's, the board's, a trustee's or an observer's,
    once somebody has accredited that. Other commands may be at work in the home meanwhile. What the log
    has already is not said again, so the same command may be run until it is there. What the board refuses
    is kept in the home, in `refused`, with the refusal that it signed.

    Example: psephos statement --subject Turnout --language en --text "Polling went well." --home organiser

    Parameters
    ----------
    subject
        What it is about.
    language
        The language tag of the text.
    text
        What is to be said.
    attach
        A file that is published with it.
    quote
        Begin the text with the log that it speaks of, as size and root: a refusal is then evidence.
    """
    blobs, digest = attached(attach)
    said = entries.Statement(subject, language, text, digest)
    return say(options, timeout, lambda _: said, blobs, quote)


@statement.command
def declare(
    provision: str,
    /,
    *,
    language: str,
    text: str,
    attach: Path | None = None,
    timeout: Timeout = 5.0,
    options: HomeOptions = DEFAULT_HOME,
) -> int:
    """Declare how a provision is met.

    Example: psephos statement declare venice-2022/V37 --language en --text "Observers are welcome."
    --home organiser

    Parameters
    ----------
    provision
        Profile and row, with a slash between them.
    """
    blobs, digest = attached(attach)
    said = entries.Declaration(provision, language, text, digest)
    return say(options, timeout, lambda _: said, blobs)


@statement.command
def incident(
    *,
    kind: str,
    place: str,
    begin: Annotated[str, Parameter("--from")],
    until: str,
    language: str,
    text: str,
    region_id: Annotated[str | None, Parameter("--region")] = None,
    point: tuple[float, float] | None = None,
    photo: Path | None = None,
    timeout: Timeout = 5.0,
    options: HomeOptions = DEFAULT_HOME,
) -> int:
    """Report an incident: what was observed, where and when. Say nothing that tells how somebody voted.

    Example: psephos statement incident --kind intimidation --place "School 4" --region north
    --from 2026-11-02T09:00:00+01:00 --until 2026-11-02T11:00:00+01:00 --point 50.45 30.52
    --language en --text "Armed men stood at the door." --photo door.jpg --home observer

    Parameters
    ----------
    kind
        Such as access, campaign, conduct, count, equipment, intimidation, secrecy, violence or other.
    place
        Where it was, in words.
    begin
        When the observation began, with an offset from UTC, or in UTC seconds.
    until
        When it ended.
    region_id
        The region's id, if it was in any.
    point
        Latitude and longitude in degrees, with a point for decimals.
    photo
        A file that is published with it.
    """
    blobs, digest = attached(photo)
    times = seconds(begin), seconds(until)
    at = b""
    if point is not None:
        if abs(point[0]) > 90 or abs(point[1]) > 180:
            raise Stop(f"{point[0]}, {point[1]}: no latitude and longitude in degrees", USAGE)
        at = write_point(*point)

    def words(record: Record) -> entries.Incident:
        index = NO_REGION if region_id is None else region(record, region_id)
        return entries.Incident(kind, place, at, index, *times, language, text, digest)

    return say(options, timeout, words, blobs)


@statement.command(name="object")
def objection(
    *,
    subject: str,
    language: str,
    text: str,
    entry: str | None = None,
    attach: Path | None = None,
    quote: Switch = False,
    timeout: Timeout = 5.0,
    options: HomeOptions = DEFAULT_HOME,
) -> int:
    """Object, to an entry or to anything.

    Example: psephos statement object --subject "The question" --language en --text "It misleads."
    --home observer

    Parameters
    ----------
    entry
        What it is against, where that was said in the log: the entry's index, or an entry's hash.
    """
    blobs, digest = attached(attach)

    def words(record: Record) -> entries.Objection:
        against = b"" if entry is None else named(record, entry)
        return entries.Objection(against, subject, language, text, digest)

    return say(options, timeout, words, blobs, quote)


@statement.command
def answer(
    entry: str,
    /,
    *,
    language: str,
    text: str,
    attach: Path | None = None,
    timeout: Timeout = 5.0,
    options: HomeOptions = DEFAULT_HOME,
) -> int:
    """Answer what was said.

    Example: psephos statement answer 276 --language en --text "They have been withdrawn." --home organiser

    Parameters
    ----------
    entry
        The entry's index, or its hash.
    """
    blobs, digest = attached(attach)
    return say(
        options, timeout, lambda record: entries.Answer(named(record, entry), language, text, digest), blobs
    )


@statement.command
def annul(
    contest: str,
    area: str,
    /,
    *,
    language: str,
    text: str,
    attach: Path | None = None,
    timeout: Timeout = 5.0,
    options: HomeOptions = DEFAULT_HOME,
) -> int:
    """Annul an area of a contest, as the body that hears appeals. It stands beside the result.

    Example: psephos statement annul harbour piraeus --language en --text "Voters were threatened."
    --home court

    Parameters
    ----------
    contest
        The contest's id.
    area
        The id of the region by which the area is named.
    """
    blobs, digest = attached(attach)

    def words(record: Record) -> entries.Annulment:
        asked = [one.index for one in record.definition.contests if one.id == contest]
        if not asked:
            raise Stop(f"there is no contest {contest}", USAGE)
        return entries.Annulment(asked[0], region(record, area), language, text, digest)

    return say(options, timeout, words, blobs)


@statement.command
def grant(
    key: str, /, *, name: str, role: str, timeout: Timeout = 5.0, options: HomeOptions = DEFAULT_HOME
) -> int:
    """Accredit an observer, whose key may then speak, as organiser, registrar, trustee or witness.

    Example: psephos statement grant 3b6a..c1 --name "Election Watch" --role observer --home trustee-1

    Parameters
    ----------
    key
        The observer's Ed25519 public key, 64 hex digits.
    name
        What the observer is called.
    role
        What the observer is.
    """
    if len(key) != 64 or set(key) - set("0123456789abcdef"):
        raise Stop(f"{key}: not 64 hex digits", USAGE)
    said = entries.Grant(bytes.fromhex(key), name, role)
    return say(options, timeout, lambda _: said)


@statement.command(name="countersign")
def sponsor(request: Path, /, *, options: HomeOptions = DEFAULT_HOME) -> int:
    """Sign somebody's request for accreditation, so that no flood keeps it out; the file goes back to them.

    Example: psephos statement countersign request.bin --home trustee-1

    Parameters
    ----------
    request
        The file that `psephos observer request --sponsor` has written; it is replaced.
    """
    with speaking(options, 0.0) as (home, _), stopping(FAILED):
        key = home.signing_key()
        asked, author = bare_request(read_file(request), home.pin.definition)
        if asked.sponsor != key.public.raw:
            raise Stop(f"{request}: asks another sponsor, {asked.sponsor.hex()}", FAILED)
        signed = countersign(replace(asked, countersignature=b""), home.pin.definition, author, key.sign)
        write_whole(request, encode_bare(signed, home.pin.definition, author))
        print(f"countersigned: {asked.name}, {asked.role}, key {author.hex()}")
    return 0
