"""Contests, and the ballot styles that put them to voters (`spec/definition.md#members`)."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from psephos.errors import FormatError
from psephos.protocol.encoding import canonical_json
from psephos.protocol.encoding.form import Form, identifiers
from psephos.protocol.setup.rules import Rule

LONGEST_ENTRY = 65_535
ENTRY_FRAME = 256  # bytes kept for what an entry holds besides votes or rows


@dataclass(frozen=True)
class Contest:
    """A question by its identifiers; its wording is each style's."""

    index: int
    id: str
    options: tuple[str, ...]
    blank: int
    rule: Rule | None

    @classmethod
    def read(cls, form: Form, index: int) -> Contest:
        """A contest with at least two patterns: its options and, where allowed, none of them."""
        members = form.members("id options blank", "rule")
        options = identifiers(members["options"].items(1, 100))
        blank = members["blank"].integer(0, 1)
        if len(options) + blank < 2:
            raise members["options"].refuse("leave no choice")
        rule = Rule.read(members["rule"], options) if "rule" in members else None
        return cls(index, members["id"].identifier(), tuple(options), blank, rule)


@dataclass(frozen=True)
class StyleContest:
    """A contest as a style words it: question and options by language, the options in their order."""

    contest: Contest
    question: dict[str, str]
    options: tuple[dict[str, str], ...]

    @classmethod
    def read(cls, form: Form, contests: tuple[Contest, ...], languages: tuple[str, ...]) -> StyleContest:
        """The wording of a contest."""
        members = form.members("contest question options")
        contest = contests[members["contest"].index_in({c.id: c.index for c in contests})]
        texts = members["options"].items(len(contest.options), len(contest.options))
        options = tuple(text.translations(languages) for text in texts)
        return cls(contest, members["question"].translations(languages), options)


@dataclass(frozen=True)
class Style:
    """What voters of a region are asked, in this order; `languages` are those of its texts."""

    index: int
    id: str
    languages: tuple[str, ...]
    contests: tuple[StyleContest, ...]
    wording_hash: bytes

    @classmethod
    def read(cls, form: Form, index: int, contests: tuple[Contest, ...], languages: tuple[str, ...]) -> Style:
        """A ballot style whose ballots and weighed rows fit entries (`spec/definition.md#validity`, 6)."""
        members = form.members("id contests", "languages")
        if "languages" in members:
            languages = members["languages"].languages()
        worded = [StyleContest.read(item, contests, languages) for item in members["contests"].items(1)]
        if len({one.contest.index for one in worded}) < len(worded):
            raise members["contests"].refuse("a contest stands here twice")
        wording_hash = hashlib.sha256(canonical_json.encode(form.value)).digest()
        style = cls(index, members["id"].identifier(), languages, tuple(worded), wording_hash)
        style.check_size(form)
        return style

    def check_size(self, form: Form) -> None:
        """Raise FormatError when a ballot or a weighed row would not fit an entry."""
        for what, size in (("a ballot", self.votes_length), ("a weighed row", self.row_bytes)):
            if ENTRY_FRAME + size > LONGEST_ENTRY:
                raise FormatError(f"{form.path}: {what} of {size} bytes does not fit an entry")

    @property
    def shape(self) -> list[tuple[int, int, int]]:
        """Contest, number of options, blank allowed (0 or 1): what the core takes, in the style's order."""
        return [
            (member.contest.index, len(member.contest.options), member.contest.blank)
            for member in self.contests
        ]

    @property
    def contest_set(self) -> frozenset[int]:
        """The contests by position."""
        return frozenset(member.contest.index for member in self.contests)

    @property
    def width(self) -> int:
        """Ciphertexts of a row: the weight and one an option (`spec/proofs.md#weighing`)."""
        return 1 + sum(options for _, options, _ in self.shape)

    @property
    def votes_length(self) -> int:
        """Bytes of a ballot's votes (`spec/proofs.md#ballot`)."""
        return sum(64 * options + 128 * (options + blank) - 32 for _, options, blank in self.shape)

    @property
    def row_bytes(self) -> int:
        """Bytes of a weighed row with its proof."""
        return 64 * self.width + 224

    @property
    def chunk_rows(self) -> int:
        """Rows of a chunk, the last of a day excepted (`spec/phases.md#rows`)."""
        return (LONGEST_ENTRY - ENTRY_FRAME) // self.row_bytes
