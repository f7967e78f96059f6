"""The pages in Chromium, phone-sized: enrolling, voting, checking, and what goes wrong on the way."""

from __future__ import annotations

import re
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import segno
import zxingcpp
from PIL import Image
from playwright.sync_api import Browser, Page, Playwright, Route, expect

from psephos.errors import FormatError
from psephos.protocol.entries import Promise, decode
from psephos.voter.card import Card
from tests.booth.catalogue import said, text
from tests.booth.offered import Served, serve
from tests.booth.visitor import (
    BLANK,
    Visitor,
    alarm,
    audit,
    cast,
    challenge,
    choose,
    draw_cards,
    enrol,
    explained,
    fill,
    give,
    heading,
    keep,
    kept,
    make_cards,
    prepare,
    press,
    saved,
    send_cards,
    show,
    stumbles,
)

pytestmark = [pytest.mark.needs("node"), pytest.mark.needs("chromium")]


def left(page: Page) -> str:
    """All that a page shows, and all that it could keep anything in."""
    kept = page.evaluate("JSON.stringify([localStorage, sessionStorage, history.state, location.href])")
    databases = page.evaluate("indexedDB.databases().then(JSON.stringify)")
    return page.content() + kept + databases + str(page.context.cookies())


def test_nothing_of_the_cards_is_left(visitor: Visitor, served: Served) -> None:
    [invitation] = served.invite(1)
    page, counting, cards = enrol(visitor, invitation)
    expect(page.locator(".registrars .there")).to_have_count(1)
    secrets = [counting, *cards, *cards.values(), "citizen 0"]
    found = left(page)
    assert not [one for one in secrets if one in found]
    page.reload()  # what is kept until the log has the cards tells no secret
    heading(page, "pendingTitle")
    found = left(page)
    assert not [one for one in secrets if one in found]
    served.close_enrolment()
    page.reload()
    heading(page, "enrolledTitle")
    assert page.evaluate("localStorage.length") == 0
    page.reload()
    heading(page, "overTitle")


def test_an_audit_shows_the_cards_and_throws_them_away(visitor: Visitor, served: Served) -> None:
    [invitation] = served.invite(1)
    page, second = visitor.open("enrol"), visitor.open("check", "cy-GB")
    audit(page, second, make_cards(page, invitation, 3), 3)
    draw_cards(page, 2)
    keep(page, 2)
    send_cards(page)


def test_a_name_that_no_card_has_is_not_recorded(visitor: Visitor) -> None:
    second = visitor.open("check")
    give(second, f"PSEPHOS-C-{'00' * 32}")
    for name in ("calm red", "calm red otter otter", "zigzag red otter"):
        fill(second, "countsWords", name)
        press(second, "next")
        alarm(second, "countsUnknown")
    fill(second, "countsWords", " Calm  red otter ")
    press(second, "next")
    heading(second, "recorded")


@pytest.fixture
def card(visitor: Visitor, served: Served) -> str:
    """The words of a card of a region that votes."""
    cards = served.enrol(3)
    served.close_enrolment()
    served.open()
    return cards[0][0].words


def test_a_page_that_is_loaded_again_has_forgotten_the_card(
    visitor: Visitor, served: Served, card: str
) -> None:
    page = visitor.open("vote")
    tracker = prepare(page, card, "Yes", BLANK)
    page.reload()
    heading(page, "cardTitle")
    found = left(page)
    assert card not in found
    assert tracker not in found
    prepare(page, card, "Yes", BLANK)
    cast(page)


def test_while_nobody_votes_no_card_is_asked_for(visitor: Visitor, served: Served) -> None:
    begins, ends = served.definition.regions[0].days[0]
    page = visitor.open("vote")
    heading(page, "votingNotNow")
    said_when(page, "votingBegins", begins)
    served.vote()
    page = visitor.open("vote")
    heading(page, "cardTitle")
    said_when(page, "votingUntil", ends)
    expect(page.get_by_text(text("en", "cardText"))).to_be_visible()
    expect(page.get_by_text(text("en", "cardAgainThen"))).to_be_visible()
    give(page, Card.derive(served.referendum.record.election, 0, bytes(16)).words)
    heading(page, "cardThis")
    served.referendum.seal(0, 1)
    served.publish()
    press(page, "cardYes")
    alarm(page, "votingNotNow")
    expect(page.get_by_role("alert")).to_contain_text(when("votingEnded", ends))
    late = visitor.open("vote")
    heading(late, "votingOverTitle")
    said_when(late, "votingEnded", ends)
    link = late.locator("main a")
    expect(link).to_have_attribute("href", "../en/")
    for closed in (late, visitor.open("vote", "uk")):
        expect(closed.locator("h1")).to_be_visible()
        assert closed.locator("fieldset.scanner").count() == 0
    enrolling = visitor.open("enrol")  # nobody is told to vote any more
    heading(enrolling, "overTitle")
    expect(enrolling.locator("main")).to_contain_text(text("en", "votingOver"))


