"""What was asked for, out of what was given; and what to say of anything else."""

from __future__ import annotations

from psephos.errors import FormatError
from psephos.voter.pasted import Pasted, PastedBlock
from psephos.voter.spelling import Slips

NOUNS = {
    "invitation": "an invitation",
    "receipt": "the receipt of a ballot",
    "card": "a voting card",
    "words": "the words of a voting card",
    "commitment": "the code of a commitment to cards",
    "ballot": "the code of a ballot",
    "parts": "the codes of an opening",
    "tracker": "a tracker, or another number of 64 digits",
    "name": "the name of a card",
    "six": "six words, such as show which referendum this is: a card has twelve",
    "enrolment": "the receipt of an enrolment",
    "promise": "a promise of the board",
    "refusal": "a signed refusal",
    "opening": "an opening for a second device",
    "address": "an address with nothing in it",
    "picture": "a picture: give the text of its code",
    "document": "a document of another program: copy the text out of it",
    "large": "a file of more than a mebibyte",
    "nothing": "empty",
}
USES = {
    "invitation": "psephos voter enrol --invitation takes it",
    "receipt": "psephos receipt verify takes it",
    "card": "psephos voter vote --card takes it",
    "words": "psephos voter vote --card takes them",
    "commitment": "psephos voter audit record takes it",
    "ballot": "psephos voter challenge record takes it",
    "parts": "the booth takes them, on the page “Check”",
    "tracker": "psephos voter check --tracker takes it",
    "enrolment": "psephos voter check --enrolled takes it",
    "promise": "psephos voter check --promise takes it",
    "opening": "psephos voter audit check and psephos voter challenge check take it",
}


class Misspelt(FormatError):
    """Words that nearly are a card's. Its message holds none of them; `slips` does, for who typed them."""

    def __init__(self, slips: Slips) -> None:
        super().__init__(f"the words of a card: {slips}")
        self.slips = slips


def take(pasted: Pasted, *wanted: str) -> str:
    """The one piece of a wanted kind, in its one form; FormatError says what there is instead."""
    fitting = [piece for piece in pasted.pieces if piece.kind in wanted]
    blocks = [piece.block for piece in fitting if piece.block is not None]
    if len(blocks) == 1:
        return blocks[0]
    if blocks:
        raise FormatError(f"there are {len(blocks)} different ones: give one of them alone")
    if fitting:
        raise FormatError(f"this is {NOUNS[wanted[0]]}, but not all of it: copy it whole, or save it anew")
    if pasted.slips is not None and "words" in wanted:
        raise Misspelt(pasted.slips)
    raise FormatError(_instead(pasted.pieces, NOUNS[wanted[0]]))


def _instead(pieces: tuple[PastedBlock, ...], wanted: str) -> str:
    known = next((piece.kind for piece in pieces if piece.kind in NOUNS), None)
    if known is None:
        return f"this is not {wanted}"
    use = f"; {USES[known]}" if known in USES else ""
    return f"this is {NOUNS[known]}, not {wanted}{use}" if use else f"not {wanted}: this is {NOUNS[known]}"


def proposals(slips: Slips) -> list[str]:
    """A line for each word that is not in the list: for whoever typed it alone."""
    return [
        f"word {slip.place}, “{slip.typed}”: "
        + (f"did you mean {' or '.join(f'“{word}”' for word in slip.meant)}?" if slip.meant else "unknown")
        for slip in slips.slips
    ]
