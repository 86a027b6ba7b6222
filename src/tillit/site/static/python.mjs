/**
 * Python in the browser, asked from a page: one worker for all that is played there (see worker.mjs).
 */
import { PYTHON, SIZES } from "./build.mjs";

/** Python in a worker, one for everything that is played in the page. `started` is fulfilled once it can be asked. */
export function startPython() {
  const asked = new Map();
  const progress = new Set();
  const plays = new Map();
  const prepared = new Map();
  const views = new Map();
  let worker;
  let count = 0;
  let share = 0;
  let broken = false;

  const call = (op, ...args) =>
    new Promise((resolve, reject) => {
      asked.set(++count, { resolve, reject });
      worker.postMessage({ id: count, op, args });
    });
  const python = {
    call,
    started: null,
    onProgress: (listener) => { progress.add(listener); listener(share); },
    onPlay: (desk, listener) => plays.set(desk, listener),
    onPrepared: (desk, listener) => prepared.set(desk, listener),
    onView: (desk, listener) => views.set(desk, listener),
    /** Only where it has failed: another desk of the page may have tried again already. */
    tryAgain() {
      if (broken) start();
    },
  };
  const start = () => {
    worker?.terminate();
    broken = false;
    worker = new Worker(new URL("worker.mjs", import.meta.url), { type: "module" });
    worker.onmessage = ({ data }) => receive(data);
    worker.onerror = (event) => {
      for (const { reject } of asked.values()) reject(new Error(event.message || "The worker did not load."));
      asked.clear();
    };
    python.started = call("start", new URL(PYTHON, import.meta.url).href, SIZES);
    python.started.catch(() => { broken = true; });
  };
  const receive = (data) => {
    if ("progress" in data) {
      share = data.progress;
      progress.forEach((listener) => listener(share));
    } else if ("desk" in data) {
      if ("view" in data) views.get(data.desk)?.(JSON.parse(data.view));
      else if ("prepared" in data) prepared.get(data.desk)?.(JSON.parse(data.prepared));
      else plays.get(data.desk)?.(data.play);
    } else {
      const { resolve, reject } = asked.get(data.id);
      asked.delete(data.id);
      if ("fault" in data) reject(new Error(data.fault));
      else resolve(data.value && JSON.parse(data.value));
    }
  };
  start();
  return python;
}

/** A text of the site. */
export async function fetchText(url) {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url}: ${response.status}`);
  return response.text();
}
