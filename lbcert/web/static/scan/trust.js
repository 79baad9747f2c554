// The trust list: a COSE_KeySet in a COSE_Sign1 of the offline root (certs_schema/trust-list.cddl).

import { decode } from "./cbor.js";
import * as cose from "./cose.js";
import { hex, verifies } from "./keys.js";

const CWT_CLAIMS = 15, EXPIRES = 4, SIGNED = 6, NUMBER = -65537, DEMO = -65538;
const KEY_TYPE = 1, KID = 2, ALG = 3, X = -2, Y = -3, EC2 = 2;
const BRANDS = -65537, NOT_BEFORE = -65538, NOT_AFTER = -65539, COMPROMISED_SINCE = -65541;

/** Read a list as signed by the root of this public key: {number, signed, expires, demo, keys}; rejects if it is not. */
export async function readTrustList(data, root) {
  const envelope = cose.open(data);
  const header = decode(envelope.protectedHeader);
  const kid = new Uint8Array(await crypto.subtle.digest("SHA-256", root)).subarray(0, 4);
  const key = { alg: header.get(cose.ALG), spki: root };
  const isRoots = hex(header.get(cose.KID)) === hex(kid) && (await verifies(key, envelope.signature, cose.toBeSigned(envelope)));
  if (!isRoots) throw new Error("the trust list is not the root's");
  const claims = header.get(CWT_CLAIMS);
  const records = decode(envelope.payload).map(record);
  return {
    number: claims.get(NUMBER),
    signed: claims.get(SIGNED),
    expires: claims.get(EXPIRES) ?? null,
    demo: claims.get(DEMO) === 1,
    keys: new Map(records.map((each) => [each.kid, each])),
  };
}

function record(entry) {
  const point = entry.get(KEY_TYPE) === EC2 ? [4, ...entry.get(X), ...entry.get(Y)] : entry.get(X);
  return {
    kid: hex(entry.get(KID)),
    alg: entry.get(ALG),
    raw: Uint8Array.from(point),
    brands: entry.get(BRANDS) ?? [],
    notBefore: entry.get(NOT_BEFORE),
    notAfter: entry.get(NOT_AFTER) ?? null,
    compromisedSince: entry.get(COMPROMISED_SINCE) ?? null,
  };
}