def when(key: str, seconds: int) -> str:
    """A sentence with a time, by the clock of the region and with its zone's name."""
    local = datetime.fromtimestamp(seconds, ZoneInfo("Europe/Athens"))
    return text("en", key, time=f"{local:%A %-d %B %Y at %H:%M} (Eastern European Time)")


def said_when(page: Page, key: str, seconds: int) -> None:
    expect(page.locator(".when")).to_have_text(when(key, seconds))


def test_help_is_in_every_footer_and_with_every_error(visitor: Visitor, served: Served) -> None:
    for name, wrong in (("enrol", "fold"), ("vote", "no card"), ("check", "nothing")):
        if name == "vote":
            served.vote()
        page = visitor.open(name)
        line = said(page, "help", contact=served.contact)
        expect(page.locator("footer")).to_contain_text(line)
        expect(page.locator('footer a[href="../en/"]')).to_be_visible()
        if name == "enrol":
            explained(page)
        give(page, wrong)
        expect(page.get_by_role("alert")).to_contain_text(line)


def test_a_server_that_says_nothing_of_help_is_enough(visitor: Visitor, served: Served) -> None:
    for contact in (None, "call\u202e555", "two\nlines", "x" * 2000):
        served.contact = contact
        page = visitor.open("check")
        heading(page, "checkWhat")
        assert page.locator(".help").count() == 0
    visitor.noise.clear()  # the browser says that one was not there


def test_where_everybody_has_one_card_the_texts_fit(pages: Path, browser: Browser, tmp_path: Path) -> None:
    served = Served(tmp_path, pages, decoys=0)
    with serve(served) as url:
        visitor = Visitor(browser, url, [])
        page = visitor.open("enrol")
        heading(page, "explainOne")
        press(page, "next")
        give(page, served.invite(1)[0])
        heading(page, "auditTitle")  # neither a number nor a card is to be chosen
        press(page, "keepStart")
        heading(page, "keepTitle")
        kept(page)
        heading(page, "sendTitleOne")
        press(page, "sendOne")
        heading(page, "pendingTitleOne")
        served.vote()
        page.reload()
        heading(page, "enrolledTitleOne")
        page = visitor.open("vote")
        heading(page, "cardTitle")
        expect(page.get_by_text(text("en", "cardTextOne"))).to_be_visible()
        assert page.get_by_text(text("en", "cardText")).count() == 0
    assert visitor.noise == []
    served.close()


def test_a_challenge_a_second_vote_and_a_receipt(visitor: Visitor, served: Served, card: str) -> None:
    page, second = visitor.open("vote"), visitor.open("check", "fr-FR")
    show(page, card)
    expect(page.locator(".six strong")).to_have_text(re.compile(r"^(\w+ ){5}\w+$"))
    choose(page, "Yes", "Hestia's")
    heading(page, "sealedTitle")
    tracker = page.locator(".tracker").inner_text()
    challenge(page, second, "Hestia's")
    choose(page, "No", BLANK)
    assert page.locator(".tracker").inner_text() != tracker
    cast(page)
    promise = decode(saved(page, "savePromise"), message=True)
    assert isinstance(promise.payload, Promise)
    assert promise.author == served.definition.board.key
    assert promise.payload.ballot.hex() == page.locator(".tracker").inner_text()
    served.round()
    heading(page, "recordedTitle")
    expect(page.get_by_role("button", name=text("en", "saveReceipt"))).to_have_class("plain")
    with page.expect_download() as download:
        press(page, "saveReceipt")
    assert re.fullmatch(r"receipt-[0-9a-f]{8}\.psephos", called := download.value.suggested_filename)
    assert called[8:16] not in (found := page.locator(".tracker").inner_text()), found
    receipt = Path(download.value.path()).read_text()
    again = visitor.open("vote")
    show(again, card)
    choose(again, "Yes", BLANK)
    press(again, "castThis")
    heading(again, "usedTitle")  # so nobody takes it for the end
    press(again, "usedSend")
    heading(again, "castTitle")
    checked = visitor.open("check")
    give(checked, receipt)
    heading(checked, "receiptGood")
    give_wrong = visitor.open("check")
    give(give_wrong, receipt.replace("index ", "index 1"))
    expect(give_wrong.get_by_role("alert")).to_be_visible()


