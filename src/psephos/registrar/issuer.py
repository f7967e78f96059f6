"""What every part of a registrar works with: the definition, its number, its keys, its state, the time."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from psephos.crypto.signature import SigningKey
from psephos.errors import FormatError, PhaseError
from psephos.protocol.enrolment.admission import Rejection
from psephos.protocol.enrolment.setting import Setting
from psephos.protocol.enrolment.token_keys import RegistrarKeys
from psephos.protocol.entries import Payload, Refusal, encode
from psephos.protocol.multipart import cut
from psephos.protocol.setup.definition import Definition
from psephos.registrar.store import RegistrarStore, disorder
from psephos.registrar.token_secrets import TokenSecrets

_LONGEST = 200  # characters of what a refusal tells people
Clock = Callable[[], int]
"""The time, UTC seconds."""


class Issuer:
    """Signs for one registrar; `setting` is there once the ceremony is complete."""

    def __init__(
        self,
        definition: Definition,
        signing_key: SigningKey,
        store: RegistrarStore,
        secrets: Callable[[Definition, int], TokenSecrets],
        clock: Clock,
    ) -> None:
        """`secrets` gives those of a definition and a registrar's number."""
        self.number = number_of(definition, signing_key.public.raw)
        store.belong("definition", definition.hash)
        self.definition = definition
        self.store = store
        self.secrets = secrets(definition, self.number)
        self.covered = 0
        """Of how many voters who got tokens the log's last `given` tells: their responses may leave."""
        self.given_in: dict[int, tuple[int, int]] = {}
        """Of how many of them, in all regions, it is known how many are of a region; and how many are."""
        self._clock = clock
        self._signing_key = signing_key
        self._setting: Setting | None = None

    def begin(self, setting: Setting) -> None:
        """Take note of the ceremony's result."""
        if self._setting is None:
            self.store.belong("election", setting.election)
            self._setting = setting

    def check_keys(self, keys: RegistrarKeys) -> None:
        """PhaseError where the log has other token keys than these."""
        if self.number in keys.publics and b"".join(keys.publics[self.number]) != self.secrets.publics:
            raise PhaseError(
                "registrar: the token keys in the log are not those of this home: put back its key store, or "
                "go on with the home whose keys they are"
            )

    @property
    def begun(self) -> bool:
        """Whether the ceremony's result is known."""
        return self._setting is not None

    @property
    def setting(self) -> Setting:
        """What the ceremony has made; PhaseError before it is complete."""
        if self._setting is None:
            raise PhaseError("registrar: the ceremony is not complete")
        return self._setting

    @property
    def election(self) -> bytes:
        """The election hash; PhaseError before the ceremony is complete."""
        return self.setting.election

    @property
    def key(self) -> bytes:
        """The registrar's own Ed25519 key."""
        return self.definition.registrars[self.number - 1].key

    def sign(self, payload: Payload) -> bytes:
        """The registrar's entry or message."""
        referendum = self.election if payload.scope == "election" else self.definition.hash
        return encode(payload, referendum, self._signing_key.public.raw, self._signing_key.sign)

    def bundle(self, content: bytes, closing: Payload) -> list[bytes]:
        """The parts of a bundle as entries, and the entry that closes it."""
        return [*self.parts(content), self.sign(closing)]

    def parts(self, content: bytes) -> Iterator[bytes]:
        """The parts of a bundle as entries, in order."""
        return (self.sign(part) for part in cut(content))

    def refuse(self, request: bytes, fault: Rejection) -> bytes:
        """A signed refusal of the request of that body hash."""
        return self.sign(Refusal(request, fault.reason, fault.detail[:_LONGEST], fault.evidence))

    # -- until when

    def gives(self, region: int) -> bool:
        """Whether tokens are given for a region now (`spec/definition.md#enrolment`)."""
        return self._clock() < self.definition.regions[region].closes and not self.is_shut(region)

    def admits(self, region: int) -> bool:
        """Whether cards are admitted to a region now: longer, for what is still in a relay."""
        shut = self.definition.shut(self.definition.regions[region])
        return self._clock() < shut and not self.is_shut(region)

    def is_shut(self, region: int) -> bool:
        """Whether a region was shut for good, whatever the clock says."""
        return bool(self.store.read("SELECT 1 FROM regions WHERE region = ? AND shut", region))

    def shut(self, region: int) -> None:
        """Give no token and admit no card of a region any more; the state is then to be written anew."""
        if self.is_shut(region):
            return
        with self.store.write() as database:
            mark = "INSERT INTO regions (region, shut) VALUES (?, 1) ON CONFLICT DO UPDATE SET shut = 1"
            database.execute(mark, [region])
            disorder(database)

    @property
    def now(self) -> int:
        """The time, UTC seconds."""
        return self._clock()


def number_of(definition: Definition, key: bytes) -> int:
    """The number, from 1, of the registrar with a key; FormatError where the definition names none."""
    for number, registrar in enumerate(definition.registrars, 1):
        if registrar.key == key:
            return number
    raise FormatError("registrar: the signing key is none of the definition's registrars'")
