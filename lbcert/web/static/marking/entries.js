// Entering a mark: on the phone first, always. An entry that was never sent is overwritten; one that may have arrived is not.

import { change, draftKey } from "./store.js";

/** A random UUID; without TLS a browser offers no such function. */
function newId() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 15) | 64;
  bytes[8] = (bytes[8] & 63) | 128;
  const text = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return [0, 8, 12, 16, 20].map((from, at, all) => text.slice(from, all[at + 1])).join("-");
}

const isOf = (place) => (entry) =>
  entry.account === place.account && entry.batch === place.batch && entry.number === place.number && entry.part === place.part;

/** Keep what is being typed; an empty text is forgotten. */
export function keepDraft({ account, batch, number, part }, text) {
  const key = draftKey(account, batch, number, part);
  return change((store) => (text ? store("drafts").put(text, key) : store("drafts").remove(key)));
}

/**
 * Enter a value {points, absence, by_item} at a place {account, batch, number, part}; `after` is the id of the saved mark that it changes.
 * Where the entry before may have arrived meanwhile, nothing is changed without a reason: what was typed stays a draft.
 */
export function enter(place, value, { after = null, reason = "" } = {}) {
  return change(async (store) => {
    const earlier = (await store("entries").all()).filter(isOf(place)).filter((entry) => entry.state === "waiting").sort(byAge);
    const last = earlier.at(-1);
    if (last?.attempted && !reason) return;
    const fresh = { ...place, ...value, reason, entry: newId(), made: Date.now(), state: "waiting", attempted: false };
    if (last && !last.attempted) await store("entries").put({ ...last, ...value, reason: reason || last.reason });
    else if (last) await store("entries").put({ ...fresh, after: null, behind: last.entry });
    else await store("entries").put({ ...fresh, after, behind: null });
    await store("drafts").remove(draftKey(place.account, place.batch, place.number, place.part));
  });
}

/** Put an entry away, as the examiner decided. */
export const drop = (entry) => change((store) => store("entries").remove(entry.entry));

/** Enter the phone's value anew, over the mark that the server has. */
export function insist(entry, reason) {
  return change(async (store) => {
    const after = entry.mark.id;
    await store("entries").remove(entry.entry);
    await store("entries").put({ ...entry, entry: newId(), after, reason, state: "waiting", attempted: false, why: [] });
  });
}

export const byAge = (one, other) => one.made - other.made;
