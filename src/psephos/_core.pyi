"""The Rust core: bytes in, bytes out.

Every buffer argument is bytes-like; an array("I") is a u32 column. Tables are joined rows: ``32*n`` means
`n` rows of 32 bytes. Integers inside buffers are little-endian. Elections and keys are 32 bytes. A seed is
32 fresh random bytes for one call; randomness is derived from it row by row together with the secrets and
the statement.

Functions raise :class:`psephos.errors.FormatError`, naming argument and row, for lengths, points and
scalars that are not the one encoding of anything. ``check_*`` functions do not raise for what they check:
they return the rows that fail, ascending, in some cases with a short reason. Work is spread over threads
without the interpreter's lock; the bytes that come out do not depend on their number. Integers too large
for their field raise OverflowError. :class:`psephos.errors.Fault` means that no answer can be given.
"""

from collections.abc import Sequence
from typing import Final, TypeAlias

from typing_extensions import Buffer

Contest: TypeAlias = tuple[int, int, int]
"""A contest's position in the definition, its number of options, and whether blank votes are allowed (1 or
0).
"""

WeighingPlace: TypeAlias = tuple[int, int, int, int, int]
"""Region, day, chunk, position in the chain (from 1), trustee (from 1)."""

SharesPlace: TypeAlias = tuple[int, int, int, int, int]
"""Stage, trustee (from 1), region, day, chunk."""

VERSION: Final[str]
MAX_SERIAL: Final[int]

def lanes() -> str:
    """Whose arithmetic this process uses, ``ifma`` or ``dalek``; FormatError where `PSEPHOS_LANES` asks for
    what is not there.
    """

def set_workers(n: int) -> None:
    """Use `n` threads from now on; 0 means all cores."""

def workers() -> int:
    """How many threads are used."""

def work_apart() -> None:
    """Have what this thread asks for done by as many threads of their own.

    A pool of threads finishes what it has begun before it takes anything else: without this, who asks for
    something small waits for all that others have asked for.
    """

# Sealed files: age-encryption.org/v1

def age_identity() -> str:
    """A fresh X25519 identity, ``AGE-SECRET-KEY-1..``, from the operating system's randomness."""

def age_recipient(secret: str) -> str:
    """The recipient, ``age1..``, of an X25519 identity; FormatError for what is none."""

def age_seal(data: Buffer, secret: str) -> bytes:
    """An age file that an X25519 identity opens."""

def age_open(sealed: Buffer, secret: str) -> bytes:
    """What an age file holds; FormatError, which says whether it is damaged or sealed to another identity."""

def age_seal_to_passphrase(data: Buffer, passphrase: str, factor: int) -> bytes:
    """An age file that a passphrase opens, with ``N = 2^factor`` of scrypt, ``1 <= factor < 64``."""

def age_open_with_passphrase(sealed: Buffer, passphrase: str, ceiling: int) -> bytes:
    """What an age file holds; FormatError, which says whether it is damaged, takes another passphrase, or was
    made with a factor above `ceiling`, which is seen before any work is done.
    """

# CBOR and transcripts: spec/encoding.md#cbor, #transcript

def decode_cbor(data: Buffer) -> list[int | bytes | str]:
    """The items of the array that `data` is; FormatError, naming the byte, for anything but its one
    encoding.
    """

def encode_cbor(items: Sequence[int | bytes | str]) -> bytes:
    """The one encoding of an array of `items`; FormatError for an integer outside 0..2^53-1, or a lone
    surrogate.
    """

def transcript_hashes(protocol: str, labels: Sequence[str], rows: Sequence[Sequence[Buffer]]) -> bytes:
    """``hash(protocol, fields)``, ``32*n``, of `n` rows of fields, which have these labels."""

# A log's Merkle tree: RFC 6962, 2.1

def leaf_hashes(entries: Sequence[Buffer]) -> bytes:
    """The hash of each entry as a leaf, ``32*n``."""

def bundle_entries(bundle: Buffer, width: int) -> tuple[list[bytes], bytes]:
    """Exactly `width` entries of a bundle, each behind its length in two bytes, and their leaf hashes."""