def test_cards_that_cannot_vote_are_refused_in_words(visitor: Visitor, served: Served, card: str) -> None:
    page = visitor.open("vote")
    give(page, f"zoology {card.split(' ', 1)[1]}")
    expect(page.get_by_role("alert")).to_contain_text("“zoology”")
    expect(page.locator("textarea")).not_to_have_value("")  # to be mended, not typed again
    stranger = Card.derive(served.referendum.record.election, 0, bytes(16))
    give(page, stranger.text)
    heading(page, "cardThis")
    expect(page.locator(".name")).to_have_text(stranger.face.name)
    press(page, "cardYes")
    alarm(page, "notEnrolled")  # before anything is asked
    heading(page, "cardThis")
    with pytest.raises(FormatError):
        Card.scan(stranger.text + " ")


def test_answers_that_are_lost_are_asked_for_again(visitor: Visitor, served: Served) -> None:
    [invitation] = served.invite(1)
    page = visitor.open("enrol")
    make_cards(page, invitation, 2)
    keep(page, 2)
    asked: list[str] = []

    def lose(route: Route) -> None:
        asked.append(route.request.url)
        if len(asked) not in (1, 3, 5):  # a ready, a token-response, and a receipt
            route.continue_()
            return
        route.fetch()  # it arrives and is answered, but the answer does not
        route.abort()

    page.route("**/post/registrar", lose)
    for _ in range(2):
        press(page, "send")
        alarm(page, "missing")
        heading(page, "sendTitle")
    press(page, "send")
    heading(page, "pendingTitle")
    alarm(page, "missing")
    assert len(asked) == 6
    press(page, "sendAgain")
    expect(page.locator(".registrars .there")).to_have_count(1)
    expect(page.get_by_role("button", name=said(page, "sendAgain"))).to_have_count(0)
    visitor.noise.clear()  # the browser says that requests failed


@pytest.mark.parametrize(
    ("language", "tag"), [("uk-UA", "uk"), ("ru-RU", "ru"), ("cy-GB", "cy"), ("fr-CA", "fr"), ("eo", "en")]
)
def test_pages_speak_the_browsers_language(visitor: Visitor, language: str, tag: str) -> None:
    page = visitor.open("vote", language)
    expect(page.locator("h1")).to_have_text(text(tag, "votingNotNow"))
    page.locator("#language").select_option("fr")
    expect(page.locator("h1")).to_have_text(text("fr", "votingNotNow"))
    page.reload()
    expect(page.locator("h1")).to_have_text(text("fr", "votingNotNow"))


@pytest.mark.parametrize("colours", [{"color_scheme": "light"}, {"color_scheme": "dark"}], ids=str)
def test_nobody_stumbles(visitor: Visitor, served: Served, axe: str, colours: dict) -> None:
    [invitation] = served.invite(1)
    page = visitor.open("enrol")
    page.emulate_media(**colours)
    expect(page.get_by_text("1 / 5")).to_be_visible()
    assert stumbles(page, axe) == []
    make_cards(page, invitation, 2)
    assert stumbles(page, axe) == []
    press(page, "keepStart")
    heading(page, "keepTitle")
    assert stumbles(page, axe) == []
    words = page.locator(".words").inner_text()
    for _ in range(2):
        kept(page)
    assert stumbles(page, axe) == []
    send_cards(page)
    assert stumbles(page, axe) == []
    served.enrol(2)
    served.close_enrolment()
    served.open()
    page = visitor.open("check")
    page.emulate_media(**colours)
    heading(page, "checkWhat")
    assert stumbles(page, axe) == []
    page = visitor.open("vote")
    page.emulate_media(**colours)
    give(page, "no words")
    expect(page.get_by_role("alert")).to_be_visible()
    assert stumbles(page, axe) == []
    show(page, words)
    assert stumbles(page, axe) == []
    choose(page, "Yes", BLANK)
    heading(page, "sealedTitle")
    page.locator("main summary").click()
    assert stumbles(page, axe) == []
    press(page, "castThis")
    heading(page, "castTitle")
    assert stumbles(page, axe) == []


def cut_off(page: Page) -> list[str]:
    """What is wider than the screen."""
    return page.evaluate(
        """() => [...document.querySelectorAll("body *")]
            .filter((one) => one.getBoundingClientRect().right > innerWidth + 1
                || one.getBoundingClientRect().left < -1 || one.scrollWidth > one.clientWidth + 1)
            .filter((one) => getComputedStyle(one).display !== "inline" && !one.matches("svg *, [type=file]"))
            .map((one) => one.outerHTML)"""
    )


