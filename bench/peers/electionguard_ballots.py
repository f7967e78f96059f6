"""Run by a Python 3.10 that has `electionguard`: `electionguard_ballots.py BALLOTS` prints JSON.

One contest of two options, one guardian's key (ballots do not depend on how many guardians there are).
"""

from __future__ import annotations

import json
import logging
import sys
from datetime import datetime
from importlib.metadata import version
from time import process_time

from electionguard.ballot import PlaintextBallot
from electionguard.ballot_box import cast_ballot
from electionguard.ballot_validator import ballot_is_valid_for_election
from electionguard.election import make_ciphertext_election_context
from electionguard.elgamal import elgamal_keypair_random
from electionguard.encrypt import EncryptionDevice, EncryptionMediator, contest_from
from electionguard.group import rand_q
from electionguard.manifest import (
    BallotStyle,
    Candidate,
    ContestDescription,
    ElectionType,
    GeopoliticalUnit,
    InternalManifest,
    InternationalizedText,
    Language,
    Manifest,
    ReportingUnitType,
    SelectionDescription,
    SpecVersion,
    VoteVariationType,
)
from electionguard.serialize import to_raw
from electionguard.tally import CiphertextTally


def manifest() -> Manifest:
    """The referendum that is measured elsewhere, too."""
    options = ("build", "leave")
    question = InternationalizedText([Language("Shall the wall be built?", "en")])
    selections = [
        SelectionDescription(f"{name}-selection", position, name) for position, name in enumerate(options)
    ]
    contest = ContestDescription(
        "wall", 0, "peiraieus", VoteVariationType.one_of_m, 1, 1, "wall", selections, question, question
    )
    return Manifest(
        "the long wall",
        SpecVersion.EG0_95,
        ElectionType.special,
        datetime(2030, 5, 1),
        datetime(2030, 5, 2),
        [GeopoliticalUnit("peiraieus", "Peiraieus", ReportingUnitType.city)],
        [],
        [Candidate(name) for name in options],
        [contest],
        [BallotStyle("style", ["peiraieus"])],
        question,
    )


def main(count: int) -> None:
    """Make, check and tally so many ballots, silently: what it logs would cost it time."""
    logging.disable()
    internal, key = InternalManifest(manifest()), elgamal_keypair_random().public_key
    context = make_ciphertext_election_context(1, 1, key, rand_q(), internal.manifest_hash)
    mediator = EncryptionMediator(internal, context, EncryptionDevice(1, 1, 1, "here"))
    seconds = {}
    start = process_time()
    ballots = [
        mediator.encrypt(PlaintextBallot(str(number), "style", [contest_from(internal.contests[0])]))
        for number in range(count)
    ]
    seconds["make"] = process_time() - start
    start = process_time()
    assert all(ballot_is_valid_for_election(ballot, internal, context, True) for ballot in ballots)
    seconds["check"] = process_time() - start
    tally = CiphertextTally("tally", internal, context)
    submitted = [cast_ballot(ballot) for ballot in ballots]
    start = process_time()
    assert all(tally.append(ballot, True) for ballot in submitted)
    seconds["verify"] = process_time() - start
    per_ballot = {name: spent / count for name, spent in seconds.items()}
    print(json.dumps(per_ballot | {"bytes": len(to_raw(submitted[0])), "version": version("electionguard")}))


if __name__ == "__main__":
    main(int(sys.argv[1]))