def signed_entries(entries: Sequence[Buffer]) -> bytes:
    """For each 1 if it is a well-formed entry, but no ballot, with its author's Ed25519 signature, else 0."""

def check_ed25519(key: Buffer, message: Buffer, signature: Buffer) -> bool:
    """Whether a signature of 64 bytes holds (RFC 8032, without cofactor)."""

def tree_root(hashes: Buffer) -> bytes:
    """The root over neighbouring subtrees of one height, ``32*n``, n > 0; the last may be smaller."""

# Group: spec/encoding.md#group

def base_multiples(scalars: Buffer) -> bytes:
    """``s*G`` for each of ``32*n`` scalars, as ``32*n`` points, in constant time."""

def sum_points(points: Buffer) -> bytes:
    """The sum of ``32*n`` points."""

def sum_scalars(scalars: Buffer) -> bytes:
    """The sum of ``32*n`` scalars."""

def random_scalars(seed: Buffer, n: int) -> bytes:
    """`n` scalars expanded from a 32-byte seed."""

def check_points(points: Buffer, allow_identity: bool) -> list[int]:
    """The rows of ``32*n`` that are not canonical points, or are the identity where that is refused."""

# Cards: spec/proofs.md#card, #bit-proof, #card-record

def check_signing_keys(keys: Buffer) -> list[int]:
    """The rows of ``32*n`` that are no canonical edwards25519 point, or one of small order."""

def derive_cards(election: Buffer, region: int, secrets: Buffer) -> tuple[bytes, bytes]:
    """Scalars and keys, each ``32*n``, of cards with secrets ``16*n``."""

def make_cards(
    election: Buffer, region: int, key: Buffer, scalars: Buffer, weights: Buffer, seed: Buffer
) -> tuple[bytes, bytes]:
    """Card records ``384*n`` with the given weights (`n` bytes, 0 or 1), and the weights' randomness
    ``32*n``.
    """

def make_plain_cards(election: Buffer, region: int, scalars: Buffer, seed: Buffer) -> bytes:
    """Card records ``96*n`` without weights."""

def check_cards(
    election: Buffer, region: int, key: Buffer, records: Buffer, plain: bool
) -> list[tuple[int, str]]:
    """Parse records (``96*n`` if `plain`, else ``384*n``), check bit proofs and signatures; (row, reason)
    of the bad.

    Of plain records `key` goes unused, but it is 32 bytes. Neither order nor repetition is looked at.
    """

def check_sums(
    key: Buffer, ciphertexts: Buffer, counts: Sequence[int], randomness: Buffer, totals: Sequence[int]
) -> list[int]:
    """The groups whose ciphertexts do not sum to ``(R*G, total*G + R*H)``.

    Group `i` is the next ``counts[i]`` of the ``64*N`` ciphertexts; `randomness` is ``32*groups``.
    """

# Schnorr signatures by cards: spec/proofs.md#signature

def sign(purpose: str, messages: Buffer, scalars: Buffer, seed: Buffer) -> bytes:
    """Signatures ``64*n`` over messages ``32*n`` by the keys of scalars ``32*n``; the scalar zero is
    refused.
    """

def check_signatures(purpose: str, keys: Buffer, messages: Buffer, signatures: Buffer) -> list[int]:
    """The rows whose key or signature is not canonical, whose key is the identity, or that do not verify."""

# Ballots: spec/proofs.md#ballot, spec/entries.md#ballot

def encrypt_ballots(
    election: Buffer,
    key: Buffer,
    region: int,
    contests: Sequence[Contest],
    keys: Buffer,
    days: Buffer,
    serials: Buffer,
    choices: Buffer,
    seed: Buffer,
) -> tuple[bytes, bytes, bytes]:
    """Unsigned bodies of `n` ballots of one region, joined; their lengths (u32 column); their randomness.

    `keys` is ``32*n``, `days` a u16 column from 1, `serials` `n` bytes in 1..20, `choices` a u16 column
    with ``len(contests)`` values a ballot: the position of an option, or 0xffff for blank. The randomness
    has 32 bytes for every ciphertext, in order.
    """

def sign_ballots(bodies: Buffer, lengths: Buffer, scalars: Buffer, seed: Buffer) -> tuple[bytes, bytes]:
    """Entries, joined, and their lengths (u32 column): bodies signed with their own cards' scalars
    ``32*n``.
    """

