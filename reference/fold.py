"""The state of a referendum as a fold over its log: spec/phases.md, with the checks of spec/checks.md.

`take` raises FatalError or MissingError; void entries are collected, because a ballot's proofs are checked
together with all others of its day, when the day is sealed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha256

import ballots
import count
import definition
import entries
import jcs
import labels
import note
import proofs
from batch import Batch
from ceremony import Ceremony, FatalError, VoidError
from entries import Entry, MissingError
from group import G, equal, multiply, scalar, subtract, total
from transcript import u16, u32

Row = tuple[int, int, int]  # region, day, position among the day's rows
AFTER_CANCEL = {"part", "checkpoint", "statement", "accreditation"}
ENDED_BY_CLOSE = {"amend", "cancel"}


@dataclass
class Region:
    """What the record says about one region."""

    plan: list[tuple[int, int]]
    roll: set[bytes] | None = None
    batches: int = 0
    last: bool = False
    voters: int = 0
    cards: dict[bytes, bytes] = field(default_factory=dict)  # K: C
    issued: int | None = None
    opened: list[int] = field(default_factory=list)  # index of each day's open
    sealed: list[int] = field(default_factory=list)
    pending: list[tuple[int, Entry]] = field(default_factory=list)  # ballots of the open day
    rows: list[list[ballots.Row]] = field(default_factory=list)  # of each sealed day
    chunks: list[list[ballots.Chunk]] = field(default_factory=list)

    @property
    def open_day(self) -> int:
        """The day that is open, or 0."""
        return len(self.opened) if len(self.opened) > len(self.sealed) else 0

    @property
    def finished(self) -> bool:
        """Whether its last day is sealed."""
        return len(self.sealed) == len(self.plan)


@dataclass(frozen=True)
class Witnessed:
    """A valid checkpoint entry."""

    index: int
    size: int
    root: bytes
    time: int


class Fold:
    """Entries go in by `take`; `void`, `looked` and `result` come out."""

    def __init__(self, pinned: bytes, log: note.Key, root: Callable[[int], bytes], batch: Batch) -> None:
        self.pinned, self.log, self.root, self.batch = pinned, log, root, batch
        self.void: list[tuple[int, str, str, str]] = []
        self.looked: Counter[str] = Counter()
        self.index = 0
        self.parts = entries.Parts()
        self.checkpoints: list[Witnessed] = []
        self.accredited: set[bytes] = set()
        self.regions: list[Region] = []
        self.closes: dict[int, bytes] = {}
        self.wrong: dict[tuple[int, bytes, bytes], set[int]] = {}
        self.closed_at = -1
        self.cancelled = False
        self.shares: dict[int, dict[int, bytes]] = {1: {}, 2: {}}
        self.areas: list[list[count.Area]] = []
        self.result: bytes | None = None

    # Dispatch.

    def take(self, data: bytes) -> None:
        """The next entry of the log."""
        index, entry = self.index, self._parse(data)
        self.index += 1
        if index == 0:
            return self._definition(entry)
        if entry.type == "ballot":
            return self._attempt(index, entry, self._ballot)
        self._attempt(index, entry, self._entry)

    def _attempt(self, index: int, entry: Entry, handle: Callable[[int, Entry], None]) -> None:
        try:
            handle(index, entry)
        except FatalError:
            raise
        except VoidError as error:
            self._list(index, error.check, error.culprit or self._culprit(entry), str(error))

    def _list(self, index: int, check: str, culprit: str, message: str) -> None:
        self.void.append((index, check, culprit, message))

    def _culprit(self, entry: Entry) -> str:
        """How the author of an entry is written."""
        if entry.type == "ballot":
            return f"card {entry.author.hex()}"
        named = self.definition.party(entry.author)
        kind = "observer" if entry.author in self.accredited else "key"
        return named or f"{kind} {entry.author.hex()}"

    def _need(self, check: str, condition: bool, why: str) -> None:
        """A void check."""
        if not condition:
            raise VoidError(check, why)

    def _must(self, check: str, condition: bool, why: str, culprit: str) -> None:
        """A fatal check."""
        if not condition:
            raise FatalError(check, why, culprit)

    def _parse(self, data: bytes) -> Entry:
        self.looked["1.4"] += 1
        try:
            return entries.parse(data)
        except ValueError as error:
            raise FatalError("1.4", str(error), "board") from error

    def _definition(self, entry: Entry) -> None:
        """Checks 2.1 and 2.2: the hash is pinned, so the rest can be believed."""
        self.looked.update(["2.1"])
        self._must("2.1", entry.type == "definition", "entry 0 is no definition", "organiser")
        document = entry["document"]
        self._must("2.1", sha256(document).digest() == self.pinned, "not the pinned definition", "organiser")
        self.looked.update(["2.2"])
        try:
            self.definition = definition.parse(document)
        except ValueError as error:
            raise FatalError("2.2", str(error), "organiser") from error
        right = (entry.author, entry.referendum) == (self.definition.organiser, self.pinned)
        self._must("2.1", right and entry.signed(), "not signed by the organiser", "organiser")
        self._must("2.1", self.log == self.definition.log, "the pin names another log", "organiser")
        trustees, threshold = len(self.definition.trustees), self.definition.threshold
        self.ceremony = Ceremony(self.pinned, trustees, threshold)
        self.regions = [Region(list(region.days)) for region in self.definition.regions]

    def _entry(self, index: int, entry: Entry) -> None:
        """Check 1.5, then the checks of the type."""
        self.looked["1.5"] += 1
        referendum = self.pinned if entry.scope == "d" else self.ceremony.election
        by_author = referendum and entry.referendum == referendum and self._may_write(entry)
        if not by_author or not entry.signed():
            raise VoidError("1.5", "wrong referendum, author or signature", "board")
        if entry.type != "weighing":
            self._in_time(entry)
        handlers: dict[str, Callable[[int, Entry], None]] = {
            "definition": self._second_definition,
            "part": lambda index, entry: self.parts.add(entry),
            "checkpoint": self._checkpoint,
            "roll": self._roll,
            "batch": self._batch,
            "issued": self._issued,
            "open": self._open,
            "seal": self._seal,
            "weighing": self._weighing,
            "close": self._close,
            "shares": self._shares,
            "result": self._result,
            "statement": self._statement,
            "accreditation": self._accreditation,
            "amend": self._amend,
            "cancel": self._cancel,
            "booth-manifest": lambda index, entry: None,
        }
        handlers.get(entry.type, self._ceremony)(index, entry)

    def _may_write(self, entry: Entry) -> bool:
        named = self.definition.party(entry.author)
        if entry.authors in ("named", "accredited"):
            return bool(named) or (entry.authors == "accredited" and entry.author in self.accredited)
        return named.split(" ")[0] == entry.authors

    def _in_time(self, entry: Entry) -> None:
        """Check 1.6 of what a cancel or the close ends."""
        self.looked["1.6"] += 1
        ended = self.cancelled and entry.type not in AFTER_CANCEL
        self._need("1.6", not ended, "the referendum is cancelled")
        late = self.closed_at >= 0 and entry.type in ENDED_BY_CLOSE
        self._need("1.6", not late, "the referendum is closed")

    def _second_definition(self, index: int, entry: Entry) -> None:
        raise VoidError("1.6", "a second definition")

    def _statement(self, index: int, entry: Entry) -> None:
        said = entry["subject"] and entry["language"] and entry["text"]
        self._need("1.6", bool(said), "an empty statement")

    def _accreditation(self, index: int, entry: Entry) -> None:
        new = entry["key"] not in self.accredited and not self.definition.party(entry["key"])
        self._need("1.6", new, "accredits a key that is known")
        self.accredited.add(entry["key"])

    def _checkpoint(self, index: int, entry: Entry) -> None:
        """Checks 1.7 and 1.8."""
        self.looked.update(["1.7"])
        try:
            checkpoint = note.parse_checkpoint(entry["note"])
            own = checkpoint.origin == self.log.name and checkpoint.signed_by(self.log)
        except ValueError as error:
            raise FatalError("1.7", str(error), "board") from error
        self._must("1.7", own and checkpoint.size <= index, "not a checkpoint of this log", "board")
        self._must("1.7", checkpoint.root == self.root(checkpoint.size), "another root", "board")
        self.looked.update(["1.8"])
        try:
            times = sorted(checkpoint.cosignatures(self.definition.witnesses).values())
        except ValueError as error:
            raise VoidError("1.8", str(error), "witnesses") from error
        if len(times) < self.definition.quorum:
            raise VoidError("1.8", "the quorum of witnesses has not cosigned", "witnesses")
        time = times[(len(times) - 1) // 2]
        self.checkpoints.append(Witnessed(index, checkpoint.size, checkpoint.root, time))

    def _witnessed(self, index: int) -> Witnessed | None:
        """The first valid checkpoint entry whose size exceeds an index."""
        return next((c for c in self.checkpoints if c.size > index), None)

    def _ceremony(self, index: int, entry: Entry) -> None:
        """Checks 3.1 to 3.4."""
        self.looked["3.1"] += 1
        checks = {"ceremony-reveal": "3.2", "ceremony-deal": "3.2", "ceremony-answer": "3.2"}
        checks["ceremony-sign"] = "3.3"
        self.looked.update([checks[entry.type]] if entry.type in checks else [])
        trustee = int(self.definition.party(entry.author).removeprefix("trustee ").replace("organiser", "0"))
        self.ceremony.take(entry, index, trustee, [(c.size, c.root) for c in self.checkpoints])
        self.looked["3.4"] = 1

    # Enrolment.

    def _region(self, check: str, entry: Entry) -> Region:
        """The region of a registrar's or the board's entry, where an unknown one is fatal."""
        culprit = self._culprit(entry)
        self._must(check, entry["region"] < len(self.regions), "no such region", culprit)
        return self.regions[entry["region"]]

    def _pieces(self, check: str, entry: Entry, sizes: list[tuple[int, int]]) -> list[list[bytes]]:
        """The bundle that an entry closes, as runs of (count, size) pieces, each strictly ascending."""
        try:
            bundle = self.parts.bundle(entry.author, entry["digest"])
        except ValueError as error:
            raise FatalError(check, str(error), "registrar") from error
        except MissingError as error:
            raise MissingError(check, str(error)) from error
        expected = sum(count * size for count, size in sizes)
        self._must(check, len(bundle) == expected, "bundle has a wrong length", "registrar")
        runs, at = [], 0
        for number, size in sizes:
            runs.append(proofs.split(bundle[at : at + number * size], size))
            self._must(
                check, entries.ascending([piece[:32] for piece in runs[-1]]), "out of order", "registrar"
            )
            at += number * size
        return runs

    def _roll(self, index: int, entry: Entry) -> None:
        """Check 4.1."""
        self.looked["4.1"] += 1
        region = self._region("4.1", entry)
        self._must("4.1", region.roll is None and not region.batches, "a second roll", "registrar")
        region.roll = set(self._pieces("4.1", entry, [(entry["size"], 32)])[0])

    def _batch(self, index: int, entry: Entry) -> None:
        """Checks 4.2 to 4.5."""
        self.looked["4.2"] += 1
        region = self._region("4.2", entry)
        in_phase = region.roll is not None and not region.last and entry["batch"] == region.batches + 1
        self._must("4.2", in_phase and not self.closes, "a batch out of its phase", "registrar")
        self._must("4.2", self._counts(entry), "a batch's numbers are not allowed", "registrar")
        size = 384 if self.definition.cards > 1 else 96
        records, _ = self._pieces("4.2", entry, [(entry["cards"], size), (entry["groups"], 32)])
        self._records(entry["region"], records)
        if self.definition.cards > 1:
            self._weights(entry, records)
        self.looked["4.5"] += len(records)
        for record in records:
            known = any(record[:32] in other.cards for other in self.regions)
            self._must("4.5", not known, f"card {record[:32].hex()} stands in two batches", "registrar")
        region.cards |= {record[:32]: record[32:96] for record in records}
        region.batches, region.last = region.batches + 1, entry["last"] == 1
        region.voters += entry["voters"]

    def _counts(self, entry: Entry) -> bool:
        """The numbers of check 4.2."""
        voters, last, small = entry["voters"], entry["last"], entry["small"]
        if voters < 1 or last > 1 or small > 1 or entry["groups"] < voters:
            return False
        if self.definition.cards == 1:
            same = entry["cards"] == entry["groups"] == voters
            return same and not small and entry["randomness"] == bytes(32)
        too_few = voters < self.definition.min_batch
        return bool(small == too_few and (not small or (last and entry["batch"] == 1)))

    def _records(self, region: int, records: list[bytes]) -> None:
        """Check 4.3."""
        self.looked["4.3"] += len(records)
        election, joint = self.ceremony.election, self.ceremony.joint
        weighted = self.definition.cards > 1
        claims = [(election, joint, region, record, weighted) for record in records]
        for at, why in self.batch.failures(proofs.card, claims).items():
            raise FatalError("4.3", f"card {records[at][:32].hex()}: {why}", "registrar")

    def _weights(self, entry: Entry, records: list[bytes]) -> None:
        """Check 4.4."""
        self.looked["4.4"] += 1
        try:
            r = scalar(entry["randomness"])
        except ValueError as error:
            raise FatalError("4.4", str(error), "registrar") from error
        pairs = [count.pair(record[32:96]) for record in records]
        second = subtract(total(p[1] for p in pairs), multiply(entry["voters"], G))
        joint = count.decode(self.ceremony.joint)
        right = equal(total(p[0] for p in pairs), multiply(r, G)) and equal(second, multiply(r, joint))
        self._must("4.4", right, "weights do not sum to the voters", "registrar")

    def _issued(self, index: int, entry: Entry) -> None:
        """Check 4.6."""
        self.looked["4.6"] += 1
        region = self._region("4.6", entry)
        in_phase = region.last and region.issued is None
        self._must("4.6", in_phase and entry["size"] >= region.voters, "too early or too few", "registrar")
        (hashes,) = self._pieces("4.6", entry, [(entry["size"], 32)])
        self._must("4.6", set(hashes) <= (region.roll or set()), "not all on the roll", "registrar")
        region.issued = len(hashes)

    # Voting.

    def _open(self, index: int, entry: Entry) -> None:
        """Check 5.1."""
        self.looked["5.1"] += 1
        region = self._region("5.1", entry)
        ready = region.last and region.issued is not None and not region.open_day
        right = entry["day"] == len(region.opened) + 1 <= len(region.plan)
        self._must("5.1", ready and right, "an open out of its phase", "board")
        region.opened.append(index)

    def _seal(self, index: int, entry: Entry) -> None:
        """Check 5.2; fixes the day's rows."""
        self.looked["5.2"] += 1
        region = self._region("5.2", entry)
        right = entry["day"] == region.open_day != 0
        self._must("5.2", right, "a seal out of its phase", "board")
        rows = ballots.last_rows(self._valid_ballots(entry["region"]))
        region.sealed.append(index)
        region.rows.append(rows)
        width = self.definition.width(entry["region"])
        weighed = rows if self.definition.cards > 1 else []
        region.chunks.append(ballots.chunks(weighed, region.cards, width))

    def _ballot(self, index: int, entry: Entry) -> None:
        """Checks 6.1 to 6.3; 6.4 and 6.5 wait for the seal."""
        self.looked["6.1"] += 1
        known = entry["region"] < len(self.regions) and bool(self.ceremony.election)
        self._need("6.1", known and entry.referendum == self.ceremony.election, "not of this referendum")
        region = self.regions[entry["region"]]
        contests = self.definition.ballot_contests(entry["region"])
        form = entries.ballot_form(entry, entry["region"], len(region.plan), contests)
        self._need("6.1", form, "day, serial or length is wrong")
        self.looked["6.2"] += 1
        open_ = entry["day"] == region.open_day and not self.cancelled
        self._need("6.2", open_, "the day is not open")
        self.looked["6.3"] += 1
        self._need("6.3", entry.author in region.cards, "the card is in no batch of the region")
        region.pending.append((index, entry))

    def _valid_ballots(self, number: int) -> list[ballots.Row]:
        """Checks 6.4 and 6.5 of the ballots of the day that is open."""
        region, contests = self.regions[number], self.definition.ballot_contests(number)
        pending, region.pending = region.pending, []
        bad = self.batch.failures(proofs.ballot, [self._claim(entry, contests) for _, entry in pending])
        seen: set[bytes] = set()
        rows = []
        for at, (index, entry) in enumerate(pending):
            self.looked.update(["6.5"] if entry.body_hash in seen else ["6.4", "6.5"])
            if entry.body_hash in seen:
                self._list(index, "6.5", self._culprit(entry), "logged before")
            elif at in bad:
                self._list(index, "6.4", self._culprit(entry), bad[at])
            else:
                seen.add(entry.body_hash)
                cells = ballots.cells(contests, entry["votes"])
                rows.append(ballots.Row(entry.author, entry["serial"], entry.body_hash, cells))
        return rows

    def _claim(self, entry: Entry, contests: tuple[proofs.Contest, ...]) -> tuple[object, ...]:
        place = entry["region"], entry["day"], entry["serial"]
        keys = self.ceremony.election, self.ceremony.joint
        return (*keys, place, entry.author, contests, entry["votes"], entry.body_hash, entry.signature)

    def flush(self) -> None:
        """Check the ballots of days that are still open: for a record that ends there."""
        for number in range(len(self.regions)):
            self._valid_ballots(number)

    def _amend(self, index: int, entry: Entry) -> None:
        """Check 2.3."""
        self.looked["2.3"] += 1
        self._need("2.3", entry["region"] < len(self.regions), "no such region")
        region, day, window = self.regions[entry["region"]], entry["day"], (entry["open"], entry["seal"])
        unsealed = len(region.sealed) < day <= len(region.plan) and not region.finished
        self._need("2.3", unsealed, "no such day, or it is sealed")
        old = region.plan[day - 1]
        later = window[0] < window[1] and window[0] >= old[0] and window[1] >= old[1]
        self._need("2.3", later and (day != region.open_day or window[0] == old[0]), "a window moved back")
        others = [plan for at, plan in enumerate(region.plan, 1) if at != day]
        apart = all(window[1] <= other[0] or other[1] <= window[0] for other in others)
        self._need("2.3", apart, "windows overlap")
        region.plan[day - 1] = window

    def _cancel(self, index: int, entry: Entry) -> None:
        self.looked["2.3"] += 1
        self.cancelled = True
        self.result = self._document("cancelled")

    # Weighing and closing.

    def _trustee(self, check: str, entry: Entry) -> int:
        """The index of a participant of the ceremony."""
        trustee = int(self.definition.party(entry.author).removeprefix("trustee "))
        self._need(check, trustee in self.ceremony.publics, "not a participant of the ceremony")
        return trustee

    def _weighing(self, index: int, entry: Entry) -> None:
        """Checks 7.1 and 7.2."""
        self.looked["7.1"] += 1
        trustee = self._trustee("7.1", entry)
        self._need("7.1", not self.cancelled and self.closed_at < 0, "cancelled or closed")
        where = entry["region"], entry["day"], entry["chunk"]
        chunk = self._chunk(*where)
        head = chunk is not None and entry["position"] == len(chunk.authors) + 1 <= self.definition.threshold
        if chunk is None or not head or trustee in chunk.authors or entry["previous"] != chunk.previous:
            raise VoidError("7.1", "extends no chunk's head")
        width = self.definition.width(entry["region"])
        right = len(entry["rows"]) == len(chunk.rows) * (64 * width + ballots.PROOF)
        self._need("7.1", right, "wrong length")
        self.looked["7.2"] += len(chunk.rows)
        election, joint = self.ceremony.election, self.ceremony.joint
        claims = chunk.claims(election, joint, where, trustee, entry["rows"])
        for row, why in self.batch.failures(proofs.weighing, claims).items():
            raise VoidError("7.2", f"row {row}: {why}")
        chunk.rows = [claim[4][: 64 * width] for claim in claims]
        chunk.authors.append(trustee)
        if len(chunk.authors) == self.definition.threshold:
            chunk.complete_at = index

    def _chunk(self, region: int, day: int, chunk: int) -> ballots.Chunk | None:
        if region >= len(self.regions) or not 1 <= day <= len(self.regions[region].chunks):
            return None
        chunks = self.regions[region].chunks[day - 1]
        return chunks[chunk] if chunk < len(chunks) else None

    def counting(self, number: int) -> list[tuple[int, int]]:
        """Of each card of a region the row (day, position) of its latest day, in order."""
        latest: dict[bytes, tuple[int, int]] = {}
        for day, rows in enumerate(self.regions[number].rows, 1):
            latest |= {row.card: (day, at) for at, row in enumerate(rows)}
        return sorted(latest.values())

    def _chunk_of(self, number: int, day: int, position: int) -> tuple[int, int]:
        """Chunk, and position in it, of a row."""
        size = (65_535 - 256) // (64 * self.definition.width(number) + ballots.PROOF)
        return divmod(position, size)

    def _counting_chunks(self, number: int) -> dict[tuple[int, int], list[int]]:
        """(day, chunk): positions in it of the counting rows."""
        found: dict[tuple[int, int], list[int]] = {}
        for day, position in self.counting(number):
            chunk, at = self._chunk_of(number, day, position)
            found.setdefault((day, chunk), []).append(at)
        return found

    def _batched(self) -> list[int]:
        return [number for number, region in enumerate(self.regions) if region.batches]

    def _right_close(self) -> tuple[int, bytes, bytes] | None:
        """Size, root and counting hash of the only right close, once there is one: spec/phases.md#close"""
        numbers = self._batched()
        if not numbers or not all(self.regions[number].finished for number in numbers):
            return None
        points = [self.regions[number].sealed[-1] for number in numbers]
        if self.definition.cards > 1:
            for number in numbers:
                chunks = self.regions[number].chunks
                points += [chunks[day - 1][at].complete_at for day, at in self._counting_chunks(number)]
        checkpoint = None if -1 in points else self._witnessed(max(points))
        return (checkpoint.size, checkpoint.root, self._counting_hash()) if checkpoint else None

    def _counting_hash(self) -> bytes:
        """spec/entries.md#close"""
        state = sha256(labels.COUNTING_SET)
        for number in self._batched():
            rows = self.counting(number)
            state.update(u16(number) + u32(len(rows)))
            for day, position in rows:
                state.update(self.regions[number].rows[day - 1][position].body_hash)
        return state.digest()

    def _close(self, index: int, entry: Entry) -> None:
        """Checks 8.1 and 8.2."""
        self.looked.update(["8.1", "8.2"])
        trustee = self._trustee("8.1", entry)
        said = entry["size"], entry["root"], entry["counting"]
        if said != self._right_close():
            signers = self.wrong.setdefault(said, set())
            signers.add(trustee)
            enough = len(signers) >= self.definition.close
            self._must("8.2", not enough, "a wrong close has all its signatures", "trustees")
            raise VoidError("8.1", "not the right close")
        self._need("8.1", trustee not in self.closes, "signed already")
        self.closes[trustee] = entry["counting"]
        if len(self.closes) == self.definition.close:
            self.closed_at = index
            self._count()

    # Counting.

    def _count(self) -> None:
        """The sums, where no signs are needed; where they are, their rows."""
        self.areas = count.areas(self.definition, [region.voters for region in self.regions])
        if self.definition.cards == 1:
            rows = {number: self._counting_rows(number) for number in range(len(self.regions))}
            count.add_up(self.definition, self.areas, rows, {n: [1] * len(rows[n]) for n in rows})

    def _counting_rows(self, number: int) -> list[count.CountingRow]:
        region, found = self.regions[number], []
        for day, position in self.counting(number):
            row = region.rows[day - 1][position]
            weighed = b""
            if self.definition.cards > 1:
                chunk, at = self._chunk_of(number, day, position)
                weighed = region.chunks[day - 1][chunk].rows[at]
            found.append(count.CountingRow(region.cards[row.card], row.cells, weighed))
        return found

    def _share_chunks(self, stage: int) -> list[tuple[tuple[int, int, int], bytes]]:
        """Place and inputs of every chunk of a stage's shares: spec/entries.md#bundles"""
        if stage == 2:
            return [((0, 0, 0), count.inputs(self.areas))]
        found = []
        for number in self._batched():
            for (day, chunk), positions in self._counting_chunks(number).items():
                rows = self.regions[number].chunks[day - 1][chunk].rows
                found.append(((number, day, chunk), b"".join(rows[at][:32] for at in positions)))
        return found

    def _stage(self) -> int:
        """The stage whose shares are wanted, 0 for none."""
        if self.closed_at < 0 or not self._witnessed(self.closed_at):
            return 0
        threshold = self.definition.threshold
        if self.definition.cards > 1 and len(self.shares[1]) < threshold:
            return 1
        return 2 if len(self.shares[2]) < threshold else 0

    def _shares(self, index: int, entry: Entry) -> None:
        """Checks 9.1 to 9.3 and 10.1."""
        self.looked["9.1"] += 1
        trustee, stage = self._trustee("9.1", entry), self._stage()
        wanted = stage and entry["stage"] == stage and trustee not in self.shares[stage]
        self._need("9.1", bool(wanted), "these shares are not wanted now")
        try:
            bundle = self.parts.bundle(entry.author, entry["digest"])
        except ValueError as error:
            raise VoidError("9.1", str(error)) from error
        except MissingError as error:
            raise MissingError("9.1", str(error)) from error
        chunks = self._share_chunks(stage)
        right = len(bundle) == sum(len(given) + 96 for _, given in chunks)
        self._need("9.1", right, "wrong length")
        self.shares[stage][trustee] = self._proven_shares(stage, trustee, chunks, bundle)
        if len(self.shares[stage]) == self.definition.threshold:
            self._sum_up() if stage == 1 else self._finish()

    def _proven_shares(
        self, stage: int, trustee: int, chunks: list[tuple[count.Place, bytes]], bundle: bytes
    ) -> bytes:
        """The shares without their proofs, which hold (check 9.2)."""
        self.looked["9.2"] += len(chunks)
        claims, at, given = [], 0, b""
        for place, inputs in chunks:
            wire = bundle[at : at + len(inputs) + 96]
            public = self.ceremony.publics[trustee]
            claims.append((self.ceremony.election, (stage, trustee, *place), public, inputs, wire))
            given += wire[: len(inputs)]
            at += len(wire)
        for failed, why in self.batch.failures(proofs.shares, claims).items():
            raise VoidError("9.2", f"chunk {failed}: {why}")
        return given

    def _sum_up(self) -> None:
        """The signs that the first t shares of stage 1 give, and the sums that follow."""
        rows = {number: self._counting_rows(number) for number in range(len(self.regions))}
        everything = [row for number in rows for row in rows[number]]
        self.looked["9.3"] += len(everything)
        found = iter(count.signs(everything, self.shares[1]))
        signs = {number: [next(found) for _ in rows[number]] for number in rows}
        count.add_up(self.definition, self.areas, rows, signs)

    def _finish(self) -> None:
        """Totals and result."""
        self.looked["10.1"] += sum(area.counted for areas in self.areas for area in areas)
        count.totals(self.definition, self.areas, self.shares[2])
        self.result = self._document("counted")

    def _result(self, index: int, entry: Entry) -> None:
        """Check 10.2."""
        self._need("1.6", self.result is not None, "the totals are not known")
        self.looked["10.2"] += 1
        self._must("10.2", entry["document"] == self.result, "another result than follows", "organiser")

    def _document(self, status: str) -> bytes:
        """The result document: spec/phases.md#totals"""
        counted = status == "counted"
        regions = list(zip(self.definition.regions, self.regions, strict=True))
        roll = [len(region.roll or ()) for region in self.regions]
        enrolled = [region.voters for region in self.regions]
        return jcs.encode(
            {
                "version": 1,
                "definition": self.pinned.hex(),
                "election": self.ceremony.election.hex(),
                "status": status,
                "coercion_resistant": int(self.definition.cards > 1),
                "regions": [
                    {
                        "id": described.id,
                        "roll": roll[number],
                        "issued": region.issued or 0,
                        "enrolled": region.voters,
                        "cards": len(region.cards),
                        "ballots": [len(rows) for rows in region.rows],
                        "counting": len(self.counting(number)),
                    }
                    for number, (described, region) in enumerate(regions)
                    if counted
                ],
                "contests": [
                    count.contest_result(self.definition, contest, areas, roll, enrolled)
                    for contest, areas in enumerate(self.areas)
                    if counted
                ],
            }
        )

    # What the report says beside the checks.

    def notices(self) -> list[str]:
        """Check 5.3: opens and seals that were not witnessed near their plan."""
        found = []
        for described, region in zip(
            self.definition.regions if self.regions else [], self.regions, strict=True
        ):
            for day, plan in enumerate(region.plan, 1):
                done = [indices[day - 1] for indices in (region.opened, region.sealed) if day <= len(indices)]
                names = [f"{word} of day {day} in {described.id}" for word in ("open", "seal")]
                self.looked["5.3"] += len(done)
                for name, index, planned in zip(names, done, plan, strict=False):
                    found += self._untimely(name, index, planned)
                if len(done) == 2 and not any(done[0] < c.index < done[1] for c in self.checkpoints):
                    found.append(f"5.3: no checkpoint between open and {names[1]}")
        return found

    def _untimely(self, name: str, index: int, planned: int) -> list[str]:
        before = min((c.time for c in self.checkpoints if c.size > index), default=planned)
        after = max((c.time for c in self.checkpoints if c.index < index), default=planned)
        if before < planned - self.definition.tolerance:
            return [f"5.3: {name} was witnessed {planned - before} s before its plan"]
        if after > planned + self.definition.tolerance:
            return [f"5.3: {name} was witnessed {after - planned} s after its plan"]
        return []

    def phase(self) -> str:
        """How far the record goes."""
        regions = [self.regions[number] for number in self._batched()]
        if not self.regions:
            return "log"
        reached = {
            "cancelled": self.cancelled,
            "counted": self.result is not None,
            "releasing": any(self.shares.values()),
            "closed": self.closed_at >= 0,
            "weighing": bool(regions) and all(region.finished for region in regions),
            "voting": any(region.opened for region in regions),
            "enrolment": bool(self.ceremony.election),
            "ceremony": True,
        }
        return next(phase for phase, there in reached.items() if there)
