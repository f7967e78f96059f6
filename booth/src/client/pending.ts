// What a device keeps of cards that are made, until the log has them (spec/messages.md#enrolment-on-a-device): it tells
// whose they are and how many, and to nobody which of them counts.
import { fromHex, toHex, utf8 } from "../bytes.ts";
import { FormatError } from "../errors.ts";
import { parseAdmission } from "../protocol/admission.ts";
import { Form } from "../protocol/form.ts";
import * as json from "../protocol/json.ts";

/** An admission, and what the registrar signed in answer to it. */
export interface Kept {
  readonly message: Uint8Array;
  readonly receipt?: Uint8Array;
  readonly refusal?: Uint8Array;
}

/** A sealed request that is with a relay: where its response will be, what opens it, and of which admission it is. */
export interface Underway {
  readonly registrar: number;
  readonly location: string;
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
  /** When the relay's period ends, UTC seconds; 0 where nothing is with a relay. */
  readonly until: number;
}

/** The registrar that an admission is for. */
export const registrarOf = ({ message }: Kept): number => parseAdmission(message).payload.registrar;

/** The same with another admission in a place. */
export function withKept(pending: Pending, at: number, kept: Kept): Pending {
  return { ...pending, admissions: pending.admissions.map((one, place) => (place === at ? kept : one)) };
}

/** All that is kept for one election, as text. */
export function encodePendings(election: Uint8Array, all: readonly Pending[]): string {
  const hex = (data: Uint8Array | undefined): string => (data ? toHex(data) : "");
  const pendings = all.map(({ region, admissions, receipts, sent, until }) => ({
    region,
    until,
    receipts: receipts.map(toHex),
    admissions: admissions.map(({ message, receipt, refusal }) => [toHex(message), hex(receipt), hex(refusal)]),
    sent: sent.map(({ registrar, location, encapsulated, secret, admission }) => ({
      registrar,
      location,
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
  const members = form.members(["region", "until", "receipts", "admissions", "sent"]);
  const sent = members.sent.items(0).map((one): Underway => {
    const { registrar, location, opener, admission } = one.members(["registrar", "location", "opener", "admission"]);
    const [place] = admission.items(0, 1);
    return {
      registrar: registrar.integer(1, 8),
      location: location.text(),
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
  return { region: members.region.integer(0), until: members.until.integer(0), receipts, admissions, sent };
}

function bytesOf({ value, path }: Form): Uint8Array {
  if (typeof value !== "string" || value.length % 2) throw new FormatError(`${path}: no bytes`);
  return fromHex(value, value.length / 2, path);
}
