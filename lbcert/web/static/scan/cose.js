// COSE_Sign1 (RFC 9052): the envelope, and what its signature is over.

import { Tagged, decode } from "./cbor.js";
import { Unreadable } from "./refusal.js";

export const ALG = 1, CRIT = 2, KID = 4;
const SIGN1_TAG = 18, CWT_TAG = 61;

/** Take a COSE_Sign1 apart into its byte strings; throws Unreadable. */
export function open(data, options) {
  const outer = decode(data, options);
  if (outer instanceof Tagged && outer.tag === CWT_TAG) throw new Unreadable("cwt_tag");
  const parts = outer instanceof Tagged && outer.tag === SIGN1_TAG ? outer.value : null;
  if (!Array.isArray(parts) || parts.length !== 4) throw new Unreadable("not_sign1");
  const [protectedHeader, unprotected, payload, signature] = parts;
  const strings = [protectedHeader, payload, signature].every((part) => part instanceof Uint8Array);
  if (!strings || !(unprotected instanceof Map)) throw new Unreadable("not_sign1");
  if (unprotected.size) throw new Unreadable("unprotected_header");
  return { protectedHeader, payload, signature };
}

/** Give the Sig_structure over a protected header and a payload, both as received (RFC 9052, 4.4). */
export function toBeSigned({ protectedHeader, payload }) {
  const context = new TextEncoder().encode("Signature1");
  return join([0x84], head(3, context.length), context, head(2, protectedHeader.length), protectedHeader, [0x40], head(2, payload.length), payload);
}

function head(major, length) {
  const first = major << 5;
  if (length < 24) return [first | length];
  if (length < 2 ** 8) return [first | 24, length];
  if (length < 2 ** 16) return [first | 25, length >> 8, length & 255];
  return [first | 26, length >>> 24, (length >> 16) & 255, (length >> 8) & 255, length & 255];
}

function join(...parts) {
  const joined = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}
