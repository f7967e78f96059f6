"""`psephos observer request`: asks, in the log, to be heard there."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from psephos.cli.home.home import DEFAULT_HOME, Home, HomeOptions, Timeout
from psephos.cli.home.sending import send
from psephos.cli.process.stop import USAGE, Stop, stopping
from psephos.cli.source import read_file
from psephos.cli.statement.speaking import speaking
from psephos.files import write_whole
from psephos.protocol.entries import Request
from psephos.protocol.record import Record
from psephos.protocol.request import WORK, ask, bare_request, encode_bare


def request(
    *,
    name: str = "",
    role: str = "observer",
    language: str = "",
    text: str = "",
    sponsor: str | None = None,
    write: Path | None = None,
    countersigned: Path | None = None,
    timeout: Timeout = 5.0,
    options: HomeOptions = DEFAULT_HOME,
) -> int:
    """Ask to be accredited: a request in the log, which the board must take, and everybody sees.

    It takes the computer about a second of work. The organiser, a registrar, any trustee or any witness
    may grant it: `psephos statement grant`. When the board's requests of the day are used up, it refuses:
    then have a registrar, a trustee or a witness countersign. What is refused is kept in `refused`.

    Example: psephos observer request --name "Election Watch" --language en --text "We watch since 1996."
    --home observer

    Parameters
    ----------
    name
        What you are called.
    role
        What you are.
    language
        The language tag of the text.
    text
        Why you ask, and how to reach you: everybody can read it, for good.
    sponsor
        The key of whoever is to countersign, 64 hex digits; the request is then written to a file for them.
    write
        That file.
    countersigned
        The same file, countersigned: it is sent as it is.
    """
    with speaking(options, timeout) as (home, record):
        author = home.signing_key().public.raw
        if countersigned is not None:
            with stopping(USAGE, str(countersigned)):
                asked, by = bare_request(read_file(countersigned), home.pin.definition)
            if by != author:
                raise Stop(f"{countersigned}: a request by another key, {by.hex()}", USAGE)
            return _send(home, record, asked, timeout)
        if not (name and role and language and text):
            raise Stop("name, role, language and text are needed", USAGE)
        asked = Request(name, role, language, text, b"", b"", bytes(WORK))
        if sponsor is None:
            return _send(home, record, asked, timeout)
        if write is None or len(sponsor) != 64 or set(sponsor) - set("0123456789abcdef"):
            raise Stop("a sponsor is a key of 64 hex digits, and needs a file: --write FILE", USAGE)
        asked = replace(asked, sponsor=bytes.fromhex(sponsor))
        write_whole(write, encode_bare(asked, home.pin.definition, author))
        print(f"{write}: for psephos statement countersign, then psephos observer request --countersigned")
        return 0


def _send(home: Home, record: Record, asked: Request, timeout: float) -> int:
    """Send a request, unless the log has it already."""
    key = home.signing_key()
    for index, entry in record.statements:
        mine = entry.author == key.public.raw
        if mine and isinstance(entry.payload, Request) and replace(entry.payload, work=asked.work) == asked:
            print(f"entry {index}")
            return 0
    bits = record.definition.budgets.work
    send(home, [ask(home.pin.definition, key.public.raw, asked, bits, key.sign)], timeout)
    print(f"entry {home.outbox.reached - 1}")
    return 0
