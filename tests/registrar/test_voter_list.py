"""Files of voters as people and their programs write them: the same voters, and every doubt by its line."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from psephos.errors import FormatError
from psephos.protocol.enrolment.invitation import normal_name, voter_name
from psephos.registrar.voter_list.doubt import DOUBTS, FAULTS
from psephos.registrar.voter_list.reading import VoterList, read_voters
from psephos.registrar.voter_list.row import Row

ZOE = "Zo\u00eb"


def noted(voters: VoterList) -> list[tuple[int, str]]:
    """What was found, without words."""
    return [(doubt.line, doubt.kind) for doubt in sorted(voters.faults + voters.doubts, key=lambda d: d.line)]


def read(text: str) -> VoterList:
    return read_voters(text.encode())


# -- encodings

UKRAINIAN = "Їжак Ґалаґан\nЮрій Щур\nМар'яна Єва\n"
WESTERN = f"{ZOE} Müller\nJosé Ångström\nAnna Berg\n"
# What may begin with a byte order mark, and what does not.
ENCODED = [
    ("utf-8", UKRAINIAN, "utf-8"),
    ("utf-8-sig", UKRAINIAN, "utf-8-sig"),
    ("utf-16", UKRAINIAN, "utf-16"),
    ("utf-16-le", UKRAINIAN, "utf-16-le"),
    ("utf-16-be", WESTERN, "utf-16-be"),
    ("utf-32", WESTERN, "utf-32"),
    ("windows-1251", UKRAINIAN, "windows-1251"),
    ("windows-1252", WESTERN, "windows-1252"),
    ("latin-1", WESTERN, "windows-1252"),
]


@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize(("encoding", "text", "told"), ENCODED)
def test_encodings_are_found_out(encoding: str, text: str, told: str, ends: str) -> None:
    voters = read_voters(text.replace("\n", ends).encode(encoding))
    assert voters.names == text.splitlines()
    assert voters.encoding == told
    guessed = told.startswith("windows")
    assert noted(voters) == ([(0, "guessed")] if guessed else [])
    if guessed:
        assert voters.names[0] in str(voters.doubts[0])  # people see whether it was right


def test_an_encoding_can_be_said() -> None:
    polish = "Łukasz Żądło\n".encode("windows-1250")
    assert read_voters(polish, "windows-1250").names == ["Łukasz Żądło"]
    assert not read_voters(polish, "windows-1250").doubts
    for wrong in ("klingon", "base64", "rot13"):
        with pytest.raises(FormatError, match="not known"):
            read_voters(polish, wrong)
    with pytest.raises(FormatError, match="line 2: not utf-8"):
        read_voters(b"Anna\n\xff\n", "utf-8")
    with pytest.raises(FormatError, match="line 3: not windows-1252: save the file as UTF-8"):
        read_voters(b"Anna\r\nEve\r\nJos\xe9 \x81\r\n")


# -- separators and columns


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("said", [True, False])
def test_separators_are_found_out(separator: str, said: bool) -> None:
    rows = [["Name", "E-mail"], ["Iris", "iris@x.example"], ["Jonas", ""]]
    text = "\n".join(map(separator.join, rows))
    voters = read((f"sep={separator}\n" if said else "") + text + "\n")
    first = 3 if said else 2
    assert voters.rows == (Row(first, "Iris", "iris@x.example"), Row(first + 1, "Jonas"))
    assert noted(voters) == [(first + 1, "unreached")]
    assert voters.separator == {",": "commas", ";": "semicolons", "\t": "tabs"}[separator]


@pytest.mark.parametrize(
    ("heading", "row"),
    [
        ("voter,email,address", "Iris Berg,i@x.example,Home"),
        ("E-Mail;Vorname;Nachname", "i@x.example;Iris;Berg"),
        ("Nom;Prénom;Courriel", "Iris;Berg;i@x.example"),  # names in the order in which they stand
        ("Ім'я;Прізвище;Електронна пошта", "Iris;Berg;i@x.example"),
        ("Ім\u02bcя та прізвище;Ел. пошта", "Iris Berg;i@x.example"),
        ("П.І.Б.;Пошта", "Iris Berg;i@x.example"),
        ("ФИО;Адрес;Почта", "Iris Berg;Home;i@x.example"),
        ("Enw;E-bost", "Iris Berg;i@x.example"),
        ("Member no;Full name;E-mail address", "17;Iris Berg;i@x.example"),
        ("NAME\tMAIL", "Iris Berg\ti@x.example"),
    ],
)
def test_headings_of_many_languages_are_known(heading: str, row: str) -> None:
    voters = read(f"{heading}\n{row}\n")
    assert not voters.faults + voters.doubts
    assert [(each.line, each.name, each.email) for each in voters.rows] == [(2, "Iris Berg", "i@x.example")]
    assert voters.columns.unused == (["Member no"] if "Member" in heading else [])


def test_a_heading_alone_in_its_column_is_no_voter() -> None:
    for heading in ("voter", "Name", "ПІБ", "Enw llawn"):
        voters = read(f"{heading}\nIris\nJonas\n")
        assert (voters.names, voters.columns.heading) == (["Iris", "Jonas"], (heading,))


def test_one_file_serves_roll_and_letters() -> None:
    voters = read(
        'name;email;street;town;account\nIris;;"1 Quay\nFlat 2";Selm;\nJonas;j@x.example;;;\nAda;;;;00u1\n'
    )
    assert voters.rows == (
        Row(2, "Iris", "", ("1 Quay", "Flat 2", "Selm")),
        Row(4, "Jonas", "j@x.example"),
        Row(5, "Ada", "", (), "00u1"),
    )


def test_names_beside_addresses_need_no_heading() -> None:
    voters = read("i@x.example;Iris\nj@x.example;Jonas\n")
    assert voters.rows == (Row(1, "Iris", "i@x.example"), Row(2, "Jonas", "j@x.example"))


# -- faults: there is no roll

FAULTY = [
    ("", [(0, "nobody")]),
    ("\n \n", [(0, "nobody")]),
    ("name;email\n", [(0, "nobody")]),
    ("Berg;Iris\nBerg;Jonas\n", [(1, "columns")]),
    ("no;email\n1;i@x.example\n", [(1, "no-name")]),
    ("name;email;email\nIris;i@x.example;\n", [(1, "twice")]),
    ("name;email\nIris;i@x.example;more\n", [(2, "wide")]),
    ("Iris\nBerg, Jonas\n", [(2, "wide")]),
    ("name;email\n;i@x.example\n", [(2, "nameless")]),
    ('"Iris\nBerg"\n', [(1, "control")]),
    ("Iris\x07\n", [(1, "control")]),
    ("Iris\u2028Berg\n", [(1, "control")]),
    (200 * "x" + "\n" + 201 * "x", [(2, "long")]),
    ("Iris\nJonas\nIris\n", [(3, "again")]),
    (f"{ZOE}\n{unicodedata.normalize('NFD', ZOE)}\n", [(2, "again")]),
    ("Iris M\nIris\u00a0M\nIris  M\nIris\u2003 M\n", [(2, "again"), (3, "again"), (4, "again")]),
    ("Iris\nIris\u200b\n", [(2, "again"), (2, "invisible")]),
    ("Iris\nI\u00adris\n", [(2, "again"), (2, "invisible")]),
]


@pytest.mark.parametrize(("text", "expected"), FAULTY)
def test_faults_are_named_by_line(text: str, expected: list[tuple[int, str]]) -> None:
    voters = read(text)
    assert sorted(noted(voters)) == sorted(expected)
    assert voters.faults


def test_quotes_that_do_not_match_are_no_table() -> None:
    with pytest.raises(FormatError, match="line 2: quotation marks do not match"):
        read('name;email\n"Iris;i@x.example\n')
    with pytest.raises(FormatError, match="line 1: quotation marks"):
        read('"Iris" Berg\n')


# -- doubts: somebody looks at them

DOUBTFUL = [
    ("Iris\n\nJonas\n\n", [(2, "empty")]),
    ("name;email\n;\nIris;i@x.example\n;;;\n", [(2, "empty")]),
    ("i@x.example\nj@x.example\n", [(1, "at"), (2, "at")]),
    ('name,email\n"Iris;Jonas",i@x.example\n', [(2, "separator")]),
    ("Iris\u202esanoJ\n", [(1, "invisible")]),
    ("Iris\nI\ufffdga\nInga?\n", [(2, "lost"), (3, "lost")]),
    ("Zo\u00c3\u00ab\n", [(1, "twisted")]),
    ("Iris\nName\n", [(2, "heading")]),
    ("Iris Berg\nIRIS BERG\n", [(2, "alike")]),
    ("name;email\nIris;i@x\nJonas;\n", [(2, "email"), (3, "unreached")]),
    ("name;email\nIris;i@x.example\nJonas;i@x.example\n", [(3, "email-again")]),
    (f"name;address\nIris;{101 * 'x'}\n", [(2, "address")]),
    ("name;account\nIris;a\nJonas;a\n", [(3, "account-again")]),
    (f"name;account\nIris;{256 * 'a'}\n", [(2, "account")]),
]


@pytest.mark.parametrize(("text", "expected"), DOUBTFUL)
def test_doubts_are_named_by_line(text: str, expected: list[tuple[int, str]]) -> None:
    voters = read(text)
    assert sorted(noted(voters)) == expected
    assert not voters.faults
    assert voters.rows


@pytest.mark.parametrize("name", ["شیرین\u200cزبان", "क्\u200dष", "O'Brien", "Мар'яна", "12-345", "Ole (jr.)"])
def test_names_as_they_are_written_raise_no_doubt(name: str) -> None:
    voters = read(f"{name}\n")
    assert (voters.names, noted(voters)) == ([name], [])


def test_every_kind_is_tried_and_says_what_to_look_at() -> None:
    tried = [doubt for text, _ in [*FAULTY, *DOUBTFUL] for doubt in read(text).faults + read(text).doubts]
    assert {doubt.kind for doubt in tried} | {"guessed"} == set(FAULTS | DOUBTS)
    for doubt in tried:
        text = str(doubt)
        assert "{" not in text
        assert "\u202e" not in text
        assert doubt.grave == (doubt.kind in FAULTS)
    assert str(read("Iris\nIris\u200b\n").faults[0]).startswith(
        "line 2: IrisU+200B is the name of line 1 again"
    )


# -- whatever stands in it


@given(st.text(max_size=60))
def test_normal_names_stay_as_they_are(text: str) -> None:
    name = normal_name(text)
    assert normal_name(name) == name == unicodedata.normalize("NFC", name)
    assert "  " not in name
    assert name == name.strip(" \u00a0\u3000")


@given(st.one_of(st.binary(max_size=200), st.text(max_size=200).map(str.encode)))
def test_any_bytes_are_voters_or_refused_in_words(data: bytes) -> None:
    try:
        voters = read_voters(data)
    except FormatError:
        return
    for doubt in voters.faults + voters.doubts:
        assert str(doubt)
    if not voters.faults:
        assert voters.names == [voter_name(normal_name(name)) for name in voters.names]
        assert len(set(voters.names)) == len(voters.names) > 0
