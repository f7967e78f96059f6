"""A region's cards by their keys: 36 bytes a card, in few ascending runs (`spec/phases.md#order`)."""

from __future__ import annotations

from array import array
from dataclasses import dataclass, field

from psephos.crypto.column import match_keys, sort_order, take

ABSENT = 0xFFFFFFFF
_NONE = b"\xff"


@dataclass
class CardIndex:
    """Keys of cards, each with the card's number: how many came before it.

    Every batch is a run; a run no longer than twice the one behind it is merged with that, so that many small
    batches cost little more than one large one.
    """

    _keys: list[bytes] = field(default_factory=list)
    _numbers: list[array[int]] = field(default_factory=list)
    _size: int = 0

    def __len__(self) -> int:
        return self._size

    def add(self, keys: bytes) -> None:
        """Add cards by their keys, 32 bytes each, strictly ascending, none of which is here."""
        count = len(keys) // 32
        self._keys.append(keys)
        self._numbers.append(array("I", range(self._size, self._size + count)))
        self._size += count
        while len(self._keys) > 1 and len(self._keys[-2]) <= 2 * len(self._keys[-1]):
            self._merge()

    def _merge(self) -> None:
        """Make one run of the last two."""
        later, numbers = self._keys.pop(), self._numbers.pop()
        keys, numbers = self._keys.pop() + later, self._numbers.pop() + numbers
        order = sort_order(keys)
        self._keys.append(take(keys, 32, order))
        self._numbers.append(array("I", take(numbers, 4, order)))

    def _one_run(self) -> None:
        while len(self._keys) > 1:
            self._merge()

    @property
    def keys(self) -> bytes:
        """All keys, ascending; a card's place is that of its key here."""
        self._one_run()
        return self._keys[0] if self._keys else b""

    def places(self, keys: bytes) -> array[int]:
        """The place of each key, ABSENT where there is none."""
        return array("I", match_keys(self.keys, keys))

    def numbers(self, places: array[int]) -> array[int]:
        """The numbers of the cards at these places."""
        self._one_run()
        return array("I", take(self._numbers[0], 4, places)) if places else places

    def has_any(self, keys: bytes) -> bool:
        """Whether one of these cards is here."""
        return any(match_keys(run, keys).strip(_NONE) for run in self._keys)