def parse_ballots(
    entries: Buffer, lengths: Buffer, election: Buffer, styles: Sequence[Sequence[Contest]]
) -> tuple[bytes, bytes, bytes, bytes, bytes, bytes]:
    """Columns of entries: status, region (u16), day (u16), serial, card key (32 bytes), body hash (32
    bytes).

    `styles` are the contests of each region. Status 0 is well formed; 1 not the one encoding, or wrong
    types; 2 of another referendum; 3 unknown region; 4 votes not as long as the style's; 5 day 0 or serial
    outside 1..20, or too large for their fields. The other columns of rows that are not well formed are
    zero. Points, scalars, proofs and signatures are not looked at.
    """

def check_ballots(
    entries: Buffer, lengths: Buffer, election: Buffer, key: Buffer, styles: Sequence[Sequence[Contest]]
) -> list[tuple[int, str]]:
    """(row, reason) of entries that are not well formed, not canonical, or whose proofs or signature do not
    hold.
    """

def ballot_ciphertexts(entries: Buffer, lengths: Buffer, contests: Sequence[Contest]) -> bytes:
    """The ciphertexts, 64 bytes for every option, of checked entries that all have this style, row by row."""

def check_opening(
    body: Buffer, key: Buffer, contests: Sequence[Contest], choices: Buffer, randomness: Buffer
) -> bool:
    """Whether `body` encrypts exactly `choices` with exactly `randomness` (a Benaloh challenge).

    Election, card, region, day, serial and the proofs in the body are not looked at.
    """

# Columns

def columns(table: Buffer, width: int, start: int, end: int) -> bytes:
    """Bytes `start` to `end` of every row of `width` bytes."""

def take(table: Buffer, width: int, rows: Buffer) -> bytes:
    """The rows of `width` bytes whose positions are the u32 column `rows`, in its order."""

def rows_where(column: Buffer, width: int, value: Buffer) -> bytes:
    """The positions (u32 column, ascending) of the rows of `width` bytes that equal `value`."""

def match_keys(sorted_keys: Buffer, queries: Buffer) -> bytes:
    """The position (u32 column) of each query among strictly ascending keys; 0xffffffff where absent.

    That the keys ascend is not looked at.
    """

def sort_records(records: Buffer, width: int) -> tuple[bytes, list[int]]:
    """Records sorted by their first 32 bytes; the positions, in that order, of those that repeat the one
    before.
    """

def cut_rows(rows: Buffer, size: int) -> list[tuple[int, bytes]]:
    """Ascending row numbers (u32 column) by chunks of `size` rows, for each chunk that has any.

    A chunk is its number and the u32 column of its rows, counted from its start.
    """

def latest_rows(days: Sequence[Buffer], cards: int) -> list[bytes]:
    """For each day the positions (u32 column, ascending) of the rows whose card is in no later day.

    ``days[d]`` is the u32 column of card numbers, below `cards`, of day `d`'s rows; a card stands in it
    once.
    """

def last_ballots(cards: Buffer, serials: Buffer, hashes: Buffer) -> bytes:
    """Positions (u32 column, ascending) of each card's ballot with the highest serial.

    `cards` is a u32 column of card numbers; rows with 0xffffffff (no card) are passed over. Of equal
    serials the lowest hash is taken, of equal hashes the first row.
    """

class KeySet:
    """A growing set of 32-byte keys, which others may have chosen; 38 to 75 bytes of memory each."""

    def __init__(self) -> None: ...
    def add(self, keys: Buffer) -> bytes:
        """Add ``32*n`` keys; `n` bytes: 1 where the key was there before, also by an earlier row, else 0."""

    def has(self, keys: Buffer) -> bytes:
        """`n` bytes: 1 for each of ``32*n`` keys that is there, else 0."""

    def __len__(self) -> int: ...

