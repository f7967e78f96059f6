// Sealed messages: Oblivious HTTP (RFC 9458) around Binary HTTP (RFC 9292), so that a relay sees who sends and not what,
// and a registrar what and not who (spec/messages.md#sealed-messages).
import { Chacha20Poly1305 } from "@hpke/chacha20poly1305";
import { CipherSuite, HkdfSha256 } from "@hpke/core";
import { DhkemX25519HkdfSha256 } from "@hpke/dhkem-x25519";
import { expand, extract } from "@noble/hashes/hkdf.js";
import { sha256 } from "@noble/hashes/sha2.js";

import { concat, utf8 } from "../bytes.ts";
import { FormatError, VerificationError } from "../errors.ts";
import type { RegistrarKeys } from "./tokenkeys.ts";

/** Bytes of a request and a response before they are sealed. */
const REQUEST = 1536;
const RESPONSE = 1024;
const KNOWN_REQUEST = 0;
const KNOWN_RESPONSE = 1;
const NONCE = 32;
const TAG = 16;
const KEY = 32;
const AEAD_NONCE = 12;
/** DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, ChaCha20Poly1305: as they stand in the header. */
const SUITE = Uint8Array.of(0x00, 0x20, 0x00, 0x01, 0x00, 0x03);
const ADDRESS = /^(https?):\/\/([^/]*)(.*)$/;

/** A sealed request, and what opens its response. */
export interface Sealed {
  readonly request: Uint8Array;
  readonly opener: Opener;
}

/** What must be kept of a sealed request: 32 bytes each. */
export interface Opener {
  readonly encapsulated: Uint8Array;
  readonly secret: Uint8Array;
}

/** An admission, or nothing (a dummy), sealed to a registrar: all have one length. */
export async function sealMessage(
  { number, hpkeKey, address }: Pick<RegistrarKeys, "number" | "hpkeKey" | "address">,
  content: Uint8Array,
  ephemeral?: CryptoKeyPair,
): Promise<Sealed> {
  const suite = new CipherSuite({
    kem: new DhkemX25519HkdfSha256(),
    kdf: new HkdfSha256(),
    aead: new Chacha20Poly1305(),
  });
  const header = concat(Uint8Array.of(number), SUITE);
  const info = concat(utf8("message/bhttp request"), Uint8Array.of(0), header);
  const recipientPublicKey = await suite.kem.deserializePublicKey(buffer(hpkeKey));
  const parameters = { recipientPublicKey, info: buffer(info) };
  const sender = await suite.createSenderContext(ephemeral ? { ...parameters, ekm: ephemeral } : parameters);
  const encapsulated = new Uint8Array(sender.enc);
  const sealed = new Uint8Array(await sender.seal(buffer(encodeRequest(address, content))));
  const secret = new Uint8Array(await sender.export(buffer(utf8("message/bhttp response")), KEY));
  return { request: concat(header, encapsulated, sealed), opener: { encapsulated, secret } };
}

/** What a registrar answered; empty to a dummy. VerificationError for what it did not seal. */
export async function openResponse({ encapsulated, secret }: Opener, response: Uint8Array): Promise<Uint8Array> {
  if (response.length !== NONCE + RESPONSE + TAG) throw new FormatError(`sealed response: ${response.length} bytes`);
  const prk = extract(sha256, secret, concat(encapsulated, response.subarray(0, NONCE)));
  const key = expand(sha256, prk, utf8("key"), KEY);
  const nonce = expand(sha256, prk, utf8("nonce"), AEAD_NONCE);
  const aead = new Chacha20Poly1305().createEncryptionContext(buffer(key));
  const nothing = new ArrayBuffer(0);
  const opened = await aead.open(buffer(nonce), buffer(response.subarray(NONCE)), nothing).catch(() => {
    throw new VerificationError("sealed", "relay", "the sealed response is not the registrar's");
  });
  return decodeResponse(new Uint8Array(opened));
}

/** A known-length request of Binary HTTP without fields, filled up with zeros. */
export function encodeRequest(address: string, content: Uint8Array): Uint8Array {
  const [, scheme, authority, path] = ADDRESS.exec(address) ?? [];
  if (!scheme || !authority) throw new FormatError("the registrar has no address for sealed messages");
  const control = ["POST", scheme, authority, `${path}/admissions`].map((text) => counted(utf8(text)));
  const none = Uint8Array.of(0);
  const whole = concat(Uint8Array.of(KNOWN_REQUEST), ...control, none, counted(content), none);
  if (whole.length > REQUEST) throw new FormatError(`sealed request: ${whole.length} bytes, more than ${REQUEST}`);
  return concat(whole, new Uint8Array(REQUEST - whole.length));
}

/** The content of a known-length response without fields: of status 200, or nothing of 204. */
export function decodeResponse(data: Uint8Array): Uint8Array {
  let at = 0;
  const number = (): number => {
    const size = 1 << (data[at]! >> 6);
    const value = data.subarray(at, at + size).reduce((sum, byte, place) => sum * 256 + (place ? byte : byte & 63), 0);
    at += size;
    return value;
  };
  const [framing, status, fields, length] = [number(), number(), number(), number()] as const;
  const content = data.slice(at, (at += length));
  const known = framing === KNOWN_RESPONSE && fields === 0 && (length ? status === 200 : status === 204);
  if (!known || at > data.length || data.subarray(at).some((byte) => byte !== 0))
    throw new FormatError("sealed response: not of the one form");
  return content;
}

/** Bytes behind their length, a variable-length integer (RFC 9000, section 16). */
function counted(data: Uint8Array): Uint8Array {
  const { length } = data;
  const head = length < 64 ? [length] : [0x40 | (length >> 8), length & 255];
  return concat(Uint8Array.from(head), data);
}

const buffer = (data: Uint8Array): ArrayBuffer => data.slice().buffer as ArrayBuffer;