@pytest.mark.parametrize(
    ("language", "direction"),
    [("en", "ltr"), ("en", "rtl"), ("uk", "ltr"), ("ru", "ltr"), ("cy", "ltr"), ("fr", "ltr")],
)
def test_nothing_is_cut_off_on_the_smallest_phone(
    visitor: Visitor, served: Served, language: str, direction: str
) -> None:
    [invitation] = served.invite(1)
    page = visitor.open("check", language)
    page.set_viewport_size({"width": 320, "height": 568})
    page.evaluate("to => void (document.documentElement.style.direction = to)", direction)
    heading(page, "checkWhat")
    assert cut_off(page) == []
    page.goto(f"{visitor.url}booth/enrol.html")
    page.evaluate("to => void (document.documentElement.style.direction = to)", direction)
    heading(page, "alone")
    assert cut_off(page) == []
    make_cards(page, invitation, 3)
    assert cut_off(page) == []
    press(page, "keepStart")
    heading(page, "keepTitle")
    assert cut_off(page) == []
    for _ in range(3):
        kept(page)
    assert cut_off(page) == []
    send_cards(page)
    assert cut_off(page) == []


def test_that_the_record_is_being_read_is_said_on_the_screen(visitor: Visitor, served: Served) -> None:
    [invitation] = served.invite(1)
    page = visitor.open("enrol")
    page.set_viewport_size({"width": 320, "height": 568})
    explained(page)
    heading(page, "inviteTitle")
    page.route("**/log/checkpoint", lambda route: None)  # no answer
    give(page, invitation)
    expect(page.get_by_text(said(page, "loading"), exact=True)).to_be_in_viewport(ratio=1)


def test_a_ballot_is_made_without_the_network_and_cast_with_it(
    visitor: Visitor, served: Served, card: str
) -> None:
    page = visitor.open("vote")
    show(page, card)
    page.context.set_offline(True)
    choose(page, "Yes", BLANK)
    heading(page, "sealedTitle")
    tracker = page.locator(".tracker").inner_text()
    press(page, "castThis")
    alarm(page, "missing")
    visitor.noise.clear()  # the browser says that it is offline
    page.context.set_offline(False)
    press(page, "castThis")
    heading(page, "castTitle")
    assert page.locator(".tracker").inner_text() == tracker


def test_a_ballot_waits_before_it_is_sent_if_the_voter_wishes(
    visitor: Visitor, served: Served, card: str
) -> None:
    page = visitor.open("vote")
    show(page, card)
    choose(page, "Yes", BLANK)
    heading(page, "sealedTitle")
    page.get_by_role("checkbox").check()
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url))
    page.clock.install()
    page.clock.pause_at(page.evaluate("Date.now() + 60000"))
    press(page, "castThis")
    heading(page, "sending")
    assert sent == []
    page.clock.fast_forward(600_000)
    heading(page, "castTitle")
    assert [url for url in sent if url.endswith("/post/board")]


def test_no_ballot_waits_until_its_day_is_over(visitor: Visitor, served: Served, card: str) -> None:
    _, ends = served.definition.regions[0].days[0]
    page = visitor.open("vote")
    prepare(page, card, "Yes", BLANK)
    page.get_by_role("checkbox").check()
    page.clock.install()
    page.clock.pause_at(1000 * (ends - 61))
    press(page, "castThis")
    heading(page, "sending")
    page.clock.fast_forward(1_000)
    heading(page, "castTitle")


def test_the_keyboard_is_enough(visitor: Visitor, served: Served, card: str) -> None:
    page = visitor.open("vote")
    heading(page, "cardTitle")
    page.locator("textarea").focus()
    page.keyboard.type(card)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    heading(page, "cardThis")
    expect(page.locator("h1")).to_be_focused()  # whoever listens hears what is new
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    heading(page, "voteTitle")
    for _ in range(2):
        page.keyboard.press("Tab")
        page.keyboard.press("Space")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    heading(page, "answers")
    expect(page.locator("dd").first).to_have_text("Yes")
    for screen in ("sealedTitle", "castTitle"):
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        heading(page, screen)


