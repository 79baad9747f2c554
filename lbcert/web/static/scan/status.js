// Token status lists of the IETF draft as CWT: two bits a certificate, the least significant first, compressed.

import { decode } from "./cbor.js";
import { LIST_SIZE } from "./claims.js";
import * as cose from "./cose.js";
import { covers, hex, verifies } from "./keys.js";

const BITS = 2, PACKED = (LIST_SIZE * BITS) / 8;
const EXP = 4, IAT = 6, TYPE = 16, STATUS_LIST = 65533;
const MEANS = ["valid", "revoked", "suspended", "replaced"];
/** The draft writes its maps in an order of its own. */
const ANY_ORDER = { sorted: false };

/** Read a list under one of `keys`: {issued, expires, statusOf(index)}; `expires` is null on an issuer's last list. */
export async function readStatusList(data, keys) {
  const envelope = cose.open(data, ANY_ORDER);
  const header = decode(envelope.protectedHeader, ANY_ORDER);
  const key = keys.get(hex(header.get(cose.KID)));
  if (header.get(TYPE) !== "application/statuslist+cwt" || key?.alg !== header.get(cose.ALG)) {
    throw new Error("no status list, or one under an unknown key");
  }
  if (!(await verifies(key, envelope.signature, cose.toBeSigned(envelope)))) throw new Error("the signature does not fit");
  const claims = decode(envelope.payload, ANY_ORDER);
  const issued = claims.get(IAT);
  const isStolen = key.compromisedSince !== null && issued >= key.compromisedSince;
  if (key.brands.length || !covers(key, issued) || isStolen) throw new Error("this key may not sign the list");
  const list = claims.get(STATUS_LIST);
  if (list.get("bits") !== BITS) throw new Error("a list with another number of bits");
  const packed = await inflate(list.get("lst"));
  return {
    issued,
    expires: claims.get(EXP) ?? null,
    statusOf: (index) => MEANS[(packed[index >> 2] >> ((index & 3) * BITS)) & 3],
  };
}

/** Unpack zlib data, and no more of it than a list has. */
async function inflate(data) {
  const packed = new Uint8Array(PACKED);
  const stream = new Blob([data]).stream().pipeThrough(new DecompressionStream("deflate"));
  const reader = stream.getReader();
  let at = 0;
  for (let { done, value } = await reader.read(); !done; { done, value } = await reader.read()) {
    if (at + value.length > PACKED) throw new Error("a list of another size");
    packed.set(value, at);
    at += value.length;
  }
  if (at !== PACKED) throw new Error("a list of another size");
  return packed;
}