class KeyIndex:
    """Cards of all regions by their keys; 40 bytes of memory each, half as much again while one is added."""

    def __init__(self) -> None: ...
    def add(self, region: int, keys: Buffer) -> None:
        """Add cards of a region by their keys ``32*n``, strictly ascending, none of which is here."""

    def places(self, region: int, keys: Buffer) -> bytes:
        """For each of ``32*n`` keys how many cards the region had before it (u32 column).

        0xffffffff where the region has none of this key.
        """

    def region(self, keys: Buffer) -> int | None:
        """The lowest region that has a card of one of ``32*n`` keys; None where none has."""

# Weighing: spec/proofs.md#weighing. A row is `width` ciphertexts.

def first_rows(weights: Buffer, ciphertexts: Buffer, width: int) -> bytes:
    """Rows 0, ``(2*C - (0,G), Y..)``, from weights ``64*n`` and ciphertexts ``64*(width-1)*n``."""

def weigh(
    election: Buffer, key: Buffer, place: WeighingPlace, rows: Buffer, width: int, seed: Buffer
) -> bytes:
    """The rows of one chunk weighed: ``(64*width + 224)*n``, each row followed by its proof."""

def check_weighings(
    election: Buffer,
    key: Buffer,
    places: Sequence[WeighingPlace],
    counts: Sequence[int],
    sources: Sequence[int],
    before: Buffer,
    after: Buffer,
    width: int,
) -> list[tuple[int, int, str]]:
    """(weighing, row in it, reason) of weighed rows that do not hold; the weighing is a position in `places`.

    ``counts[i]`` rows were weighed at ``places[i]``: those given by weighing ``sources[i]``, which stands
    before `i` and has as many, or for -1 the next of `before`, which joins only such rows. `after` joins
    the rows given, with proofs, of all. A weighing is judged by the rows it takes, whether or not these
    hold; what one gives and others take is read once.
    """

def weighed_rows(after: Buffer, width: int) -> bytes:
    """Weighed rows without their proofs: ``64*width*n``."""

# Decryption shares and the threshold: spec/proofs.md#shares. Indices of trustees count from 1.

def make_shares(
    election: Buffer,
    places: Sequence[SharesPlace],
    counts: Sequence[int],
    inputs: Buffer,
    secret: Buffer,
    seed: Buffer,
) -> bytes:
    """For each chunk ``32*count + 96`` bytes, joined: its shares and one proof. `inputs` joins all chunks'
    inputs.
    """

def check_shares(
    election: Buffer,
    places: Sequence[SharesPlace],
    counts: Sequence[int],
    inputs: Buffer,
    public: Buffer,
    content: Buffer,
) -> list[int]:
    """The chunks, by position in `places`, that are not canonical or whose proof does not hold."""

def chunk_shares(counts: Sequence[int], content: Buffer) -> bytes:
    """The shares of all chunks of a content, without the proofs."""

def lagrange(indices: Sequence[int]) -> bytes:
    """The Lagrange coefficients at 0, ``32*n``, of distinct indices in 1..65535."""

def combine_shares(shares: Sequence[Buffer], indices: Sequence[int]) -> bytes:
    """Row by row the shares ``32*n`` of each trustee in `indices`, Lagrange coefficients applied."""

def decrypt(ciphertexts: Buffer, combined: Buffer) -> bytes:
    """The points ``m*G``, ``32*n``: second components of ``64*n`` ciphertexts minus the combined shares
    ``32*n``.
    """

def open_signs(ciphertexts: Buffer, shares: Sequence[Buffer], indices: Sequence[int]) -> bytes:
    """For each of the ciphertexts ``64*n``, opened with the shares ``32*n`` of each trustee in `indices`:

    1 if it encrypts 1, 255 if it encrypts -1, else 0.
    """

def signed_sums(signs: Buffer, last: Buffer, first: Buffer, width: int) -> bytes:
    """``sum sign*last_j + first_j`` over `n` rows for each ciphertext after the weight: ``64*(width-1)``.

    `signs` are `n` bytes 1 or 255; `last` and `first` are ``64*width*n``. Each result encrypts twice a total.
    Without any `first`, `first` empty, ``sum sign*last_j``.
    """

def sum_columns(rows: Buffer, width: int) -> bytes:
    """The sums, ``64*width``, of each ciphertext of rows ``64*width*n``."""

