// What a device keeps of cards that are made, until the log has them (spec/messages.md#enrolment-on-a-device): it tells
// whose they are and how many, and to nobody which of them counts.
import { fromHex, toHex, utf8 } from "../bytes.ts";
import { FormatError } from "../errors.ts";
import { parseAdmission } from "../protocol/admission.ts";
import { face, nameOf } from "../protocol/face.ts";
import { Form } from "../protocol/form.ts";
import * as json from "../protocol/json.ts";
import { isHttpAddress } from "../protocol/relays.ts";

/** An admission, and what the registrar signed in answer to it. */
export interface Kept {
  readonly message: Uint8Array;
  readonly receipt?: Uint8Array;
  readonly refusal?: Uint8Array;
}

/** A sealed request on its way: where its response will be, what opens that, and of which admission it is. */
export interface Underway {
  readonly registrar: number;
  /** The address of the relay that it was given to; empty before that. No other gets it then. */
  readonly relay: string;
  /** Whether that relay has said that it took it. */
  readonly taken: boolean;
  /** The sealed request: SHA-256 of it is its name. */
  readonly request: Uint8Array;
  readonly encapsulated: Uint8Array;
  readonly secret: Uint8Array;
  /** Its position; undefined for a dummy. */
  readonly admission?: number;
}

export interface Pending {
  readonly region: number;
  readonly admissions: readonly Kept[];
  /** That the registrars gave tokens, signed. */
  readonly receipts: readonly Uint8Array[];
  readonly sent: readonly Underway[];
  /** When the window of what is with relays ends, UTC seconds; 0 where nothing is. */
  readonly until: number;
  /** The address of the relay that has brought an answer: the device keeps to it; empty where none ever has. */
  readonly relay: string;
}

/** The registrar that an admission is for. */
export const registrarOf = ({ message }: Kept): number => parseAdmission(message).payload.registrar;

/** The names of the cards that are pending. */
export function namesIn(pendings: readonly Pending[]): Set<string> {
  const keys = pendings.flatMap(({ admissions }) => admissions.map(({ message }) => parseAdmission(message).author));
  return new Set(keys.map((key) => nameOf(face(key))));
}

/** The same with another admission in a place. */
export function withKept(pending: Pending, at: number, kept: Kept): Pending {
  return { ...pending, admissions: pending.admissions.map((one, place) => (place === at ? kept : one)) };
}

/** All that is kept for one election, as text. */
export function encodePendings(election: Uint8Array, all: readonly Pending[]): string {
  const hex = (data: Uint8Array | undefined): string => (data ? toHex(data) : "");
  const pendings = all.map(({ region, admissions, receipts, sent, until, relay }) => ({
    region,
    until,
    relay,
    receipts: receipts.map(toHex),
    admissions: admissions.map(({ message, receipt, refusal }) => [toHex(message), hex(receipt), hex(refusal)]),
    sent: sent.map(({ registrar, relay, taken, request, encapsulated, secret, admission }) => ({
      registrar,
      relay,
      taken: Number(taken),
      request: toHex(request),
      opener: toHex(encapsulated) + toHex(secret),
      admission: admission === undefined ? [] : [admission],
    })),
  }));
  return new TextDecoder().decode(json.encode({ election: toHex(election), pendings }));
}

/** FormatError for any other text; nothing for another election. */
export function decodePendings(election: Uint8Array, text: string): Pending[] {
  const members = new Form(json.decode(utf8(text))).members(["election", "pendings"]);
  if (members.election.value !== toHex(election)) return [];
  return members.pendings.items(0).map(readPending);
}

function readPending(form: Form): Pending {
  const members = form.members(["region", "until", "relay", "receipts", "admissions", "sent"]);
  const sent = members.sent.items(0).map((one): Underway => {
    const parts = one.members(["registrar", "relay", "taken", "request", "opener", "admission"]);
    const { registrar, relay, taken, request, opener, admission } = parts;
    const [place] = admission.items(0, 1);
    return {
      registrar: registrar.integer(1, 8),
      relay: readRelay(relay),
      taken: taken.integer(0, 1) === 1,
      request: bytesOf(request),
      encapsulated: bytesOf(opener).slice(0, 32),
      secret: bytesOf(opener).slice(32),
      ...(place ? { admission: place.integer(0) } : {}),
    };
  });
  const admissions = members.admissions.items(1).map((one): Kept => {
    const [message, receipt, refusal] = one.items(3, 3).map(bytesOf) as [Uint8Array, Uint8Array, Uint8Array];
    parseAdmission(message);
    return { message, ...(receipt.length ? { receipt } : {}), ...(refusal.length ? { refusal } : {}) };
  });
  const receipts = members.receipts.items(0).map(bytesOf);
  const [region, until] = [members.region.integer(0), members.until.integer(0)];
  return { region, until, relay: readRelay(members.relay), receipts, admissions, sent };
}

function readRelay({ value, path }: Form): string {
  if (typeof value !== "string" || (value !== "" && !isHttpAddress(value)))
    throw new FormatError(`${path}: no address of a relay`);
  return value;
}

function bytesOf({ value, path }: Form): Uint8Array {
  if (typeof value !== "string" || value.length % 2) throw new FormatError(`${path}: no bytes`);
  return fromHex(value, value.length / 2, path);
}
