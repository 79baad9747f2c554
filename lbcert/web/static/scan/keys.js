// An issuer's key: what a verifier knows of it, and whether a signature is its own.
// A record: {kid: "f1d59449", alg: -7, -8 or -65537, spki or raw: Uint8Array, brands: [numbers], notBefore, notAfter, compromisedSince: seconds or null}.

const ES256 = -7;
const SUITES = new Map([
  [ES256, { importing: { name: "ECDSA", namedCurve: "P-256" }, verifying: { name: "ECDSA", hash: "SHA-256" } }],
  [-8, { importing: { name: "Ed25519" }, verifying: { name: "Ed25519" } }],
]);

/** This browser knows no such signatures; nothing is said about the certificate. */
export class Unsupported extends Error {}

export const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

/** Tell whether a certificate issued at a time may bear this key's signature; both ends are in. */
export const covers = (key, time) => key.notBefore <= time && (key.notAfter === null || time <= key.notAfter);

/** Tell whether `signature` (64 bytes) is this key's over `message`, by the record's own algorithm. */
export async function verifies(key, signature, message) {
  if (!SUITES.has(key.alg)) throw new Unsupported(`no suite ${key.alg} here`); // SM2, which no browser knows
  const { importing, verifying } = SUITES.get(key.alg);
  const [format, data] = key.spki ? ["spki", key.spki] : ["raw", key.raw];
  let imported;
  try {
    imported = await crypto.subtle.importKey(format, data, importing, false, ["verify"]);
  } catch (error) {
    throw new Unsupported(`no ${importing.name} here: ${error}`);
  }
  return crypto.subtle.verify(verifying, imported, signature, message);
}
