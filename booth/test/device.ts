// A voter's device on standard input and output, for tests of another implementation: a JSON command a line in,
// a JSON answer a line out. It keeps what it makes, as a page does.
import { createInterface } from "node:readline";

import { toHex, utf8 } from "../src/bytes.ts";
import { checkReceipt, makeAdmissions } from "../src/protocol/admission.ts";
import { checkCardsOpening } from "../src/protocol/audit.ts";
import { BallotDraft } from "../src/protocol/ballot.ts";
import {
  type Card,
  cardFace,
  cardText,
  cardWords,
  makeCard,
  recallCard,
  scanCard,
} from "../src/protocol/card.ts";
import { checkBallotOpening } from "../src/protocol/challenge.ts";
import type { Definition } from "../src/protocol/definition.ts";
import type { Region } from "../src/protocol/excerpts.ts";
import { nameOf } from "../src/protocol/face.ts";
import { CardsDraft } from "../src/protocol/cards.ts";
import { parseInvitation } from "../src/protocol/invitation.ts";
import { readPromise } from "../src/protocol/message.ts";
import { askReady, entitle, type Entitled, readReady } from "../src/protocol/ready.ts";
import { type Answered, type Asked, askTokens, readTokens } from "../src/protocol/token.ts";
import { readTokenKeys, type RegistrarKeys } from "../src/protocol/tokenkeys.ts";
import { readWhole } from "./definitions.ts";
import { unhex } from "./vectors.ts";
import { visible } from "../src/visible.ts";

type Command = Record<string, any>;

const seeds = () => crypto.getRandomValues(new Uint8Array(32));

let definition: Definition;
let regions: readonly Region[];
let election: Uint8Array;
let jointKey: Uint8Array;
let registrars: RegistrarKeys[];
let entitled: Entitled[];
let asked: Asked[];
let answers: Answered[];
let cards: Card[];
let draft: CardsDraft;
let ballot: BallotDraft;
let sent: Uint8Array;

const shapesOf = async (region: number) => regions[region]?.style.questions;
const spoken = (card: Card) => ({
  text: cardText(card),
  words: cardWords(card),
  name: nameOf(cardFace(card)),
});

const COMMANDS: Record<string, (command: Command) => unknown> = {
  begin(c) {
    ({ definition, regions } = readWhole(unhex(c.document)));
    election = unhex(c.election);
    jointKey = unhex(c.joint);
    registrars = [];
    for (const [at, content] of c.tokens.map(unhex).entries()) {
      const entry = { hpke_key: new Uint8Array(32), address: "", digest: new Uint8Array(32) };
      registrars.push(readTokenKeys(definition, at + 1, entry, content));
    }
    return { regions: definition.regions.length };
  },
  cards(c) {
    cards = Array.from({ length: c.cards }, () => makeCard(election, c.region, seeds().slice(0, 16)));
    draft = CardsDraft.make(definition, jointKey, cards, cards[c.counts]!, seeds);
    return { commitment: toHex(draft.commitment), cards: cards.map(spoken) };
  },
  visible: (c) => c.texts.map(visible),
  audit: () => ({ opening: toHex(draft.open()) }),
  /** Invitations of all registrars: the questions whether these are ready. */
  ready(c) {
    entitled = c.invitations.map((one: string) => entitle(definition, parseInvitation(utf8(one))));
    return { messages: entitled.map((one) => toHex(askReady(election, one))) };
  },
  waits: (c) =>
    entitled.map((one, at) => readReady(definition, election, one, askReady(election, one), unhex(c.answers[at]))),
  ask() {
    draft.enrol();
    asked = entitled.map((one) => askTokens(definition, election, one, cards, draft.counts, seeds));
    return { messages: asked.map(({ message }) => toHex(message)) };
  },
  finish(c) {
    answers = asked.map((one, at) => readTokens(definition, election, registrars[at]!, one, unhex(c.responses[at])));
    return { receipts: answers.map(({ receipt }) => toHex(receipt)) };
  },
  make() {
    const made = makeAdmissions(election, jointKey, draft.enrol(), registrars, answers, seeds);
    draft.forget();
    return { messages: made.map(toHex) };
  },
  receipt: (c) =>
    checkReceipt(election, definition.registrars[c.registrar - 1]!.key, unhex(c.message), unhex(c.answer)),
  prepare(c) {
    const card = c.words ? recallCard(election, c.region, c.words) : scanCard(election, c.text);
    const { region, pair } = card;
    const where = { election, jointKey, region, day: c.day, serial: c.serial };
    ballot = BallotDraft.encrypt(where, regions[region]!.style.questions, pair, c.choices, seeds);
    return { hash: toHex(ballot.hash) };
  },
  challenge: () => ({ opening: toHex(ballot.open(election)) }),
  cast() {
    sent = ballot.sign(seeds());
    return { entry: toHex(sent) };
  },
  promise: (c) => readPromise(unhex(c.answer), election, definition.board.key, sent, c.seal).deadline,
  checkCards: (c) =>
    checkCardsOpening(definition, election, jointKey, unhex(c.opening), unhex(c.commitment), c.named).map(({ name, counts }) => [name, counts]),
  checkBallot: async (c) =>
    (await checkBallotOpening(election, jointKey, unhex(c.opening), unhex(c.hash), shapesOf)).choices,
};

for await (const line of createInterface({ input: process.stdin })) {
  const command = JSON.parse(line) as Command;
  try {
    console.log(JSON.stringify({ answer: (await COMMANDS[command.do]!(command)) ?? null }));
  } catch (error) {
    console.log(JSON.stringify({ error: (error as Error).name, message: (error as Error).message }));
  }
}
