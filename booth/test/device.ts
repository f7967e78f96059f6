// A voter's device on standard input and output, for tests of another implementation: a JSON command a line in,
// a JSON answer a line out. It keeps what it makes, as a page does.
import { createInterface } from "node:readline";

import { toHex, utf8 } from "../src/bytes.ts";
import { checkGroupOpening } from "../src/protocol/audit.ts";
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
import { type Definition, parseDefinition } from "../src/protocol/definition.ts";
import { nameOf } from "../src/protocol/face.ts";
import { GroupDraft, readReceipt } from "../src/protocol/group.ts";
import { parseInvitation } from "../src/protocol/invitation.ts";
import { readPromise } from "../src/protocol/message.ts";
import { askTokens, drawKeys, finishTokens, type Token, type TokenRequest } from "../src/protocol/token.ts";
import { unhex } from "./vectors.ts";
import { visible } from "../src/visible.ts";

type Command = Record<string, any>;

const seeds = () => crypto.getRandomValues(new Uint8Array(32));

let definition: Definition;
let election: Uint8Array;
let joint: Uint8Array;
let request: TokenRequest;
let tokens: Token[];
let token: Token;
let cards: Card[];
let group: GroupDraft;
let ballot: BallotDraft;
let sent: Uint8Array;

const shapesOf = (region: number) => definition.regions[region]?.style.questions;
const spoken = (card: Card) => ({
  text: cardText(card),
  words: cardWords(card),
  name: nameOf(cardFace(card)),
});

const COMMANDS: Record<string, (command: Command) => unknown> = {
  begin(c) {
    definition = parseDefinition(unhex(c.document));
    election = unhex(c.election);
    joint = unhex(c.joint);
    return { regions: definition.regions.length };
  },
  ask(c) {
    const keys = drawKeys(definition, c.region, c.decoys, seeds());
    request = askTokens(definition, election, parseInvitation(utf8(c.invitation)), keys, seeds());
    return { message: toHex(request.message) };
  },
  finish(c) {
    tokens = finishTokens(definition, election, request, unhex(c.response));
    return { kinds: tokens.map(({ kind }) => kind) };
  },
  group(c) {
    token = tokens[c.token]!;
    cards = Array.from({ length: c.cards }, () => makeCard(election, c.region, seeds().slice(0, 16)));
    const counts = c.counts === null ? undefined : cards[c.counts];
    group = GroupDraft.make(definition, joint, token, cards, counts, seeds);
    return { commitment: toHex(group.commitment), cards: cards.map(spoken) };
  },
  visible: (c) => c.texts.map(visible),
  audit: () => ({ opening: toHex(group.open()) }),
  enrol() {
    sent = group.sign(token.output, seeds());
    return { message: toHex(sent) };
  },
  receipt: (c) => readReceipt(definition, election, sent, unhex(c.answer)).batch,
  prepare(c) {
    const card = c.words ? recallCard(election, c.region, c.words) : scanCard(election, c.text);
    const { region, pair } = card;
    const where = { election, joint, region, day: c.day, serial: c.serial };
    ballot = BallotDraft.encrypt(where, shapesOf(region)!, pair, c.choices, seeds);
    return { hash: toHex(ballot.hash) };
  },
  challenge: () => ({ opening: toHex(ballot.open(election)) }),
  cast() {
    sent = ballot.sign(seeds());
    return { entry: toHex(sent) };
  },
  promise: (c) => readPromise(unhex(c.answer), election, definition.board.key, sent, c.seal).deadline,
  checkGroup: (c) =>
    checkGroupOpening(
      definition,
      election,
      joint,
      unhex(c.opening),
      unhex(c.commitment),
      c.named ?? undefined,
    ).map(({ name, counts }) => [name, counts]),
  checkBallot: (c) => checkBallotOpening(election, joint, unhex(c.opening), unhex(c.hash), shapesOf).choices,
};

for await (const line of createInterface({ input: process.stdin })) {
  const command = JSON.parse(line) as Command;
  try {
    console.log(JSON.stringify({ answer: COMMANDS[command.do]!(command) ?? null }));
  } catch (error) {
    console.log(JSON.stringify({ error: (error as Error).name, message: (error as Error).message }));
  }
}