def test_a_saved_picture_is_a_card(visitor: Visitor, served: Served, tmp_path: Path) -> None:
    [invitation] = served.invite(1)
    page = visitor.open("enrol")
    make_cards(page, invitation, 2)
    press(page, "keepStart")
    name = page.locator(".card h2").inner_text()
    words = page.locator(".words").inner_text()
    with page.expect_download() as download:
        press(page, "keepSave")
    expect(page.get_by_role("button", name=text("en", "keepNext"))).to_be_enabled()
    called = download.value.suggested_filename  # tells neither which card it is nor how many there were
    assert re.fullmatch(r"card-[0-9a-f]{8}\.png", called)
    picture = tmp_path / "card.png"
    download.value.save_as(picture)
    served.vote()
    page = visitor.open("vote")
    page.locator("input[type=file]").set_input_files(picture)
    heading(page, "cardThis")
    expect(page.locator(".name")).to_have_text(name)
    with Image.open(picture) as image:
        [code] = zxingcpp.read_barcodes(image.convert("L"))
    assert Card.scan(code.text).words == words


def test_on_paper_a_card_stands_alone(visitor: Visitor, served: Served) -> None:
    [invitation] = served.invite(1)
    page = visitor.open("enrol")
    make_cards(page, invitation, 2)
    press(page, "keepStart")
    heading(page, "keepTitle")
    page.emulate_media(media="print")
    for other in page.locator("header, footer, h1, main > p, main > button").all():
        expect(other).to_be_hidden()
    expect(page.locator(".words")).to_be_visible()


def film(text: str, path: Path) -> Path:
    """A film of one still: a code, as a camera sees it (YUV4MPEG2)."""
    scale, modules = 8, [list(row) for row in segno.make(text, error="m").matrix_iter(border=4)]
    side = scale * len(modules)
    dark = bytes(16 if modules[y // scale][x // scale] else 235 for y in range(side) for x in range(side))
    grey = bytes([128]) * (side * side // 2)
    path.write_bytes(f"YUV4MPEG2 W{side} H{side} F5:1 Ip A1:1 C420\n".encode() + b"FRAME\n" + dark + grey)
    return path


def test_a_card_is_read_by_the_camera(
    playwright: Playwright, served: Served, tmp_path: Path, program: str
) -> None:
    card = Card.derive(served.referendum.record.election, 0, bytes(16))
    served.vote()
    arguments = [
        "--no-sandbox",
        "--use-fake-ui-for-media-stream",
        "--use-fake-device-for-media-stream",
        f"--use-file-for-fake-video-capture={film(card.text, tmp_path / 'card.y4m')}",
    ]
    with serve(served) as url:
        browser = playwright.chromium.launch(executable_path=program, args=arguments)
        page = Visitor(browser, url, []).open("vote")
        press(page, "camera")
        heading(page, "cardThis")
        expect(page.locator(".name")).to_have_text(card.face.name)
        browser.close()


def test_a_voter_reads_explanations_and_arguments_before_she_votes(
    pages: Path, browser: Browser, tmp_path: Path
) -> None:
    read = {"whole": "Where ships land.", "yes": "It brings <b>fish</b>.\n\nAnd trade.", "elsewhere": "?"}
    digests = {name: sha256(content.encode()).hexdigest() for name, content in read.items()}
    files = {name: dict.fromkeys(("en", "de"), digest) for name, digest in digests.items()}
    yes = {"contest": "harbour", "option": "yes", "by": {"en": "The fishermen", "de": "Die Fischer"}}
    texts = [{"files": files["whole"]}, yes | {"files": files["yes"]}]
    texts.append({"contest": "temple", "files": files["elsewhere"]})
    served = Served(tmp_path, pages, texts=texts)
    blobs = tmp_path / "public/record/blob"
    blobs.mkdir()
    for name, content in read.items():
        (blobs / digests[name]).write_text(content)
    (blobs / digests["elsewhere"]).write_text("Another text.")
    [[card, *_], *_] = served.enrol(3)
    served.close_enrolment()
    served.open()
    with serve(served) as url:
        visitor = Visitor(browser, url, [])
        page = visitor.open("vote")
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url.rpartition("/blob/")[2]))
        show(page, card.words)
        summaries = page.get_by_text(said(page, "explanations"), exact=True)
        expect(summaries).to_have_count(3)
        assert not set(digests.values()) & set(asked)
        summaries.nth(1).click()
        expect(page.get_by_text("It brings <b>fish</b>.")).to_be_visible()
        expect(page.get_by_text("The fishermen")).to_be_visible()
        assert set(digests.values()) <= set(asked)  # all at once: which of them is read is not shown
        summaries.nth(2).click()
        expect(page.get_by_text(digests["elsewhere"])).to_be_visible()
        assert page.get_by_text("Another text.").count() == 0
    assert visitor.noise == []
    served.close()
