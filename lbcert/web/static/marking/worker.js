// Keeps the marking page, so that it opens without a network. The server puts VERSION and KEPT above. Marks go past it.

const SHELL = `marking-${VERSION}`;

self.addEventListener("install", (event) => {
  event.waitUntil(keep().then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  event.waitUntil(forgetOld().then(() => self.clients.claim()));
});

self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== "GET" || url.origin !== self.location.origin) return;
  if (event.request.mode === "navigate" || url.pathname.startsWith("/static/")) event.respondWith(kept(event.request));
});

async function keep() {
  const shell = await caches.open(SHELL);
  await shell.addAll(KEPT.map((address) => new Request(address, { cache: "no-cache" })));
}

async function forgetOld() {
  const names = await caches.keys();
  await Promise.all(names.filter((name) => name.startsWith("marking-") && name !== SHELL).map((name) => caches.delete(name)));
}

async function kept(request) {
  const shell = await caches.open(SHELL);
  return (await shell.match(request, { ignoreVary: true, ignoreSearch: true })) ?? fetch(request);
}
