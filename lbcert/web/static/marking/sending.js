// Sending what the phone holds, and asking what the server has. Nothing is taken off the phone before it is answered for.

import { byAge } from "./entries.js";
import { change, forget, forgetSheets } from "./store.js";

/** How many entries go in one request: after an outage many phones send, and none is to hold up another for long. */
const MANY = 10;
/** How long an answer is waited for, in milliseconds. */
const PATIENCE = 20_000;

/** Ask for a batch; give "ok", or why not: "offline", "signed_out", "not_yours". */
export async function refresh(batch) {
  const { state, body } = await ask(`${batch}/sheets`);
  if (state !== "ok") return state;
  const { account } = body;
  await change(async (store) => {
    if ((await store("known").get("account")) !== account) await forgetSheets(store); // whoever had the phone before
    await store("known").put(account, "account");
    await store("sheets").put(body, `${account}/${batch}`);
  });
  return "ok";
}

/** Forget a batch that is over, once nothing of it waits here. */
export async function forgetOver(sheet, entries) {
  const isWaiting = entries.some((entry) => entry.batch === sheet.batch && entry.account === sheet.account);
  if (!sheet.open && !isWaiting) await forget(sheet.account, sheet.batch);
}

/** Send all that waits; one page of a browser does it at a time. */
export async function send(account) {
  if (!navigator.locks) return drain(account);
  return navigator.locks.request("lbcert-marking", { ifAvailable: true }, (lock) => (lock ? drain(account) : "busy"));
}

async function drain(account) {
  for (;;) {
    const taken = await take(account);
    if (!taken.length) return "ok";
    const state = await post(account, taken);
    if (state !== "ok") return state;
  }
}

/** Choose what goes next: of one batch, and of each place the oldest alone. From now on it may have arrived. */
function take(account) {
  return change(async (store) => {
    const waiting = (await store("entries").all()).filter((entry) => entry.account === account && entry.state === "waiting").sort(byAge);
    const chosen = waiting.filter((entry) => entry.batch === waiting[0].batch && !entry.behind).slice(0, MANY);
    const going = chosen.map((entry) => ({ ...entry, attempted: true }));
    for (const entry of going) await store("entries").put(entry);
    return going;
  });
}

async function post(account, entries, again = true) {
  const { batch } = entries[0];
  const sheet = await change((store) => store("sheets").get(`${account}/${batch}`));
  const { state, body } = await ask(`${batch}/marks`, {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-CSRFToken": sheet?.token ?? "" },
    body: JSON.stringify({ account, entries: entries.map(shape) }),
  });
  if (state === "stale" && again) {
    const renewed = await refresh(batch);
    return renewed === "ok" ? post(account, entries, false) : renewed;
  }
  if (state === "not_yours") await settle(account, batch, entries.map(({ entry }) => ({ entry, state: "refused", why: [] })));
  else if (state === "ok") await settle(account, batch, body.answers);
  return state === "not_yours" ? "ok" : state;
}

/** An entry as the server reads it; of what was given by item the points come of it. */
function shape({ entry, number, part, points, absence, by_item, after, reason }) {
  return { entry, number, part, points: by_item ? null : points, absence, by_item: by_item ?? null, after, reason };
}

/** Take over what the server said of each entry. */
function settle(account, batch, answers) {
  return change(async (store) => {
    const sheet = await store("sheets").get(`${account}/${batch}`);
    const entries = new Map((await store("entries").all()).map((entry) => [entry.entry, entry]));
    for (const answer of answers) {
      const entry = entries.get(answer.entry);
      if (!entry) continue;
      if (answer.state === "stored") await store("entries").remove(entry.entry);
      else await store("entries").put({ ...entry, state: answer.state, why: answer.why, mark: answer.mark });
      for (const later of entries.values()) {
        // over a mark that is in conflict nothing is written unasked: the later entry meets it too
        const after = answer.state === "stored" ? answer.mark.id : null;
        if (later.behind === entry.entry) await store("entries").put({ ...later, behind: null, after });
      }
      const candidate = sheet?.candidates.find((one) => one.number === entry.number);
      if (candidate && answer.mark) {
        candidate.marks[entry.part] = answer.mark;
        delete candidate.wanted[entry.part];
      }
    }
    if (sheet) await store("sheets").put(sheet, `${account}/${batch}`);
  });
}

/** Ask the server, which may be gone, may have forgotten who we are, or may want a new token. */
async function ask(address, options = {}) {
  let answer;
  try {
    answer = await fetch(address, { ...options, redirect: "manual", signal: AbortSignal.timeout(PATIENCE) });
    if (answer.ok) return { state: "ok", body: await answer.json() };
  } catch {
    return { state: "offline" };
  }
  if (answer.type === "opaqueredirect") return { state: "signed_out" };
  if (answer.status === 403 || answer.status === 404) return { state: "not_yours" };
  if (answer.status === 400 || answer.status === 409) return { state: "stale" };
  return { state: "offline" };
}
