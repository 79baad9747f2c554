// What the scanner knows without a network: trust list, status lists, names. The service worker keeps the last copy of each.

import { readStatusList } from "./status.js";
import { readTrustList } from "./trust.js";

/** Addresses of the published files, beside the scanner's own folder. */
const TRUST_LIST = "../keys/trust-list", LISTS = "../status/lists.json", NAMES = "names.json";

/**
 * Fetch what there is: {host, log, demo, trust, lists, names}; what cannot be had or believed is left out.
 * `memory` (localStorage) knows the highest trust list ever seen: an older one hides what became of a key since.
 */
export async function openBook({ host, root, demo, log }, memory = null) {
  const [trust, names] = await Promise.all([
    root && orNothing(openTrustList(root, memory)),
    orNothing(fetched(NAMES).then((answer) => answer.json())),
  ]);
  const lists = trust ? await orNothing(openLists(trust.keys)) : null;
  return {
    host,
    log,
    demo: demo || Boolean(trust?.demo),
    trust,
    lists: lists ?? new Map(),
    names: names ?? { brands: {}, trades: {} },
  };
}

async function openTrustList(root, memory) {
  const trust = await readTrustList(await bytesOf(await fetched(TRUST_LIST)), root);
  if (trust.number < Number(memory?.getItem("trust-list") ?? 0)) throw new Error("an older trust list than before");
  memory?.setItem("trust-list", trust.number);
  return trust;
}

async function openLists(keys) {
  const { status_lists: addresses } = await (await fetched(LISTS)).json();
  const open = async (address) => {
    const number = Number(/(\d+)\.cwt$/.exec(address)[1]); // a mirror keeps it under its own address
    const list = await orNothing(fetched(`../status/${number}.cwt`).then(bytesOf).then((data) => readStatusList(data, keys)));
    return [number, list];
  };
  const opened = await Promise.all(addresses.map(open));
  return new Map(opened.filter(([, list]) => list));
}

async function fetched(address) {
  const answer = await fetch(address);
  if (!answer.ok) throw new Error(`${address}: ${answer.status}`);
  return answer;
}

const bytesOf = async (answer) => new Uint8Array(await answer.arrayBuffer());

async function orNothing(promise) {
  try {
    return await promise;
  } catch (error) {
    console.info(String(error));
    return null;
  }
}