def discrete_logs(points: Buffer, maximum: int) -> list[int]:
    """For each point its logarithm to base ``G`` if it is in 0..maximum (at most 2**40), else -1."""

def polynomial(seed: Buffer, t: int) -> bytes:
    """The `t` coefficients, constant term first, of a random polynomial."""

def evaluate_polynomial(coefficients: Buffer, indices: Sequence[int]) -> bytes:
    """The polynomial's values, ``32*n``, at distinct indices in 1..65535, in constant time."""

def evaluate_commitments(points: Buffer, indices: Sequence[int]) -> bytes:
    """The same for coefficients times ``G``: from ``32*t`` points to ``32*n``."""

# Tokens: spec/proofs.md#tokens, RFC 9497 but for its proof

TokenPlace = tuple[int, int, int]
"""Region, registrar (from 1) and kind (1 voter, 0 decoy)."""

def token_key(seed: Buffer) -> tuple[bytes, bytes]:
    """Secret and public key, 32 bytes each, by DeriveKeyPair."""

def token_inputs(election: Buffer, region: int, cards: Buffer) -> bytes:
    """The inputs ``32*n`` of the tokens of cards with these keys `K`, ``32*n``, for all registrars."""

def blind(inputs: Buffer, seed: Buffer) -> tuple[bytes, bytes]:
    """Secret blinds and blinded elements, each ``32*n``, of inputs ``32*n``."""

def evaluate(
    election: Buffer,
    places: Sequence[TokenPlace],
    counts: Sequence[int],
    secrets: Buffer,
    blinded: Buffer,
    seed: Buffer,
) -> tuple[bytes, bytes]:
    """Evaluated elements of `n` requests, and for each one proof of 96 bytes over all its elements.

    Request `i` are the next ``counts[i]`` (at least 1) blinded elements, evaluated with row `i` of
    `secrets`, ``32*n``.
    """

def finalize(
    election: Buffer,
    places: Sequence[TokenPlace],
    counts: Sequence[int],
    publics: Buffer,
    inputs: Buffer,
    blinds: Buffer,
    blinded: Buffer,
    evaluated: Buffer,
    proofs: Buffer,
) -> bytes:
    """Outputs ``64*n`` of the elements of all requests, which are laid out as for :func:`evaluate`.

    All proofs, a row of `proofs` and of `publics` for each request, are checked before anything is unblinded:
    where one does not hold, FormatError says which, "request 0: token proof does not hold".
    """

def unblind(
    election: Buffer,
    places: Sequence[TokenPlace],
    counts: Sequence[int],
    publics: Buffer,
    blinds: Buffer,
    blinded: Buffer,
    evaluated: Buffer,
    proofs: Buffer,
) -> bytes:
    """The unblinded elements ``32*n``, which are cards' tokens; checked as by :func:`finalize`."""

def token_outputs(secret: Buffer, inputs: Buffer) -> bytes:
    """The same outputs ``64*n`` as the holder of the secret key computes them from the inputs ``32*n``."""

# Admission: spec/proofs.md#admission

AdmissionPlace = tuple[int, int]
"""Region and registrar (from 1)."""

def make_admissions(
    election: Buffer,
    place: AdmissionPlace,
    key: Buffer,
    publics: Buffer,
    records: Buffer,
    weights: Buffer,
    randomness: Buffer,
    tokens: Buffer,
    seed: Buffer,
) -> tuple[bytes, bytes]:
    """What one registrar is shown of the tokens of cards, ``96*n``, and proofs ``288*n``, in constant time.

    `publics` are its keys `V || D`, 64 bytes; `records` ``384*n`` with the `weights` (0 or 1, ``n``) and
    `randomness` ``32*n`` that they were made with; `tokens` ``32*n`` are of the kinds that fit the weights.
    """

def check_admissions(
    election: Buffer,
    place: AdmissionPlace,
    key: Buffer,
    secrets: Buffer,
    records: Buffer,
    shown: Buffer,
    proofs: Buffer,
) -> list[tuple[int, str]]:
    """Rows that are not canonical or do not hold, and why; `secrets` are the registrar's `v || d`, 64 bytes.

    In constant time in the secrets and what depends on them. That a weight is a bit is not shown here: check
    the records before.
    """
