"""Makes the pictures in docs/images: `make screenshots`.

A referendum of seventy voters is held in memory. One of them enrols and votes in Chromium, on the pages that
everybody is served. The result page and the report of the verifier are those of the record that this leaves.
Keys and ballots are drawn anew each time, so names of cards and trackers differ from picture to picture.
"""

from __future__ import annotations

import io
import re
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Locator, Page, sync_playwright
from rich.console import Console
from rich.text import Text

from psephos.crypto.card import derive_cards
from psephos.protocol.setup.pin import Pin
from psephos.simulation import referendum as memory
from psephos.simulation.definitions import HARBOUR
from psephos.voter.card import Card
from tests.booth.offered import Served, serve
from tests.booth.visitor import (
    PHONE,
    TIMEOUT,
    Visitor,
    cast,
    choose,
    heading,
    kept,
    make_cards,
    press,
    send_cards,
    show,
)
from tests.server.reading import serving, site

ROOT = Path(__file__).parents[2]
HARBOUR_ONLY = replace(HARBOUR, question={"en": "Shall the city build the new harbour?"})
VOTES = {0: 34, 1: 19, memory.BLANK: 3}
"""How many vote for which option, by position, beside the one in Chromium."""
ABSENT = 9
"""How many enrol and do not vote; four on the roll do not enrol."""
SHARP = {**PHONE, "device_scale_factor": 2}
TALL = {"width": 390, "height": 955}
PROGRAMS = ["chromium", "chromium-browser", "google-chrome"]
COLOURS = 128
SHOWN = 6
"""How many checks the report's picture shows at either end."""
DAY = 1_790_000_000
"""When voting begins, UTC seconds."""


class Album:
    """A directory for pictures."""

    def __init__(self, directory: Path) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        self._directory = directory

    def keep(self, name: str, element: Page | Locator) -> None:
        """A picture of a screen or a part of it, as a PNG of few colours."""
        picture = Image.open(io.BytesIO(element.screenshot())).convert("RGB")
        small = picture.quantize(COLOURS, dither=Image.Dither.NONE)
        file = self._directory / f"{name}.png"
        small.save(file, optimize=True)
        print(f"{file}: {file.stat().st_size // 1024} KiB", flush=True)

    def keep_terminal(self, name: str, command: str, output: str) -> None:
        """What a command prints, as an SVG."""
        lines = shortened(output.rstrip("\n").split("\n"))
        width = max(map(len, [f"$ {command}", *lines]))
        console = Console(record=True, width=width, file=io.StringIO(), force_terminal=True)
        console.print(Text(f"$ {command}", style="bold"))
        console.print(Text.from_ansi("\n".join(lines)))
        file = self._directory / f"{name}.svg"
        drawing = console.export_svg(title=command.split(" --")[0])
        file.write_text(re.sub(r"@font-face \{.*?\}", "", drawing, flags=re.DOTALL))  # nothing is fetched
        print(f"{file}: {file.stat().st_size // 1024} KiB", flush=True)


def shortened(lines: list[str]) -> list[str]:
    """A report without the middle of its table of checks and without its table of regions."""
    rows = [index for index, line in enumerate(lines) if re.match(r"│ \d+\.\d", line)]
    first, last = rows[SHOWN], rows[-SHOWN]
    regions, end = [line.strip() for line in lines].index("regions"), len(lines) - 1
    gap = re.sub(r"[^│]", " ", lines[first]).replace("│   ", "│ ..", 1)
    return [*lines[:first], gap, *lines[last:regions], *lines[end:]]


def screenshots(directory: Path) -> None:
    album = Album(directory)
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        program = next(filter(None, map(shutil.which, PROGRAMS)), None)
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        work = Path(name)
        served = Served(
            work,
            ROOT / "booth",
            regions=["north"],
            questions=[HARBOUR_ONLY],
            voters=sum(VOTES.values()) + ABSENT + 5,
            languages=["en"],
            title={"en": "The new harbour"},
            windows=[(DAY, DAY + 36_000)],
            begun=False,
        )
        served.referendum.now = DAY - 86_400
        served.begin()
        try:
            with serve(served) as url:
                vote(served, Visitor(browser, url, [], SHARP), album)
        finally:
            served.close()
        count(served)
        with serving(site(served.referendum, work / "counted")) as url:
            album.keep("result", result_page(browser, url))
        verify(served, work / "counted", album)
        browser.close()


def vote(served: Served, visitor: Visitor, album: Album) -> None:
    """Enrolment and the day of voting, with one voter in Chromium."""
    [invitation] = served.invite(1)
    page = visitor.open("enrol")
    counting = make_cards(page, invitation, 2)
    press(page, "keepStart")
    words = {}
    for _ in range(2):
        heading(page, "keepTitle")
        card = page.locator(".card")
        words[card.locator("h2").inner_text()] = card.locator(".words").inner_text()
        if card.locator("h2").inner_text() == counting:
            album.keep("card", card)
        kept(page)
    send_cards(page)
    voters = [served.enrol(number) for number in VOTES.values()]
    served.enrol(ABSENT)
    served.close_enrolment()
    served.open()
    page = visitor.open("vote")
    show(page, words[counting])
    page.locator("main > fieldset").get_by_label("Yes", exact=True).check()
    album.keep("booth", page)
    choose(page, "Yes")
    heading(page, "sealedTitle")
    cast(page)
    referendum = served.referendum
    ballots = [
        referendum.ballot(known(card), [option])
        for option, cards in zip(VOTES, voters, strict=True)
        for card in (card for voter in cards for card in voter)
    ]
    served.waiting += ballots
    served.round()
    heading(page, "recordedTitle")
    album.keep("recorded", page)


def known(card: Card) -> memory.HeldCard:
    """A card as the simulator uses it. Voters vote alike with all of theirs: one of them counts."""
    scalar, key = derive_cards(card.election, card.region, card.secret)
    return memory.HeldCard(card.region, scalar, key, 0)


def count(served: Served) -> None:
    """From the seal of the day to the result."""
    referendum, trustees = served.referendum, (1, 2)
    referendum.seal(0, 1)
    referendum.weigh(trustees)
    referendum.close(trustees)
    referendum.release(trustees)
    referendum.certify()


def result_page(browser: Browser, url: str) -> Page:
    page = browser.new_context(locale="en-GB", **SHARP | {"viewport": TALL}).new_page()
    page.set_default_timeout(TIMEOUT)
    page.goto(f"{url}/en/result")
    return page


def verify(served: Served, directory: Path, album: Album) -> None:
    """What the command says of the record."""
    (directory / "pin.json").write_bytes(Pin.of(served.definition).encode())
    line = ["verify", "record", "--pin", "pin.json"]
    program = [str(Path(sys.executable).with_name("psephos")), *line]
    done = subprocess.run(program, cwd=directory, capture_output=True, text=True, check=True)
    album.keep_terminal("verify", " ".join(["psephos", *line]), done.stdout)


if __name__ == "__main__":
    started = time.monotonic()
    screenshots(Path(sys.argv[1]))
    print(f"{time.monotonic() - started:.0f} seconds")
