// Reads tokens with the scanner's own modules: {keys, tokens: [{token: hex} or {link}]} on standard input, one answer each out.
// Runs in Node, and as it stands in a page: `answers` is all that a browser needs of it.

const bytesOf = (hex) => Uint8Array.from(hex.match(/../g) ?? [], (pair) => parseInt(pair, 16));
const hexOf = (bytes) => bytes && Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

export async function answers({ keys, tokens }, scanner) {
  const { readLink, readToken } = await import(`${scanner}/reader.js`);
  const { Unreadable } = await import(`${scanner}/refusal.js`);
  const { Unsupported } = await import(`${scanner}/keys.js`);
  const ring = new Map(
    keys.map((key) => [
      key.kid,
      {
        kid: key.kid, alg: key.alg, spki: bytesOf(key.spki), brands: key.brands, notBefore: key.not_before,
        notAfter: key.not_after, compromisedSince: key.compromised_since,
      },
    ]),
  );
  const answer = async (entry) => {
    try {
      const { claims } = await (entry.link === undefined ? readToken(bytesOf(entry.token), ring) : readLink(entry.link, ring));
      return { ...claims, holder: hexOf(claims.holder), cti: hexOf(claims.cti) };
    } catch (error) {
      if (error instanceof Unreadable) return error.reason;
      if (error instanceof Unsupported) return "unsupported";
      throw error;
    }
  };
  const said = [];
  for (const entry of tokens) said.push(await answer(entry));
  return said;
}

if (globalThis.process?.argv) {
  const { readFileSync } = await import("node:fs");
  const said = await answers(JSON.parse(readFileSync(0, "utf8")), process.argv[2]);
  console.log(JSON.stringify(said));
}
