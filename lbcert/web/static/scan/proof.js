// The log's proof that travels in a PDF (c2sp.org/tlog-proof@v1): when the log took a certificate in, as docs/formats.md has it.

import { hex, verifies } from "./keys.js";

const FIRST = "c2sp.org/tlog-proof@v1", ENTRY = "lbcert-log-1", DASH = "\u2014 ";
const ED25519 = -8, ID_BYTES = 4, HASH = 32;

/** Give the time (seconds) at which the log took in a token's issue; null for what proves nothing. `vkey` is the log's public key. */
export async function recordedAt(text, token, vkey) {
  try {
    const { index, hashes, extra, checkpoint } = read(text);
    const [first, kind, subject, time, end] = new TextDecoder().decode(extra).split("\n");
    const isIts = first === ENTRY && kind === "issue" && end === "" && subject === hex(await sha256(token));
    const { size, root } = await opened(checkpoint, vkey);
    const leaf = await sha256([0], await sha256(extra));
    return isIts && (await leadsTo(root, leaf, index, size, hashes)) ? Date.parse(time) / 1000 : null;
  } catch (error) {
    console.info(String(error)); // a proof that cannot be read, or a browser that knows no Ed25519
    return null;
  }
}

function read(text) {
  const at = text.indexOf("\n\n");
  const [first, ...lines] = text.slice(0, at).split("\n");
  const extra = lines[0].startsWith("extra ") ? bytes(lines.shift().slice("extra ".length)) : new Uint8Array();
  const index = /^index (\d+)$/.exec(lines.shift());
  if (first !== FIRST || !index) throw new Error("no tlog-proof@v1");
  return { index: BigInt(index[1]), hashes: lines.map(bytes), extra, checkpoint: text.slice(at + 2) };
}

/** Read a checkpoint, a note that the log's key signed: {size, root}. */
async function opened(note, vkey) {
  const [, name, id, encoded] = /^(.+)\+([0-9a-f]{8})\+(.+)$/.exec(vkey.trim());
  const at = note.lastIndexOf(`\n\n${DASH}`);
  const text = note.slice(0, at + 1);
  const key = { alg: ED25519, raw: bytes(encoded).subarray(1) }; // the first byte says Ed25519
  for (const line of note.slice(at + 2).split("\n")) {
    if (!line.startsWith(`${DASH}${name} `)) continue;
    const signature = bytes(line.slice(DASH.length + name.length + 1));
    if (hex(signature.subarray(0, ID_BYTES)) !== id) continue;
    if (!(await verifies(key, signature.subarray(ID_BYTES), new TextEncoder().encode(text)))) break;
    const [origin, size, root] = text.split("\n");
    if (origin === name && /^\d+$/.test(size)) return { size: BigInt(size), root: bytes(root) };
  }
  throw new Error("no checkpoint of this log");
}

/** Tell whether a proof leads from a leaf's hash to the root (RFC 9162, 2.1.3.2). */
async function leadsTo(root, leaf, index, size, hashes) {
  if (index >= size) return false;
  let place = index, last = size - 1n, hashed = leaf;
  for (const sibling of hashes) {
    if (last === 0n || sibling.length !== HASH) return false;
    if (place & 1n || place === last) {
      hashed = await sha256([1], sibling, hashed);
      while (!(place & 1n) && place) [place, last] = [place >> 1n, last >> 1n];
    } else {
      hashed = await sha256([1], hashed, sibling);
    }
    [place, last] = [place >> 1n, last >> 1n];
  }
  return last === 0n && hex(hashed) === hex(root);
}

const bytes = (text) => Uint8Array.from(atob(text), (character) => character.charCodeAt(0));

/** Hash parts as one. */
export async function sha256(...parts) {
  const whole = Uint8Array.from(parts.flatMap((part) => [...part]));
  return new Uint8Array(await crypto.subtle.digest("SHA-256", whole));
}
