/**
 * Serves the book without a network. Above this the build has written BUILD, its name, and FILES: all that the book is
 * made of, by path, each with its digest.
 *
 * A worker is installed once every file is there as it was built, and not before; so there is never half a copy, nor
 * one that is put together from two builds. The browser compares this script with the one it has at each visit: that
 * is how it learns of a new build, which is kept beside the old one until no tab shows that any more. A page of the new
 * build asks for it to be sooner (see copies.mjs), and is heard where it is the only one.
 *
 * Asking the cache first was measured and is slower: Chromium keeps compiled WebAssembly with what came by the network.
 */
const SITE = new URL("./", location);
const COPIES = `tillit ${SITE.pathname} `; // other courses may stand on the same host
const CACHE = COPIES + BUILD;
const NAMED_BY_CONTENT = "_static/tillit/";
const PATIENCE_SECONDS = 3; // a network that has not begun to answer by then counts as none …
const DEAF_SECONDS = 30; // … for so long
const SILENCE = new Error("no answer");

let deafUntil = 0;

self.addEventListener("install", (event) => event.waitUntil(keepCopies()));
self.addEventListener("activate", (event) => event.waitUntil(takeOver()));
self.addEventListener("message", (event) => event.waitUntil(hear(event)));
self.addEventListener("fetch", (event) => {
  const path = pathOf(event.request);
  if (Object.hasOwn(FILES, path)) event.respondWith(answer(event.request, path));
});

/** All or nothing. A file that is not what was built is refused by the browser, and with it the whole. */
async function keepCopies() {
  const cache = await caches.open(CACHE);
  await cache.addAll(Object.entries(FILES).map(([path, integrity]) =>
    new Request(new URL(path, SITE), {
      integrity,
      cache: path.startsWith(NAMED_BY_CONTENT) ? "force-cache" : "no-cache",
    })));
}

async function takeOver() {
  const old = (await caches.keys()).filter((name) => name.startsWith(COPIES) && name !== CACHE);
  await Promise.all(old.map((name) => caches.delete(name)));
  await self.clients.claim();
}

/** A page names the file it is run by: is it one of this build's, and can this worker take over while it is open? */
async function hear({ data: file, ports: [page] }) {
  const open = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
  if (!Object.hasOwn(FILES, file)) page.postMessage("older");
  else if (open.filter(({ url }) => url.startsWith(SITE)).length > 1) page.postMessage("others");
  else await self.skipWaiting();
}

/** Where in the site a request goes; empty where it goes elsewhere. */
function pathOf({ method, url }) {
  const { origin, pathname } = new URL(url);
  if (method !== "GET" || origin !== SITE.origin || !pathname.startsWith(SITE.pathname)) return "";
  return pathname.slice(SITE.pathname.length).replace(/(^|\/)$/, "$1index.html");
}

async function answer(request, path) {
  const cache = await caches.open(CACHE);
  const copy = await cache.match(new URL(path, SITE));
  if (!copy) return fetch(request); // the reader has erased everything
  if (performance.now() < deafUntil) return copy;
  let timer;
  const silence = new Promise((_, reject) => {
    timer = setTimeout(reject, PATIENCE_SECONDS * 1000, SILENCE);
  });
  try {
    const response = await Promise.race([fetch(request), silence]);
    return response.ok || response.type === "opaqueredirect" ? response : copy;
  } catch (fault) {
    if (fault === SILENCE) deafUntil = performance.now() + DEAF_SECONDS * 1000;
    return copy;
  } finally {
    clearTimeout(timer);
  }
}
