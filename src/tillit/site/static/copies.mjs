/**
 * The course without a network: has the service worker keep copies of it, and says in a sentence what they are good for.
 *
 * Copies of a newer build wait until no tab may show the older one any more (see service-worker.mjs). Where this page is
 * of the newer build and no other is open, they need not.
 */
const SITE = new URL("../../../", import.meta.url);
const THIS_BUILD = import.meta.url.slice(SITE.href.length);

const SENTENCES = {
  none: "",
  kept: "The course also opens without a network now.",
  // what the service worker answers
  others: "The course also opens without a network now, in its newest version once its other tabs are closed.",
  older: "A newer version of the course is there. Load the page again to see it.",
};

const listeners = new Set();
let now = "none";
let begun = false;

/** Keep copies of the book, and tell the listener what to say of them: now, and whenever that changes. */
export function onCopies(listener) {
  listeners.add(listener);
  listener(SENTENCES[now]);
  if (begun) return;
  begun = true;
  keepCopies().catch((fault) => console.warn(fault)); // the page works all the same, as long as there is a network
}

/** Erase them. */
export async function forgetCopies() {
  begun = false;
  tell("none");
  const registration = await navigator.serviceWorker?.getRegistration(SITE);
  await registration?.unregister();
  const names = (await globalThis.caches?.keys()) ?? []; // only there where the page came by https or from this machine
  await Promise.all(names.filter((name) => name.startsWith("tillit ")).map((name) => caches.delete(name)));
}

function tell(what) {
  now = what;
  listeners.forEach((listener) => listener(SENTENCES[now]));
}

async function keepCopies() {
  if (!("serviceWorker" in navigator)) return; // a page that came by plain http from elsewhere
  const refused = new Promise((_, reject) => {
    navigator.serviceWorker.register(new URL("service-worker.mjs", SITE)).catch(reject);
  });
  // One that is active has all its copies. Where there is one, a network that does not answer must not be waited for.
  const registration = await Promise.race([navigator.serviceWorker.ready, refused]);
  const here = location.pathname.replace(/\/$/, "/index.html");
  if (await caches.match(here)) tell("kept"); // not if it is still the one of an earlier build, without this page
  registration.addEventListener("updatefound", () => awaitNewer(registration.installing));
  awaitNewer(registration.waiting ?? registration.installing);
}

/** Once a newer worker has all its copies, have it take over if it can. */
function awaitNewer(worker) {
  if (!worker) return;
  const look = () => {
    if (worker.state === "installed") ask(worker);
    if (worker.state === "activated") tell("kept");
  };
  worker.addEventListener("statechange", look);
  look();
}

/** Let a worker that waits know by what this page is run. It answers why it goes on waiting, or takes over. */
function ask(worker) {
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = ({ data }) => tell(data);
  worker.postMessage(THIS_BUILD, [port2]);
}
