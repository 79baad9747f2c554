// What a scanned text is worth without a network: the strict reader, then key, status list and dates.
//
// A verdict: {outcome, why, asOf, recorded, reading, foreign}. Outcomes are those of the public page, and "unsure": genuine, yet
// nothing here can say that it still stands; `why` names the refusal, or what it takes to be sure. `recorded` is when the log took
// it in, where a proof of that outweighs a stolen key.

import { Unsupported } from "./keys.js";
import { recordedAt } from "./proof.js";
import { readLink } from "./reader.js";
import { Unreadable } from "./refusal.js";

/** A clock may be slow by so many seconds. */
const SLACK = 3600;
/** How each outcome is shown: in green, amber or red, each with a sign of its own. */
export const SIGNS = { valid: "ok", expired: "warn", suspended: "warn", replaced: "warn", unsure: "warn" };

/**
 * Judge a scanned text. `book` is what was fetched before ({trust, lists, host, log}), `now` is in seconds; `proof` is the log's
 * proof that a PDF holds.
 */
export async function judge(text, book, now, proof = "") {
  let reading;
  try {
    reading = await readLink(text, book.trust?.keys ?? new Map());
  } catch (error) {
    if (error instanceof Unsupported) return { outcome: "unsure", why: "unsupported" };
    if (!(error instanceof Unreadable)) throw error;
    if (error.reason === "unknown_key" && !book.trust) return { outcome: "unsure", why: "no_trust_list" };
    const asOf = error.reason === "unknown_key" ? book.trust.signed : undefined;
    return { outcome: "broken", why: error.reason, asOf, foreign: foreignHost(text, book) };
  }
  const isLost = reading.key.compromisedSince !== null;
  const recorded = isLost && proof && book.log ? await recordedAt(proof, reading.token, book.log) : null;
  return { ...standing(reading, book, now, recorded), reading, foreign: foreignHost(text, book) };
}

/** Give the host of a link where it is not ours, whatever else it holds; a cloned site's code holds nothing of ours. */
export function foreignHost(text, book) {
  const host = /^\s*https?:\/\/([^/?#\s]+)/i.exec(text)?.[1].toLowerCase();
  return host && host !== book.host ? host : "";
}

function standing({ claims, key }, { trust, lists }, now, recorded) {
  const list = lists.get(claims.statusList);
  const status = list?.statusOf(claims.statusIndex);
  const asOf = list?.issued;
  const unsure = (why) => ({ outcome: "unsure", why, asOf });
  if (status && status !== "valid") return { outcome: status, asOf };
  if (claims.expires !== null && claims.expires <= now) return { outcome: "expired", asOf };
  if (key.compromisedSince !== null && recorded === null) return unsure("key_lost");
  if (key.compromisedSince !== null && recorded >= key.compromisedSince) return { outcome: "broken", why: "key_compromised" };
  if (!list) return unsure("no_list");
  if (now < list.issued - SLACK || now < trust.signed - SLACK) return unsure("clock");
  if (isOver(list, now) || isOver(trust, now)) return unsure("list_over");
  return { outcome: "valid", asOf, recorded };
}

const isOver = ({ expires }, now) => expires !== null && expires < now;
