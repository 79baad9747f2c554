// Keeps the scanner, so that it works without a network after the first visit. The server puts VERSION and KEPT above.

const SHELL = `scanner-${VERSION}`;
const DATA = "scanner-data";
/** What changes: keys, status lists, names. Asked for anew each time; the last copy serves where nobody answers in time. */
const CHANGING = ["../keys/trust-list", "../status/lists.json", "names.json"];
/** How long a network that says nothing is waited for where there is a copy, in milliseconds. */
const PATIENCE = 3000;
const isChanging = (url) => /\/(keys|status)\/[^/]+$|\/names\.json$/.test(url.pathname);

self.addEventListener("install", (event) => {
  event.waitUntil(keep().then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  event.waitUntil(forgetOld().then(() => self.clients.claim()));
});

self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== "GET" || url.origin !== self.location.origin) return;
  if (isChanging(url)) event.respondWith(fresh(event.request));
  else event.respondWith(kept(event.request));
});

async function keep() {
  const shell = await caches.open(SHELL);
  await shell.addAll(KEPT.map((address) => new Request(address, { cache: "no-cache" })));
  const answers = await Promise.allSettled(CHANGING.map((address) => fresh(new Request(address))));
  const lists = answers[1].value;
  if (!lists?.ok) return;
  const { status_lists: addresses } = await lists.json();
  const names = addresses.map((address) => address.split("/").at(-1));
  await Promise.allSettled(names.map((name) => fresh(new Request(`../status/${name}`))));
}

async function forgetOld() {
  const names = await caches.keys();
  await Promise.all(names.filter((name) => name !== SHELL && name !== DATA).map((name) => caches.delete(name)));
}

async function fresh(request) {
  const data = await caches.open(DATA);
  const asked = fetch(request).then(async (answer) => {
    if (answer.ok) await data.put(request, answer.clone());
    return answer;
  });
  const last = await data.match(request, { ignoreVary: true });
  if (!last) return asked;
  const late = new Promise((resolve) => setTimeout(resolve, PATIENCE, last));
  return Promise.race([asked.then((answer) => (answer.ok ? answer : last), () => last), late]);
}

async function kept(request) {
  const shell = await caches.open(SHELL);
  const isPage = request.mode === "navigate";
  const exact = await shell.match(request, { ignoreVary: true });
  if (exact) return exact;
  return (isPage && (await shell.match("./", { ignoreVary: true }))) || fetch(request);
}
