"""Definitions and pins, right and wrong (`spec/definition.md`, `spec/schemas/pin.json`)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import Any

from psephos.crypto.signature import SigningKey
from psephos.protocol.encoding import canonical_json
from psephos.protocol.setup.document import parse
from psephos.protocol.setup.pin import Pin
from psephos.simulation.definitions import ABOUT, HARBOUR, TEMPLE, Question, proposals, sample
from vector_generator.vector import Vector, accepted, rejected

GONE = object()
APPEALS = SigningKey(hashlib.sha256(b"the court of appeals").digest()).public.raw.hex()
Edits = dict[str, Any]
RELAYS = [{"name": "The messengers", "address": "https://relay.example/messages"}]
NO_KEYS = {
    "a-key-not-on-the-curve": b"\2" + bytes(31),
    "a-key-beyond-the-field": b"\xee" + b"\xff" * 30 + b"\x7f",
    "the-identity": b"\1" + bytes(31),
    "a-negative-zero": b"\1" + bytes(30) + b"\x80",
    "a-key-of-order-2": b"\xec" + b"\xff" * 30 + b"\x7f",
    "a-key-of-order-4": bytes(32),
    "a-key-of-order-8": bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"),
}


def _document(**arguments: Any) -> bytes:
    """A sample in one language."""
    return sample(languages=("en",), **arguments)[0]


def changed(document: bytes, edits: Mapping[str, Any]) -> bytes:
    """The document with other values, or nothing (GONE), at paths like `regions.0.id`."""
    whole = json.loads(document)
    for path, value in edits.items():
        *way, last = (int(step) if step.isdigit() else step for step in path.split("."))
        parent = whole
        for step in way:
            parent = parent[step]
        if value is GONE:
            del parent[last]
        else:
            parent[last] = value
    return canonical_json.encode(whole)


def _good(name: str, document: bytes) -> Vector:
    """An accepted definition, and its hash."""
    return accepted("definition", name, document=document.decode(), hash=parse(document).hash.hex())


def _edited(good: Vector, name: str, edits: Edits) -> Vector:
    """A refused definition, by what it sets and removes in the accepted one."""
    if changed(good["document"].encode(), edits) == good["document"].encode():
        raise ValueError(f"{name} changes nothing")
    put = {path: value for path, value in edits.items() if value is not GONE}
    gone = [path for path, value in edits.items() if value is GONE]
    return rejected(good, name, "2.2", document=None, hash=None, set=put, remove=gone)


def definition_vectors() -> Iterator[Vector]:
    """What is a valid definition and what is none (check 2.2)."""
    document = _document(regions=("athens", "sounion"), ballots={"sounion": ["temple"]})
    good = _good("two-regions", document)
    yield good
    yield from _accepted(document)
    for name, edits in (_form(document) | _rules() | _places(document)).items():
        yield _edited(good, name, edits)
    for name, text in _texts(document.decode()).items():
        yield rejected(good, name, "2.2", document=text, hash=None)
    yield from _without_decoys()
    yield from _preferences()
    yield from _divisions()
    yield from _about()
    yield from _explanations()


def _accepted(document: bytes) -> Iterator[Vector]:
    plain = _document(regions=("athens",), decoys=0, trustees=1, threshold=1, questions=(HARBOUR,))
    yield _good("without-decoys", plain)
    several = _document(regions=("athens",), registrars=8, decoys=16)
    yield _good("eight-registrars", several)
    relayed = {"relays": [*RELAYS, RELAYS[0] | {"address": "http://[::1]:8600/a//b"}], "hold": 604_800}
    relayed |= {f"regions.{region}.closes": 1_900_000_000 - 604_800 - 300 - 600 for region in (0, 1)}
    yield _good("relays", changed(document, relayed))
    merged = _document(regions=("piraeus", "athens"), questions=(TEMPLE,), merge_into={"piraeus": "athens"})
    yield _good("merged", merged)
    edits = {
        "styles.1.languages": ["grc", "en-GB"],
        "styles.1.contests.0.question": {"grc": "τίνος;", "en-GB": "Whose?"},
        "styles.1.contests.0.options": [{"grc": "θεοῦ", "en-GB": "God's"}] * 3,
        "regions.0.days": [[0, 1], [1, 2], [5, 7]],
        "regions.0.closes": 0,
        "regions.0.review": 0,
        "regions.1.review": 1_900_000_000 - 1_899_000_000,
        "regions.1.closes": 1_899_000_000,
        "min_region": 1_000_000,
        "tolerance": 0,
        "title.en": "\U0001f3db" * 4000,
    }
    yield _good("edges", changed(document, edits))
    numbers = {"words": 65_536, "files": 0, "parts": 2**40, "observers": 0, "requests": 9, "reserved": 9}
    for name, budgets in {"budgets-of-its-own": numbers | {"work": 32}, "default-budgets": {}}.items():
        yield _good(name, changed(document, {"budgets": budgets}))
    appeals = {"name": "The Areopagus", "address": "Athens", "days": 366, "key": APPEALS}
    heard = changed(document, {"appeals": appeals})
    yield _good("appeals", heard)
    of_all_kinds = [
        {"kind": "plurality"},
        {"kind": "simple-majority"},
        {"kind": "absolute-majority", "of": "voted"},
        {"kind": "region-majority", "more_than": [0, 1]},
        {"kind": "turnout-quorum", "at_least": [1, 1], "of": "roll"},
        {"kind": "approval-quorum", "at_least": [0, 1000], "of": "enrolled"},
    ]
    rules = changed(document, {"contests.0.rule.conditions": of_all_kinds, "contests.1.rule": GONE})
    yield _good("all-conditions", rules)


def _form(document: bytes) -> dict[str, Edits]:
    """One member with a value it cannot have."""
    witness = json.loads(document)["witnesses"]["members"][0]
    registrar = json.loads(document)["registrars"][0]
    edits: dict[str, list[Any]] = {
        "version": [2, 0, "1", GONE],
        "titel": ["x"],
        "title": [GONE, "x", {}, {"en": "x", "fr": "x"}],
        "title.en": ["", "x" * 4001, 1],
        "languages": [[], ["en", "en"], ["EN"], ["e"], ["en-"], ["en-x"], "en", [1]],
        "organiser": ["x", []],
        "organiser.name": [""],
        "organiser.key": ["AB" * 32, "ab" * 31, "ab" * 33, 1],
        "registrars": [[], {}, registrar, [registrar] * 2, [registrar] * 9, GONE],
        "registrars.0.mail": ["x"],
        "registrars.0.key": [GONE, "00" * 32],
        "board.origin": ["a log", "a+b", "", "a\u00e4", 1, "x" * 4001],
        "witnesses.members": [[], {}, [witness] * 2],
        "witnesses.members.0.name": ["", "a b", "witness-2.example"],
        "witnesses.quorum": [0, 1, 4],
        "witnesses.faulty": [1, 2, -1],
        "trustees.members": [[]],
        "trustees.threshold": [0, 1, 4],
        "trustees.close": [1, 4],
        "decoys": [-1, 0, 1, 3, 17, "4", GONE],
        "relays": [GONE, {}, RELAYS, [1]],
        "hold": [GONE, 1, -1],
        "cover": [GONE, {}],
        "cover.delta": [0, 1001],
        "cover.decoys": [0, 1001],
        "cover.epsilon": [[1], [0, 1], [1, 1001], [1, 1, 1]],
        "budgets": [
            [],
            {"words": 65_535},
            {"files": 2**40 + 1},
            {"parts": "1000000"},
            {"observers": 100_001},
            {"requests": 199},
            {"requests": 10, "reserved": 11},
            {"work": 33},
            {"statements": 100_000},
        ],
        "appeals": [
            {},
            {"name": "x", "address": "x", "days": 3},
            *(
                {"name": "x", "address": "x", "days": 3, "key": APPEALS} | change
                for change in (
                    {"days": 0},
                    {"days": 367},
                    {"name": ""},
                    {"address": "x" * 4001},
                    {"key": json.loads(document)["organiser"]["key"]},
                    {"key": "00" * 32},
                )
            ),
        ],
        "min_batch": [0, 1_000_001],
        "min_region": [0, 1_000_001],
        "tolerance": [-1, 86_401],
        "round": [0, 3601],
        "regions": [[]],
        "regions.0.id": ["Athens", "-athens", "a" * 33, "", "sounion", 7],
        "regions.0.style": ["none", 0],
        "regions.0.timezone": [1, ""],
        "regions.0.days": [
            [],
            [[2, 2]],
            [[3, 2]],
            [[1, 3], [2, 4]],
            [[1, 2, 3]],
            [[-1, 2]],
            [["1", 2]],
            [[i, i + 1] for i in range(61)],
        ],
        "regions.0.closes": [GONE, -1, 1_900_000_000, "1899000000"],
        "regions.0.review": [GONE, -1, 3_601, 31_536_001],
        "regions.0.merge_into": ["nowhere", "athens", "sounion"],
        "regions.0.notes": ["x"],
        "contests": [[]],
        "contests.0.id": ["harbour!", "temple"],
        "contests.0.options": [["yes", "yes"], [], ["yes", {}], "yes"],
        "contests.0.blank": [2, "0"],
        "styles": [[]],
        "styles.0.id": ["style-2"],
        "styles.0.contests": [[]],
        "styles.0.contests.0.contest": ["temple", "nothing"],
        "styles.0.contests.0.options": [[{"en": "Yes"}], [{"en": "Yes"}, {}]],
        "styles.0.languages": [["grc"], []],
    }
    half = {"witnesses.quorum": 3, "witnesses.faulty": 2}
    return (
        {"witnesses.half-of-a-quorum-faulty": half}
        | _relays()
        | {
            f"{path}-{number}": {path: value}
            for path, values in edits.items()
            for number, value in enumerate(values, 1)
        }
    )


def _relays() -> dict[str, Edits]:
    """Relays in another form, and how long they hold."""
    (relay,) = RELAYS
    places = {
        "of-nobody": "https://",
        "of-another-scheme": "ws://relay.example",
        "ending-in-a-slash": "https://relay.example/",
        "with-a-fragment": "https://relay.example#here",
        "with-a-question": "https://relay.example/?here",
        "with-a-space": "https://relay.example/a b",
        "in-another-script": "https://реле.example",
        "of-4001-characters": "https://" + "x" * 3_993,
    }
    relays: dict[str, list[Any]] = {
        f"address-{name}": [relay | {"address": address}] for name, address in places.items()
    }
    relays |= {
        "twice": [relay, relay | {"name": "Another"}],
        "seventeen": [relay | {"address": f"https://{number}.example"} for number in range(17)],
        "without-a-name": [{"address": relay["address"]}],
        "with-an-empty-name": [relay | {"name": ""}],
        "with-a-key": [relay | {"key": APPEALS}],
    }
    held: dict[str, Edits] = {
        f"relays-{name}": {"relays": relays_of_case, "hold": 60} for name, relays_of_case in relays.items()
    }
    times = {"nothing": 0, "longer-than-a-week": 604_801}
    return held | {f"hold-{name}": {"relays": RELAYS, "hold": time} for name, time in times.items()}


def _rules() -> dict[str, Edits]:
    """Rules of contest 0."""
    shares = {
        "zero-denominator": [0, 0],
        "above-one": [2, 1],
        "denominator-1001": [1, 1001],
        "three": [0, 1, 1],
    }
    rules: dict[str, Any] = {
        "option": {"option": "maybe", "conditions": [{"kind": "plurality"}]},
        "no-conditions": {"option": "yes", "conditions": []},
        "more": {"option": "yes", "conditions": [{"kind": "plurality"}], "because": "x"},
        "kind": {"option": "yes", "conditions": [{"kind": "taste"}]},
        "plurality-of": {"option": "yes", "conditions": [{"kind": "plurality", "of": "roll"}]},
        "majority-without-of": {"option": "yes", "conditions": [{"kind": "absolute-majority"}]},
        "of": {"option": "yes", "conditions": [{"kind": "absolute-majority", "of": "all"}]},
        "turnout-of-voted": {
            "option": "yes",
            "conditions": [{"kind": "turnout-quorum", "at_least": [1, 2], "of": "voted"}],
        },
    } | {
        f"share-{name}": {"option": "yes", "conditions": [{"kind": "region-majority", "more_than": share}]}
        for name, share in shares.items()
    }
    return {f"rule-{name}": {"contests.0.rule": rule} for name, rule in rules.items()}


def _preferences() -> Iterator[Vector]:
    """An initiative, a counter-proposal and the deciding question; what does not fit together."""
    document = _document(regions=("athens", "sounion"), questions=proposals())
    good = _good("preference", document)
    yield good
    first, second = "contests.0.rule.conditions", "contests.1.rule.conditions"
    preference = json.loads(document)["contests"][0]["rule"]["conditions"][1]
    style = json.loads(document)["styles"][0]
    fewer = {"id": "fewer", "contests": style["contests"][:1]}
    unfit: dict[str, Edits] = {
        "alone": {first: [preference]},
        "twice": {first: [{"kind": "plurality"}, preference, preference]},
        "not-returned": {second: [{"kind": "plurality"}]},
        "over-itself": {f"{first}.1.over": "walls"},
        "over-nothing": {f"{first}.1.over": "nothing"},
        "over-the-deciding": {f"{first}.1.over": "deciding"},
        "by-itself": {f"{first}.1.by": "walls"},
        "by-nothing": {f"{first}.1.by": "nothing"},
        "no-option": {f"{first}.1.choose": "neither"},
        "the-same-option": {f"{first}.1.choose": "ships"},
        "without-a-rule": {"contests.1.rule": GONE},
        "without-choose": {f"{first}.1.choose": GONE},
        "of": {f"{first}.1.of": "roll"},
        "not-an-identifier": {f"{first}.1.by": "Deciding"},
        "not-a-text": {f"{first}.1.choose": ["walls"]},
        "not-asked-together": {"regions.1.style": "fewer", "styles": [style, fewer]},
    }
    for name, edits in unfit.items():
        yield _edited(good, f"preference-{name}", edits)


def _about() -> Iterator[Vector]:
    """What a definition says of its vote besides how it is held."""
    document = _document(regions=("athens",), **ABOUT)
    good = _good("about", document)
    yield good
    texts: dict[str, list[Any]] = {
        name: ["x", {}, {"en": ""}] for name in ("contact", "called_by", "legal_basis")
    }
    wrong = texts | {
        "rehearsal": [2, "1", {}],
        "effect": ["binding", {"kind": "binding"}],
        "effect.kind": ["law", 1],
        "effect.text": ["x", GONE],
        "channels": [[], ["x"], [{"en": "x"}] * 21, {}],
    }
    for path, values in wrong.items():
        for number, value in enumerate(values, 1):
            yield _edited(good, f"about-{path}-{number}", {path: value})


def _explanations() -> Iterator[Vector]:
    """Texts and map, which are blobs that no check reads."""
    blob, second_blob = (hashlib.sha256(text).hexdigest() for text in (b"For.", b"Against."))
    texts = [
        {"files": {"en": blob}},
        {"contest": "temple", "files": {"en": second_blob}},
        {"contest": "harbour", "option": "no", "by": {"en": "The fishermen"}, "files": {"en": second_blob}},
    ]
    tiles = {"tiles": [[0, 0], [255, 1]]}
    document = _document(
        regions=("athens", "sounion"), texts=texts, map={"geojson": blob, "tiles": [[0, 0], [0, 255]]}
    )
    good = _good("texts-and-map", document)
    yield good
    yield _good("map-of-tiles", changed(document, {"map": tiles}))
    wrong: dict[str, list[Any]] = {
        "texts": [[], {}, texts[0], texts[:1] * 201, ["x"]],
        "texts.0.files": [GONE, {}, blob, {"en": blob, "fr": blob}],
        "texts.0.files.en": [GONE, "", blob[1:], blob.upper(), 1],
        "texts.0.kind": ["explanation"],
        "texts.0.option": ["yes"],
        "texts.1.contest": ["bridge", 0],
        "texts.2.contest": [GONE, "temple"],
        "texts.2.option": ["athena", 1],
        "texts.2.by": ["x", {}, {"en": ""}],
        "map": [{}, [], blob, *({"tiles": tiles} for tiles in ([[0, 0]], [[0, 0], [1, 0], [2, 0]]))],
        "map.svg": [blob],
        "map.geojson": ["", blob[1:], {"en": blob}],
        "map.tiles": [[], [[0, 0], [0, 0]], [[0, 0], [0]], [[0, 0], [0, 0, 1]], [[0, 0], [0, "1"]]],
        "map.tiles.1.0": [-1, 256],
    }
    for path, values in wrong.items():
        for number, value in enumerate(values, 1):
            yield _edited(good, f"texts-and-map-{path}-{number}", {path: value})


def _divisions() -> Iterator[Vector]:
    """Regions below divisions, which may lie below others."""
    parents = {"athens": "attica", "sounion": "attica", "attica": "hellas"}
    document = _document(
        regions=("athens", "sounion", "delos"), parents=parents, merge_into={"delos": "athens"}
    )
    good = _good("divisions", document)
    yield good
    attica, hellas = json.loads(document)["divisions"]
    unfit: dict[str, Edits] = {
        "none": {"divisions": []},
        "left-out": {"divisions": GONE},
        "unknown-parent": {"regions.0.parent": "delos"},
        "unknown-parent-of-one": {"divisions.0.parent": "athens"},
        "below-itself": {"divisions.0.parent": "attica"},
        "in-a-circle": {"divisions.1.parent": "attica"},
        "twice": {"divisions": [attica, hellas, hellas]},
        "called-like-a-region": {"divisions.1.id": "delos", "divisions.0.parent": "delos"},
        "with-no-region": {"divisions": [attica, hellas, hellas | {"id": "persia"}]},
        "without-a-name": {"divisions.0.name": GONE},
        "with-more": {"divisions.0.style": "style-1"},
        "not-an-identifier": {"divisions.1.id": "Hellas", "divisions.0.parent": "Hellas"},
    }
    for name, edits in unfit.items():
        yield _edited(good, f"divisions-{name}", edits)


def _places(document: bytes) -> dict[str, Edits]:
    """What is only wrong beside something else."""
    whole = json.loads(document)
    registrar, witness = whole["registrars"][0]["key"], whole["witnesses"]["members"][0]["key"]
    organiser, board = whole["organiser"]["key"], whole["board"]["key"]
    spare = {"id": "spare", "options": ["a", "b"], "blank": 0}
    only = {"contests.0.options": ["yes"], "contests.0.rule": GONE, "contests.0.blank": 0}
    no_keys = {f"trustee-with-{name}": {"trustees.members.1.key": key.hex()} for name, key in NO_KEYS.items()}
    return no_keys | {
        "registrar-with-the-organiser's-key": {"registrars.0.key": organiser},
        "board-with-the-registrar's-key": {"board.key": registrar},
        "trustee-with-a-witness's-key": {"trustees.members.1.key": witness},
        "trustee-with-the-board's-key": {"trustees.members.0.key": board},
        "a-second-registrar-with-a-trustee's-key": {
            "registrars": [
                whole["registrars"][0],
                {"name": "x", "key": whole["trustees"]["members"][0]["key"]},
            ]
        },
        "opened-while-it-is-reviewed": {"regions.0.closes": 1_899_999_000, "regions.0.review": 701},
        "opened-while-relays-forward": {
            "relays": RELAYS,
            "hold": 61,
            "regions.0.closes": 1_899_999_000,
            "regions.0.review": 640,
        },
        "sealed-before-enrolment-is-shut": {"tolerance": 86_400},
        "contest-twice-in-a-style": {"styles.0.contests.1": whole["styles"][0]["contests"][0]},
        "contest-of-one-pattern": only | {"styles.0.contests.0.options": [{"en": "Yes"}]},
        "unused-style": {"regions.1.style": "style-1"},
        "unused-contest": {"contests": [*whole["contests"], spare]},
        "merge-in-a-circle": {
            "regions.1.style": "style-1",
            "styles": whole["styles"][:1],
            "regions.0.merge_into": "sounion",
            "regions.1.merge_into": "athens",
        },
        "merge-into-other-contests": {"regions.0.merge_into": "sounion"},
    }


def _texts(document: str) -> dict[str, str]:
    """Other bytes for the same value, and what is no value (`spec/encoding.md#json`)."""
    contests = document.index(',"contests"')
    return {
        "empty": "",
        "not-json": document[:-1],
        "not-an-object": "[]",
        "space-at-end": document + " ",
        "newline-at-end": document + "\n",
        "space-within": document.replace(":", ": ", 1),
        "escaped": document.replace("A sample", "\\u0041 sample"),
        "other-order": "{" + document[contests + 1 : -1] + "," + document[1:contests] + "}",
        "member-twice": document[:-1] + ',"version":1}',
        "float": document.replace('"version":1', '"version":1.0'),
        "exponent": document.replace('"version":1', '"version":1e0'),
        "minus-zero": document.replace('"tolerance":300', '"tolerance":-0'),
        "true": document.replace('"blank":1', '"blank":true'),
        "null": document.replace('"blank":1', '"blank":null'),
        "integer-2-53": document.replace('"tolerance":300', f'"tolerance":{2**53}'),
        "lone-surrogate": document.replace("A sample", "\\ud800"),
        "byte-order-mark": "\ufeff" + document,
    }


def _without_decoys() -> Iterator[Vector]:
    document = _document(regions=("athens",), decoys=0, trustees=2, threshold=1, questions=(HARBOUR,))
    good = _good("without-decoys-two-trustees", document)
    yield good
    single_region = json.loads(_document(regions=("athens",)))
    for name, edits in {
        "decoys": {"decoys": 4, "trustees.threshold": 2},
        "cover": {"cover": single_region["cover"]},
        "threshold-0": {"trustees.threshold": 0},
    }.items():
        yield _edited(good, name, edits)
    options = {f"o{i}": {"en": "x"} for i in range(70)}
    wide = [Question(f"q{i}", {"en": "x"}, options) for i in range(5)]
    fits = _document(regions=("athens",), decoys=0, trustees=1, threshold=1, questions=wide[:4])
    good = _good("wide", fits)
    yield good
    broad = _document(regions=("athens",), decoys=0, trustees=1, threshold=1, questions=wide)
    yield rejected(good, "ballot-too-long", "2.2", document=broad.decode(), hash=None)
    deep = {name: _nested(name, levels) for name, levels in (("deep", 33), ("deeper", 40))}
    for name, text in deep.items():
        yield rejected(good, f"nested-{name}", "2.2", document=text, hash=None)


def _nested(name: str, levels: int) -> str:
    """A definition whose title is so many lists in one another, counted from the document on."""
    whole = json.loads(_document(regions=("athens",)))
    whole["title"]["en"] = name
    inner = json.dumps(name)
    return canonical_json.encode(whole).decode().replace(inner, "[" * (levels - 2) + "]" * (levels - 2), 1)


def pin_vectors() -> Iterator[Vector]:
    """Pins; of the others none can be used."""
    pin = Pin.of(parse(_document(regions=("athens",)))).encode().decode()
    good = accepted("pin", "good", pin=pin)
    yield good
    for name, (old, new) in {
        "version": ('"version":1', '"version":2'),
        "no-version": (',"version":1', ""),
        "more": ('{"', '{"a":1,"'),
        "short-hash": ('"definition":"', '"definition":"00'),
        "no-definition": ('"definition"', '"definitions"'),
        "capitals": (pin[15:79], pin[15:79].upper()),
        "space": (":", ": "),
        "empty-policy": (json.loads(pin)["policy"].replace("\n", "\\n"), ""),
        "no-quorum": ("quorum quorum\\n", ""),
        "no-log": ("log ", "# log "),
        "two-logs": ('"policy":"', f'"policy":"log {_other_log()}\\n'),
    }.items():
        yield rejected(good, name, None, pin=pin.replace(old, new, 1))


def _other_log() -> str:
    other_policy = Pin.of(
        parse(_document(regions=("athens",), origin="elsewhere.example", seed=b"other"))
    ).policy
    return other_policy.split("\n")[0].removeprefix("log ")
