"""Letters on paper, as a reader of PDF sees them and as they look."""

from __future__ import annotations

import io
import re
import unicodedata
from itertools import groupby

import pytest
import zxingcpp
from PIL import Image
from pypdf import PdfReader
from pypdfium2 import PdfDocument

from psephos.errors import FormatError
from psephos.protocol.enrolment.invitation import Invitation
from psephos.registrar.invitations.mailing import Letter
from psephos.registrar.invitations.printing import print_letters
from psephos.registrar.invitations.wording import LetterWording
from psephos.typesetting.document import FONTS
from tests.registrar.lettering import CONTACT, QUESTIONS, SITE, facts, letter

OURS = LetterWording()
NAMES = [
    "Олександр Ґалаґан",
    "محمد علي",
    "משה כהן",
    "Siân Ŵyn Llŷr-Ôn",
    "Nguyễn Hường Ễ",
    "Çağrı Şükrü Işık",
]
MARKUP = [
    '#panic("x")',
    "*bold* _it_ $x$",
    "= Heading",
    '#read("/etc/passwd")',
    "\\#x `raw` <fault> @ref",
    "// x",
]


def read(pdf: bytes) -> PdfReader:
    return PdfReader(io.BytesIO(pdf))


def printed(*letters: Letter, wording: LetterWording = OURS, languages: tuple[str, ...] = ("en",)) -> bytes:
    return print_letters(letters, wording, facts(*languages))


def text_of(pdf: bytes) -> str:
    """In lines joined where the page has broken them."""
    return " ".join(" ".join(page.extract_text() for page in read(pdf).pages).split())


def pictures(pdf: bytes, dots: int) -> list[Image.Image]:
    """Each page as another program than ours draws it, with so many dots per inch."""
    return [page.render(scale=dots / 72).to_pil() for page in PdfDocument(pdf)]


def scanned(picture: Image.Image) -> Invitation:
    (code,) = zxingcpp.read_barcodes(picture)
    assert code.text.startswith(f"{SITE}booth/enrol.html#i=")
    return Invitation.from_address(code.text)


def test_a_letter_says_where_when_on_what_from_whom_and_whom_to_ask() -> None:
    text = text_of(printed(letter("Éva Müller")))
    for said in (
        "Éva Müller 1 Harbour Road 4711 Town Your invitation to vote: The harbour, Piraeus Dear Éva Müller,",
        QUESTIONS["en"],
        "Get your voting cards before enrolment ends: Sunday 17 March 2030, 18:46 (16:46 UTC)",
        "Voting begins: Sunday 17 March 2030, 19:46 (17:46 UTC)",
        "Voting ends: Monday 18 March 2030, 05:46 (03:46 UTC)",
        f"open {SITE}booth/enrol.html and show the square",
        f"you vote at {SITE}",
        "The assembly holds this vote; Register 1 sends this letter.",
        f"Ask here: {CONTACT}",
    ):
        assert said in text
    assert re.search(r"They must be these:( [a-z]+){6} ", text)
    assert "psephos voter" not in text


@pytest.mark.parametrize("dots", [150, 300])
def test_the_code_is_scanned_from_the_page(dots: int) -> None:
    letters = [letter("Ada"), letter("Олександр Ґалаґан" * 4)]
    for one, picture in zip(letters, pictures(printed(*letters), dots), strict=True):
        assert scanned(picture) == one.person.invitation


def test_a_letter_in_two_languages_has_a_page_and_the_code_for_each() -> None:
    pdf = printed(letter("Ada"), languages=("en", "uk"))
    first, second = (page.extract_text() for page in read(pdf).pages)
    assert QUESTIONS["en"] in first
    assert QUESTIONS["uk"] in second
    assert "Доброго дня, Ada!" in second
    assert [scanned(picture) for picture in pictures(pdf, 150)] == 2 * [letter("Ada").person.invitation]


def test_texts_without_a_catalogue_stand_between_ours_in_english() -> None:
    text = text_of(printed(letter("Ada"), languages=("ar", "en")))
    assert text.count("Dear Ada,") == 2
    assert QUESTIONS["en"] in text


@pytest.mark.parametrize("name", NAMES)
def test_names_in_any_of_the_scripts_are_printed(name: str) -> None:
    (page,) = read(printed(letter(name))).pages
    text = unicodedata.normalize("NFC", page.extract_text())
    assert all(word in text for word in name.split()) or all(word[::-1] in text for word in name.split())


def test_hebrew_runs_from_right_to_left() -> None:
    """Vav alone is much narrower than shin: it stands at the left, though it comes last."""
    widths = _pieces("שו")
    assert widths[0] < widths[-1]


def test_arabic_letters_join() -> None:
    """Four letters are one piece of ink, unless something between them keeps them apart."""
    assert len(_pieces("محمد")) == 1
    assert len(_pieces("\u200c".join("محمد"))) == 4


