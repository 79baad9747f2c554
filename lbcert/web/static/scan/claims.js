// What a token says of a certificate, read as strictly as lbcert/certificates/token/claims.py reads it.

import { Unreadable } from "./refusal.js";

/** Certificates in one status list; an index is below this. */
export const LIST_SIZE = 2 ** 20;
export const BRAND_STORE = 6;

const EXP = 4, IAT = 6, CTI = 7, CERTIFICATE = -65537;
const KIND = 1, BRAND = 2, OCCUPATION = 3, LEVEL = 4, NAME = 5, HOLDER = 6, STATUS = 7;
const MILLISECONDS = 1e11;
const OCCUPATIONS = 1e12;
const UNPRINTABLE =
  /[\x00-\x1f\x7f-\xa0\xad\u061c\u1680\u180e\u2000-\u200f\u2028-\u202f\u205f-\u206f\u3000\ufeff\ufff9-\uffff\u{e0000}-\u{e007f}]/u;

/** Read the claims map; throws Unreadable for the first thing wrong in it. Times are in seconds, `holder` may be null. */
export function fromCbor(payload) {
  const outer = fields(payload, [IAT, CTI, CERTIFICATE], [EXP]);
  const inner = fields(outer.get(CERTIFICATE), [KIND, BRAND, OCCUPATION, LEVEL, NAME, STATUS], [HOLDER]);
  const issued = time(outer.get(IAT));
  const expires = outer.has(EXP) ? time(outer.get(EXP)) : null;
  if (expires !== null && expires <= issued) throw new Unreadable("expires_before_issue");
  const cti = bytes(outer.get(CTI));
  const kind = number(inner.get(KIND), { least: 1 });
  const name = inner.get(NAME);
  if (typeof name !== "string") throw new Unreadable("claim_type");
  if (cti.length !== 8 || !name || UNPRINTABLE.test(name)) throw new Unreadable("claim_range");
  const [statusList, statusIndex] = status(inner.get(STATUS));
  return {
    kind,
    brand: number(inner.get(BRAND)),
    occupation: number(inner.get(OCCUPATION), { most: OCCUPATIONS - 1 }),
    level: number(inner.get(LEVEL), { most: 23 }),
    name,
    holder: holder(kind, inner.get(HOLDER)),
    statusList,
    statusIndex,
    issued,
    expires,
    cti,
  };
}

/** Give the two bytes by which somebody who holds the ID card checks that a certificate is this person's. */
export async function holderTag(idNumber) {
  const text = new TextEncoder().encode(`lbcert-holder-1${idNumber.toUpperCase()}`);
  return new Uint8Array(await crypto.subtle.digest("SHA-256", text)).subarray(0, 2);
}

function holder(kind, value) {
  const tag = value === undefined ? null : bytes(value);
  const missing = tag === null && kind < BRAND_STORE;
  const unwanted = tag !== null && (kind === BRAND_STORE || tag.length !== 2);
  if (missing || unwanted) throw new Unreadable("holder_tag");
  return tag;
}

function status(value) {
  if (!Array.isArray(value) || value.length !== 2) throw new Unreadable("claim_type");
  const index = number(value[1]);
  if (index >= LIST_SIZE) throw new Unreadable("index_outside_list");
  return [number(value[0]), index];
}

function fields(value, required, optional) {
  if (!(value instanceof Map)) throw new Unreadable("claim_type");
  if (required.some((key) => !value.has(key))) throw new Unreadable("missing_claim");
  const known = [...required, ...optional];
  if ([...value.keys()].some((key) => !known.includes(key))) throw new Unreadable("unknown_claim");
  return value;
}

function bytes(value) {
  if (!(value instanceof Uint8Array)) throw new Unreadable("claim_type");
  return value;
}

function number(value, { least = 0, most = 2 ** 32 - 1 } = {}) {
  if (typeof value !== "number") throw new Unreadable("claim_type");
  if (value < least || value > most) throw new Unreadable("claim_range");
  return value;
}

function time(value) {
  if (typeof value !== "number") throw new Unreadable("claim_type");
  if (value >= MILLISECONDS) throw new Unreadable("time_in_milliseconds");
  if (value < 0) throw new Unreadable("claim_range");
  return value;
}
