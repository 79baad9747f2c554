// Judges links with the scanner's own book and verdicts: [{known, files: {address: base64}, link, proof, now}] on standard input.

import { readFileSync } from "node:fs";

const scanner = process.argv[2];
const { openBook } = await import(`${scanner}/book.js`);
const { judge } = await import(`${scanner}/verdict.js`);
console.info = () => {};

const said = [];
for (const { known, files, link, proof, now } of JSON.parse(readFileSync(0, "utf8"))) {
  globalThis.fetch = async (address) =>
    address in files ? new Response(Buffer.from(files[address], "base64")) : new Response("", { status: 404 });
  const book = await openBook({ ...known, root: Uint8Array.from(Buffer.from(known.root, "base64")) });
  const { outcome, why = null, asOf = null, foreign = null, recorded = null } = await judge(link, book, now, proof);
  said.push({ outcome, why, asOf, foreign, recorded });
}
console.log(JSON.stringify(said));
