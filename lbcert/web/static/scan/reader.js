// The strict reader: the one way from a scanned link to claims that may be believed, as lbcert/certificates/token/reader.py.
// The bytes are verified as received and never encoded again; the algorithm comes from the key's record.

import { decode } from "./cbor.js";
import { fromCbor } from "./claims.js";
import * as cose from "./cose.js";
import { covers, hex, verifies } from "./keys.js";
import * as link from "./link.js";
import { Unreadable } from "./refusal.js";

const KID_BYTES = 4, SIGNATURE_BYTES = 64;

/** Read a scanned link: {claims, key, token, host}. `keys` is a Map of records by kid in hex. Rejects with Unreadable. */
export async function readLink(text, keys) {
  const { host, token } = link.read(text);
  return { host, ...(await readToken(token, keys)) };
}

/** Read a token's bytes: {claims, key, token}. Rejects with Unreadable. */
export async function readToken(token, keys) {
  if (token.length > link.MAX_BYTES) throw new Unreadable("too_long");
  const envelope = cose.open(token);
  const key = keyOf(envelope.protectedHeader, keys);
  if (envelope.signature.length !== SIGNATURE_BYTES) {
    throw new Unreadable(isDer(envelope.signature) ? "der_signature" : "signature_length");
  }
  if (!(await verifies(key, envelope.signature, cose.toBeSigned(envelope)))) throw new Unreadable("signature");
  const claims = fromCbor(decode(envelope.payload));
  if (key.brands.length && !key.brands.includes(claims.brand)) throw new Unreadable("key_outside_brand");
  if (!covers(key, claims.issued)) throw new Unreadable("key_outside_time");
  if (key.compromisedSince !== null && claims.issued >= key.compromisedSince) throw new Unreadable("key_compromised");
  return { claims, key, token };
}

/** Find the key that the protected header names, and hold the header against the key's record. */
function keyOf(protectedHeader, keys) {
  const header = protectedHeader.length ? decode(protectedHeader) : new Map();
  if (!(header instanceof Map)) throw new Unreadable("header_type");
  if (header.has(cose.CRIT)) throw new Unreadable("critical_header");
  if ([...header.keys()].some((name) => name !== cose.ALG && name !== cose.KID)) throw new Unreadable("unknown_header");
  if (!header.has(cose.ALG) || !header.has(cose.KID)) throw new Unreadable("missing_header");
  const [alg, kid] = [header.get(cose.ALG), header.get(cose.KID)];
  if (typeof alg !== "number" || !(kid instanceof Uint8Array) || kid.length !== KID_BYTES) {
    throw new Unreadable("header_type");
  }
  const key = keys.get(hex(kid));
  if (!key) throw new Unreadable("unknown_key");
  if (alg !== key.alg) throw new Unreadable("wrong_algorithm");
  return key;
}

const isDer = (signature) => signature[0] === 0x30 && signature[1] === ((signature.length - 2) & 255);
