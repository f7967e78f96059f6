// Transcripts, hashes, cards, signatures, ballots and tokens against the vectors of vectors/.
import { strict as assert } from "node:assert";

import { ristretto255, ristretto255_oprf } from "@noble/curves/ed25519.js";

import { concat, fromLittleEndian, rows, toHex } from "../src/bytes.ts";
import { deriveCard, recordHolds } from "../src/crypto/card.ts";
import { electionHash, rollHash } from "../src/crypto/election.ts";
import { decodePoint, decodeScalar, encodeScalar, GENERATOR, multiply } from "../src/crypto/group.ts";
import { Randomness } from "../src/crypto/randomness.ts";
import { signatureHolds } from "../src/crypto/schnorr.ts";
import { blind, checkEvaluation, unblind } from "../src/crypto/token.ts";
import { Transcript } from "../src/crypto/transcript.ts";
import { checkBallot } from "../src/protocol/ballot.ts";
import { commitmentTo } from "../src/protocol/cards.ts";
import { hold, unhex, type Vector } from "./vectors.ts";

const { voprf } = ristretto255_oprf;

hold("transcript.json", {
  transcript(v) {
    const transcript = new Transcript(v.protocol);
    for (const [what, label, value] of v.steps) {
      if (what === "append") transcript.append(label, unhex(value));
      else if (what === "challenge") assert.equal(toHex(encodeScalar(transcript.challenge(label))), value);
      else if (what === "squeeze") assert.equal(toHex(transcript.squeeze(label, value.length / 2)), value);
      else {
        const expected = value.map((one: string) => fromLittleEndian(unhex(one)));
        assert.deepEqual(transcript.coefficients(label, value.length), expected);
      }
    }
    return true;
  },
});

hold("hash.json", {
  election(v) {
    const participants = v.participants.map(([index, key]: [number, string]) => [index, unhex(key)]);
    const keys = v.token_keys.map(unhex);
    return toHex(electionHash(unhex(v.definition), v.attempt, participants, unhex(v.key), keys)) === v.hash;
  },
  "card-key"(v) {
    const { secret, key } = deriveCard(unhex(v.election), v.region, unhex(v.secret));
    return toHex(encodeScalar(secret)) === v.scalar && toHex(key) === v.card;
  },
  "cards-commitment"(v) {
    const cards = Array.isArray(v.cards) ? concat(...v.cards.map(unhex)) : unhex(v.cards);
    return toHex(commitmentTo(unhex(v.nonce), cards)) === v.hash;
  },
  roll: (v) => toHex(rollHash(unhex(v.definition), v.registrar, v.region, unhex(v.salt), v.voter)) === v.hash,
});

hold("signature.json", {
  signature: (v) => signatureHolds(v.purpose, unhex(v.key), unhex(v.message), unhex(v.signature)),
});

hold("card.json", {
  card: (v) => recordHolds(unhex(v.election), v.region, unhex(v.key), unhex(v.record), Boolean(v.weighted)),
});

function shapesOf(
  v: Vector,
): (region: number) => Promise<{ contest: number; options: number; blank: number }[] | undefined> {
  const shapes = v.contests.map(([contest, options, blank]: number[]) => ({ contest, options, blank }));
  return async (region) => (region === v.region ? shapes : undefined);
}

hold("ballot.json", {
  ballot: async (v) => (await checkBallot(unhex(v.election), unhex(v.key), unhex(v.entry), shapesOf(v))).day <= 60,
});

hold("token.json", {
  token(v) {
    const secret = decodeScalar(unhex(v.secret), "secret");
    const scalar = decodeScalar(unhex(v.blind), "blind");
    const element = reblind(unhex(v.input), scalar);
    const key = multiply(GENERATOR, secret).toBytes();
    const { evaluated } = voprf.blindEvaluate(unhex(v.secret), key, element);
    assert.equal(toHex(evaluated), v.evaluated);
    return toHex(unblind({ input: unhex(v.input), blind: scalar, element }, evaluated)) === v.output;
  },
  evaluation(v) {
    const [region, registrar, kind] = v.place;
    const elements = rows(unhex(v.blinded), 32, "blinded");
    checkEvaluation(unhex(v.election), {
      place: { region, registrar, kind },
      public_: unhex(v.public),
      blinded: elements.map((element) => ({ input: new Uint8Array(32), blind: 1n, element })),
      evaluated: rows(unhex(v.evaluated), 32, "evaluated"),
      proof: unhex(v.proof),
    });
    return true;
  },
});

/** The element of an input under a given blind: that under a random one, which is taken off again. */
function reblind(input: Uint8Array, scalar: bigint): Uint8Array {
  const made = blind(input, new Randomness(new Uint8Array(32), "test", 0n));
  const inverse = ristretto255.Point.Fn.inv(made.blind);
  return multiply(decodePoint(made.element, "element"), inverse * scalar).toBytes();
}
