/**
 * The page's worker: Python in the browser, and in it the same engine as everywhere else.
 *
 * The page posts `{id, op, args}` and is answered `{id, value}`, where a value is JSON, or `{id, fault}`. Besides,
 * unasked, it is told `{progress}` while Python loads, `{desk, play}` whenever a play has changed, before the answer
 * is worked out, `{desk, prepared}` while the debrief of a play that is over is worked out (see `prepare` in
 * `tillit.player.in_page`), and for the rule book `{desk, play}` and, during a run, `{desk, view}`.
 *
 *   start [python, sizes]                  load Python from there and the package; sizes in bytes, by name
 *   open  [desk, scenario, play, restarts] sit down at a desk
 *   answer [desk, message]                 what the screen asks for
 *   which [text]                           what a play file is of
 *   rules [scenarios, kept]                open the rule book, with the scenarios that its people come from
 *   rule  [message]                        what its screen asks for
 *   sit   [forms, code, record, when, answer] the test before or after the course
 */

const PACKAGE = new URL("tillit.zip", import.meta.url).href;
const PACKAGE_IN_PYTHON = "/lib/tillit.zip";
const READING_SECONDS = 0.5; // whoever has not acted for so long is reading

const operations = { start };
const idle = new Map(); // desk -> a timer for work that can wait

self.onmessage = async ({ data: { id, op, args } }) => {
  try {
    self.postMessage({ id, value: await operations[op](...args) });
  } catch (fault) {
    console.error(fault);
    self.postMessage({ id, fault: String(fault).slice(0, 2000) });
  }
};

async function start(python, sizes) {
  const stopWatching = tellProgress(sizes);
  try {
    const [loaded, wheel] = await Promise.all([loadPython(python), fetchBytes(PACKAGE)]);
    self.postMessage({ progress: 1 });
    offer(importPackage(loaded, wheel));
  } finally {
    stopWatching();
  }
}

async function loadPython(folder) {
  import(`${folder}pyodide.asm.mjs`).catch(() => {}); // needed next; who asks for it then hears of a fault
  const { loadPyodide } = await import(`${folder}pyodide.mjs`);
  return loadPyodide({ indexURL: folder });
}

function importPackage(python, wheel) {
  python.FS.writeFile(PACKAGE_IN_PYTHON, wheel);
  return python.runPython(`
import sys
sys.path.insert(0, "${PACKAGE_IN_PYTHON}")
import tillit.player.in_page
tillit.player.in_page`);
}

/** Answer what the page asks for with the module that was imported. */
function offer(module) {
  const page = module.Page((desk, play) => self.postMessage({ desk, play }));
  operations.open = (desk, ...args) => {
    const answer = page.open(desk, ...args);
    if (page.awaits(desk)) prepare(page, desk, 0);
    return answer;
  };
  operations.answer = (desk, message) => {
    const answer = page.answer(desk, message);
    prepare(page, desk, page.awaits(desk) ? 0 : READING_SECONDS);
    return answer;
  };
  operations.which = (...args) => module.which(...args);
  const rules = module.RulesPage(
    (play) => self.postMessage({ desk: "rule-book", play }),
    (view) => self.postMessage({ desk: "rule-book", view }),
  );
  operations.rules = (...args) => rules.open(...args);
  operations.rule = (...args) => rules.answer(...args);
  operations.sit = (...args) => module.sit(...args);
}

/** Work on the debrief, a moment at a time, so that whoever acts meanwhile is answered at once. */
function prepare(page, desk, wait) {
  clearTimeout(idle.get(desk));
  idle.set(desk, setTimeout(() => {
    const prepared = page.prepare(desk);
    const { more, done, view } = JSON.parse(prepared);
    if (done !== null || view) self.postMessage({ desk, prepared });
    if (more) prepare(page, desk, 0);
  }, wait * 1000));
}

async function fetchBytes(url) {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url}: ${response.status}`);
  return new Uint8Array(await response.arrayBuffer());
}

/** Tell the page the share of all bytes that has come, file by file. Returns what ends it. */
function tellProgress(sizes) {
  const come = new Set();
  const tell = () => {
    const sum = (names) => names.reduce((all, name) => all + (sizes[name] ?? 0), 0);
    self.postMessage({ progress: sum([...come]) / (sum(Object.keys(sizes)) || 1) });
  };
  const watcher = new PerformanceObserver((list) => {
    for (const { name } of list.getEntries()) come.add(name.split("/").pop());
    tell();
  });
  watcher.observe({ type: "resource", buffered: true });
  return () => watcher.disconnect();
}
