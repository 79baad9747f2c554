// What the phone keeps of the marking: sheets as the server gave them, what is being typed, and entries until they are stored.

const NAME = "lbcert-marking";
const STORES = { sheets: null, drafts: null, known: null, entries: "entry" };

let opening = null;

function open() {
  opening ??= new Promise((resolve, reject) => {
    const asked = indexedDB.open(NAME, 1);
    asked.onupgradeneeded = () => {
      for (const [name, keyPath] of Object.entries(STORES)) asked.result.createObjectStore(name, keyPath ? { keyPath } : {});
    };
    asked.onerror = () => reject(asked.error);
    asked.onsuccess = () => {
      asked.result.onversionchange = () => {
        asked.result.close();
        opening = null;
      };
      resolve(asked.result);
    };
  });
  return opening;
}

/** Do `work` in one transaction over all stores; give what it gave once all of it is kept, or fail with nothing of it kept. */
export async function change(work) {
  const database = await open();
  return new Promise((resolve, reject) => {
    const transaction = database.transaction(Object.keys(STORES), "readwrite");
    let given;
    transaction.oncomplete = () => resolve(given);
    transaction.onabort = () => reject(transaction.error);
    Promise.resolve(work((name) => within(transaction.objectStore(name)))).then(
      (result) => { given = result; },
      (error) => { try { transaction.abort(); } catch { /* it ended already */ } reject(error); },
    );
  });
}

function within(store) {
  const done = (asked) => new Promise((resolve, reject) => {
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error);
  });
  return {
    get: (key) => done(store.get(key)),
    all: () => done(store.getAll()),
    keys: () => done(store.getAllKeys()),
    put: (value, key) => done(store.keyPath ? store.put(value) : store.put(value, key)),
    remove: (key) => done(store.delete(key)),
  };
}

export const draftKey = (account, batch, number, part) => [account, batch, number, part].join("/");

/** Forget what a batch left on this phone, save entries that still wait for the examiner. */
export function forget(account, batch) {
  return change(async (store) => {
    await store("sheets").remove(`${account}/${batch}`);
    for (const key of await store("drafts").keys()) {
      if (key.startsWith(`${account}/${batch}/`)) await store("drafts").remove(key);
    }
  });
}

/** At sign-out: forget all that the server has; what it has not got yet stays for the next sign-in. */
export function signOut() {
  return change(async (store) => {
    await forgetSheets(store);
    await store("known").remove("account");
  });
}

/** Forget the sheets of which nothing waits here, whosever they are. */
export async function forgetSheets(store) {
  const waiting = new Set((await store("entries").all()).map((entry) => `${entry.account}/${entry.batch}`));
  for (const key of await store("drafts").keys()) waiting.add(key.split("/").slice(0, 2).join("/"));
  for (const key of await store("sheets").keys()) if (!waiting.has(key)) await store("sheets").remove(key);
}