def _pieces(name: str) -> list[int]:
    """How wide the pieces of ink are that a name in the address consists of, from the left, in dots."""
    (picture,) = pictures(printed(letter(name, address=("1",))), 300)
    page = picture.convert("L")
    scale = page.width / 210
    strip = page.crop((0, int(48 * scale), page.width, int(54.5 * scale))).point(
        lambda dot: 255 * (dot < 160)
    )
    columns = [strip.crop((x, 0, x + 1, strip.height)).getbbox() is not None for x in range(strip.width)]
    return [len(list(run)) for ink, run in groupby(columns) if ink]


@pytest.mark.parametrize("markup", MARKUP)
def test_whatever_a_voter_is_called_is_text_and_no_markup(markup: str) -> None:
    pdf = printed(
        letter(markup, address=(markup,)),
        wording=LetterWording.parse(f"Subject {{voter}}\n{markup}\n\nTo {{voter}}"),
    )
    assert text_of(pdf).count(" ".join(markup.split())) == 5


def test_the_pdf_is_tagged_and_says_so() -> None:
    reader = read(printed(letter("Ada"), languages=("en", "uk")))
    root = reader.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert root["/StructTreeRoot"]["/K"]
    assert "<pdfuaid:part>1</pdfuaid:part>" in root["/Metadata"].get_data().decode()
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert reader.metadata is not None
    assert reader.metadata.title == "Invitations"
    tags = str(_tags(root["/StructTreeRoot"]))
    assert all(f"/{tag}" in tags for tag in ("H1", "P", "Figure"))


def _tags(node: object) -> list[object]:
    node = node.get_object() if hasattr(node, "get_object") else node
    if isinstance(node, list):
        return [_tags(one) for one in node]
    return [node.get("/S"), _tags(node["/K"])] if isinstance(node, dict) and "/K" in node else []


def test_the_same_letters_are_the_same_bytes_and_only_our_fonts_are_in_them() -> None:
    first, second = (printed(letter("Ada")) for _ in range(2))
    assert first == second
    fonts = {str(name) for page in read(first).pages for name in _fonts(page)}
    assert fonts
    assert all("NotoSans" in name for name in fonts)
    assert (FONTS / "LICENSE").read_text().count("Copyright") >= 3


def _fonts(page: object) -> list[object]:
    fonts = page["/Resources"]["/Font"]  # type: ignore[index]
    return [one.get_object()["/BaseFont"] for one in fonts.values()]


@pytest.mark.parametrize(
    ("one", "said"),
    [
        (letter(("Anna Maria Theresia Josepha Antonia " * 6)[:195].strip()), "do not fit the window"),
        (
            letter(
                "Ada", address=["Line with a long address: building, staircase, floor, care of, dept."] * 6
            ),
            "window",
        ),
        (letter("Ada", address=["W" * 95]), "do not fit the window"),
    ],
)
def test_an_address_that_does_not_fit_the_window_is_refused_by_name(one: Letter, said: str) -> None:
    crowded = [letter("Blaise"), letter("Ada", address=["L"] * 6), one]
    if len(one.person.contact.voter) > 100:
        one = letter(
            one.person.contact.voter, address=["Line of an address that is long enough to be seen"] * 6
        )
        crowded[-1] = one
    with pytest.raises(FormatError, match=said) as refused:
        printed(*crowded)
    assert one.person.contact.voter in str(refused.value)


def test_a_text_that_does_not_fit_the_page_is_refused() -> None:
    with pytest.raises(FormatError, match="does not fit on a page"):
        printed(letter("Ada"), wording=LetterWording.parse("Subject\n" + "line\n" * 60))


@pytest.mark.parametrize("count", [1, 5])
@pytest.mark.parametrize(
    ("voter", "named"),
    [
        ("王小明", "cannot print '王' (U+738B CJK"),
        ("Ada 👍", "cannot print '👍' (U+1F44D THUMBS UP"),
    ],
)
def test_a_character_that_cannot_be_printed_is_named_with_the_voter(
    count: int, voter: str, named: str
) -> None:
    some = [letter(f"Ada {number}") for number in range(count)]
    with pytest.raises(FormatError, match=re.escape(f"letter to {voter}: {named}")):
        printed(*some, letter(voter), *some)


def test_a_name_that_turns_other_text_turns_itself_alone() -> None:
    (picture,) = pictures(printed(letter("Ada\u202eadA", address=("1",))), 50)
    plain = print_letters([letter("Ada")], LetterWording.parse("Subject\n{voter}: read this"), facts())
    turned = print_letters([letter("A\u202eda")], LetterWording.parse("Subject\n{voter}: read this"), facts())
    assert ": read this" in text_of(plain)
    assert ": read this" in text_of(turned)
    assert picture.width
