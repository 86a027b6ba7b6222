/**
 * Serves the site without a network: everything comes from the network, and from the copies in the cache when there is
 * none. The page puts the copies there (see page.mjs); here they are only brought up to date.
 *
 * Asking the cache first was measured and is slower: Chromium keeps compiled WebAssembly with what came by the network.
 */
const CACHE = "tillit";

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

self.addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method === "GET" && new URL(request.url).origin === location.origin) event.respondWith(answer(event));
});

async function answer(event) {
  const { request } = event;
  try {
    const response = await fetch(request);
    if (response.ok) await renew(event, response);
    return response;
  } catch (fault) {
    const kept = await caches.match(request, { ignoreSearch: true });
    if (kept) return kept;
    throw fault;
  }
}

/** Where there is a copy of something older, take the new one. */
async function renew(event, response) {
  const cache = await caches.open(CACHE);
  const kept = await cache.match(event.request);
  if (!kept || stamp(kept) === stamp(response)) return;
  event.waitUntil(cache.put(event.request, response.clone()));
}

const stamp = ({ headers }) => `${headers.get("ETag")} ${headers.get("Last-Modified")} ${headers.get("Content-Length")}`;
