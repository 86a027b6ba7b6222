/**
 * The page's side of a play: it shows each scenario of the page with the player, has Python in a worker answer it, and
 * keeps what was done in this browser.
 *
 * The first view was made when the site was built, so the player is drawn before Python has come; what is chosen until
 * then is kept and done as soon as it has. No rule of the game stands here: views come from the engine, or from the
 * build, or from where the last one was kept.
 *
 * Read from top to bottom: entry · desk (keeping, other tabs, files) · frame · worker · offline · helpers.
 */
import { PYTHON, SIZES } from "./build.mjs";
import player from "./player.mjs";
import { openStore } from "./store.mjs";
import { Rules } from "./rules.mjs";
import { Test } from "./test.mjs";

const SITE = new URL("../../../", import.meta.url);
const SCENARIOS = new URL("../scenarios/", import.meta.url);
const MOST_BYTES = 4_000_000; // no play file is that large
const SILENCE = {
  seconds: 60,
  text: "This takes longer than it should. Nothing you have done is lost: load the page again to continue.",
};

const NO_WEBASSEMBLY =
  "This browser has no WebAssembly, which the day needs to be played here. You can read how it begins.";
const NO_STORAGE =
  "This browser keeps nothing for this page, so a play would be lost. You can read how the day begins; " +
  "to play it, let the page store data, or leave the private window.";
const LOADING = "Python is loading, about 6 MB the first time. You can read and choose already.";
const STARTING = "Python is starting. You can read and choose already.";
const KEPT_HERE = "Your play is kept in this browser.";
const WORKS_OFFLINE = "The course also opens without a network now.";
const OLDER = "This play was made with an earlier version of this scenario and goes on with that one.";
const RENEWED = "A new play begins, with the scenario as it is now. The one before is kept below.";
const NOTED = "Noted. It is done as soon as Python is ready.";
const NOT_LOADED = "Python could not be loaded. What you chose is kept. See that you are online, and try again.";
const NOT_KEPT = "The browser could not store this. Download your play before you leave the page.";
const ELSEWHERE = "This play has gone on in another tab. Here is where it stands; your last act was not counted.";
const MOVED = "This play has gone on in another tab. Here is where it stands.";
const ERASED = "Everything was erased. A new play begins.";
const OTHER_VERSION =
  "This play was made with another version of the scenario, which is neither in the file nor kept in this browser. " +
  "Download it anew in the browser where it was played.";

// ------------------------------------------------------------------------------------------------------- entry

/** Called at the end, when everything below is defined. */
async function enter(places) {
  if (typeof WebAssembly !== "object") return places.forEach((place) => explain(place, NO_WEBASSEMBLY));
  const store = await openStore();
  if (!store) return places.forEach((place) => explain(place, NO_STORAGE));
  const python = startPython();
  for (const place of places) {
    seat(place, store, python).open();
  }
}

function seat(place, store, python) {
  if (place.dataset.scenario) return new Desk(place, store, python);
  const tools = { h, save, fetchText, copiesForOffline, worksOffline: WORKS_OFFLINE };
  return place.dataset.scenarios ? new Rules(place, store, python, tools) : new Test(place, store, python, tools);
}

/** The plain reading version stays; this says why. */
function explain(place, text) {
  place.prepend(h("p.tillit-why", { role: "status" }, text));
}

// -------------------------------------------------------------------------------------------------------- desk

class Desk {
  constructor(place, store, python) {
    this.id = place.dataset.scenario;
    this.edition = place.dataset.edition; // the fingerprint of the content that this site has
    this.store = store;
    this.python = python;
    this.ready = false;
    this.view = JSON.parse(place.querySelector(".tillit-first-view").textContent);
    this.record = this.newRecord();
    this.saving = Promise.resolve(true);
    this.listeners = new Set();
    this.channel = new BroadcastChannel("tillit");
    this.frame = drawFrame(this);
    this.place = place;
  }

  /** Draw what is known at once: where the play stood, or how the day begins; then let Python take over. */
  async open() {
    const kept = await this.store.read(this.id);
    if (kept) this.record = kept;
    else this.contentOf(this.edition).catch(() => {}); // asked for early; who needs it hears of a fault
    this.show(kept?.view ?? this.view);
    this.place.replaceChildren(this.frame.root);
    player.render({ model: this.model(), el: this.frame.stage });
    this.channel.onmessage = ({ data }) => this.hearOtherTab(data);
    this.python.onProgress((share) => this.frame.progress(share, share < 1 ? LOADING : STARTING));
    this.python.onPlay(this.id, (play) => this.keep({ play }));
    await this.begin();
  }

  /** What the player needs of a model. */
  model() {
    return {
      get: () => this.view,
      on: (_, listener) => this.listeners.add(listener),
      off: (_, listener) => this.listeners.delete(listener),
      send: (message) => (this.ready ? this.ask(message) : this.note(message)),
    };
  }

  show(view) {
    this.view = { ...view, silence: SILENCE };
    for (const listener of this.listeners) listener();
    this.frame.kept(this.record.kept);
  }

  /** Wait for Python, sit down with the play that is kept, and do what was chosen meanwhile. */
  async begin() {
    this.frame.progress(0, LOADING);
    try {
      await this.python.started;
      await this.sitDown();
    } catch (fault) {
      console.warn(fault);
      this.frame.failed(NOT_LOADED, () => {
        this.python.tryAgain();
        this.begin();
      });
      return;
    }
    if (await copiesForOffline()) this.frame.offline(true);
  }

  /** Open the play that is kept, with the content it was made with, and show where it stands. */
  async sitDown(notice = null) {
    if (!this.record.play) this.record.edition = this.edition; // nothing has been done with another one
    let answer = await this.sitDownWith(this.record);
    if (answer.fault) {
      // What is kept cannot be read any more: it stays beside, as it is.
      notice = `Your play could not be continued. ${answer.fault} It is kept, and a new play begins.`;
      this.record = { ...this.newRecord(), ...this.setAside(), turn: this.record.turn };
      answer = await this.sitDownWith(this.record);
    }
    this.ready = true;
    const { waiting } = this.record;
    if (waiting.length) return this.doWaiting(waiting);
    if (notice) answer.view.notice = { kind: "info", text: notice };
    this.show(answer.view);
    this.frame.ready(this.record.edition === this.edition ? KEPT_HERE : OLDER);
    return answer;
  }

  async sitDownWith({ edition, play, kept }) {
    const content = await this.contentOf(edition);
    if (!content) return { fault: "The version of the scenario that it was made with is not kept here." };
    return this.python.call("open", this.id, content, play ?? undefined, kept.length); // undefined is None there
  }

  async doWaiting(messages) {
    const refusals = [];
    let answer;
    for (const message of messages) {
      answer = await this.python.call("answer", this.id, JSON.stringify(message));
      if (answer.view.notice?.kind === "refused") refusals.push(answer.view.notice.text);
    }
    if (refusals.length) answer.view.notice = { kind: "refused", text: refusals.join(" ") };
    await this.keep({ waiting: [], play: answer.play, view: answer.view });
    this.show(answer.view);
    this.frame.ready(this.record.edition === this.edition ? KEPT_HERE : OLDER);
  }

  /** Python is not there yet: keep what was chosen. An act is confirmed at once, so that others can follow it. */
  async note(message) {
    await this.keep({ waiting: [...this.record.waiting, message] });
    const one = this.view.cases[message.act?.case];
    if (!one) return;
    const noted = { ...one, acts: [], commit: null };
    this.show({
      ...this.view,
      cases: { ...this.view.cases, [one.id]: noted },
      notice: { kind: "info", text: NOTED },
    });
  }

  /** Have the engine answer a message. The play is kept before the answer comes (see `onPlay`), the view after it. */
  async ask(message) {
    if (message.type === "restart") {
      const renewed = this.record.edition !== this.edition;
      await this.keep(this.setAside());
      if (renewed) return this.startOver(RENEWED);
    }
    const { view } = await this.python.call("answer", this.id, JSON.stringify(message));
    this.show(view); // by now the browser has been handed the play; if another tab was first, that one is shown next
    if (await this.saving) this.keep({ view: { ...view, notice: null } });
  }

  /** A new play with the content that the site has now. */
  async startOver(notice) {
    const { kept, turn } = this.record;
    this.record = { ...this.newRecord(), kept, turn };
    await this.sitDown(notice);
    await this.keep({});
  }

  /** The compiled scenario with this fingerprint, kept here or as the site has it now; null if it is neither. */
  async contentOf(edition) {
    const kept = await this.store.edition(edition);
    if (kept || edition !== this.edition) return kept;
    const content = await fetchText(new URL(`${this.id}-${edition}.json`, SCENARIOS));
    await this.keepContent(edition, content);
    return content;
  }

  keepContent(edition, content) {
    return this.store.keepEdition(edition, content).catch((fault) => {
      console.warn(fault);
      this.frame.say(NOT_KEPT);
    });
  }

  // ---------------------------------------------------------------------------------------------------- keeping

  newRecord() {
    return { scenario: this.id, edition: this.edition, play: null, view: null, kept: [], waiting: [], turn: 0 };
  }

  /** The play so far among those that are kept beside, under the name that the session gives it. */
  setAside() {
    const { kept, edition, play } = this.record;
    if (!play) return { kept };
    return { kept: [...kept, { name: `${this.id}-kept-${kept.length + 1}.play`, edition, text: play }] };
  }

  /** Keep a change in the browser. Answers whether it was; if another tab was first, what stands there is shown. */
  keep(change) {
    this.saving = this.saving.then(async () => {
      this.record = { ...this.record, ...change };
      let next;
      try {
        next = await this.store.write(this.record);
      } catch (fault) {
        console.warn(fault);
        this.frame.say(NOT_KEPT);
        return true;
      }
      if (next.won) {
        this.record.turn = next.record.turn;
        this.channel.postMessage({ scenario: this.id, turn: this.record.turn });
      } else {
        await this.takeOver(next.record, ELSEWHERE);
      }
      return next.won;
    });
    return this.saving;
  }

  // ------------------------------------------------------------------------------------------------- other tabs

  /** Another tab has written: show what stands there now. */
  async hearOtherTab({ scenario, turn, erased }) {
    if (erased) return this.takeOver(null, ERASED);
    if (scenario !== this.id || turn <= this.record.turn) return;
    await this.saving;
    const there = await this.store.read(this.id);
    if (there && there.turn > this.record.turn) await this.takeOver(there, MOVED);
  }

  async takeOver(there, notice) {
    const samePlay = there?.play === this.record.play;
    this.record = there ?? this.newRecord();
    if (this.ready && !samePlay) await this.sitDown(notice);
  }

  async erase() {
    await this.saving;
    await this.store.erase();
    this.channel.postMessage({ erased: true });
    await this.takeOver(null, ERASED);
    this.frame.offline(false);
    await forgetCopies();
  }

  // ------------------------------------------------------------------------------------------------------ files

  /** Hand the play to the reader. Answers with a sentence if there is none. */
  async download() {
    const { edition, play } = this.record;
    if (!play) return "Nothing has been done yet, so there is nothing to download.";
    return this.handOut({ name: `${this.id}.play`, edition, text: play });
  }

  /** Hand out a play with the content it was made with, so that it can be gone on with wherever it is taken. */
  async handOut({ name, edition, text }) {
    const content = await this.contentOf(edition);
    const [header, ...acts] = text.split("\n");
    save(name, content ? [header, `{"edition":${content.trim()}}`, ...acts].join("\n") : text);
    return "The play was downloaded.";
  }

  /** Go on with a play from a file. Answers with a sentence if it cannot be. */
  async load(file) {
    if (file.size > MOST_BYTES) return "This file is too large to be a play.";
    await this.python.started;
    const text = await file.text();
    const found = await this.python.call("which", text);
    if (found.fault) return found.fault;
    if (found.scenario !== this.id) {
      return `This is a play of ‘${found.scenario.slice(0, 60)}’, and not of the scenario on this page. ` +
        "Load it on the page of that scenario, in the course it comes from.";
    }
    if (!(await this.contentOf(found.content))) {
      if (!found.edition) return OTHER_VERSION;
      await this.keepContent(found.content, found.edition);
    }
    this.record = { ...this.record, ...this.setAside(), edition: found.content, play: text, waiting: [] };
    const { play } = await this.sitDown("The play from the file goes on here. The one before is kept below.");
    await this.keep({ play, view: null });
    return null;
  }
}

async function fetchText(url) {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url}: ${response.status}`);
  return response.text();
}

/** Hand a text to the reader as a file. */
function save(name, text) {
  const url = URL.createObjectURL(new Blob([text], { type: "application/octet-stream" }));
  h("a", { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

// ------------------------------------------------------------------------------------------------------- frame

/** What stands round the player: a line that says what is going on, and what can be done with the play. */
function drawFrame(desk) {
  const bar = h("progress.tillit-progress", { max: "1", value: "0", "aria-label": "Loading Python" });
  const words = h("p.tillit-words", { role: "status" });
  const without = h("span.tillit-offline", { hidden: "" }, WORKS_OFFLINE);
  const again = h("button", { type: "button", hidden: "" }, "Try again");
  const stage = h("div.tillit-stage");
  const tools = drawTools(desk);
  const root = h("div.tillit-frame", {}, h("div.tillit-state", {}, words, without, again, bar), stage, tools.root);
  const say = (text) => {
    if (words.textContent !== text) words.textContent = text;
  };
  return {
    root,
    stage,
    say,
    kept: tools.kept,
    offline: (works) => { without.hidden = !works; },
    progress(share, text) {
      again.hidden = true;
      bar.classList.remove("tillit-done");
      bar.value = share;
      say(text);
    },
    ready(text) {
      bar.classList.add("tillit-done");
      say(text);
    },
    failed(text, retry) {
      bar.classList.add("tillit-done");
      say(text);
      again.hidden = false;
      again.onclick = retry;
    },
  };
}

function drawTools(desk) {
  const said = h("p", { role: "status" });
  const question = h("div", { hidden: "", role: "group", "aria-label": "Erase everything?" });
  const file = h("input", { type: "file", accept: ".play", id: `tillit-file-${desk.id}` });
  const earlier = h("ul", { hidden: "" });
  const button = (text, onclick) => h("button", { type: "button", onclick }, text);
  const handOut = (text, work) => button(text, async () => { said.textContent = await work(); });

  file.onchange = async () => {
    const [chosen] = file.files;
    said.textContent = "";
    file.value = "";
    if (chosen) said.textContent = (await desk.load(chosen)) ?? "The play was loaded.";
  };
  const erase = button("Erase everything …", () => {
    question.hidden = false;
    question.querySelector("button").focus();
  });
  const closeQuestion = (text) => {
    question.hidden = true;
    said.textContent = text;
    erase.focus();
  };
  question.append(
    h("p", {}, "This erases every play of this course from this browser. What you have not downloaded is gone."),
    button("Keep everything", () => closeQuestion("")),
    button("Erase everything", async () => {
      await desk.erase();
      closeQuestion("Everything was erased from this browser.");
    }),
  );
  question.addEventListener("keydown", (event) => event.key === "Escape" && closeQuestion(""));

  const root = h("details.tillit-tools", {},
    h("summary", {}, "Your play: download, load, erase"),
    h("p", {}, "The play is kept in this browser and nowhere else. Download it to hand it in, or to go on elsewhere."),
    h("p", {}, handOut("Download the play", () => desk.download())),
    h("p", {}, h("label", { for: file.id }, "Load a play from a file"), " ", file),
    earlier,
    h("p", {}, erase),
    question,
    said);
  let shown;
  return {
    root,
    kept(plays) {
      if (plays === shown) return;
      shown = plays;
      earlier.hidden = !plays.length;
      earlier.replaceChildren(...plays.map((play) =>
        h("li", {}, handOut(`Download ${play.name}`, () => desk.handOut(play)))));
    },
  };
}

// ------------------------------------------------------------------------------------------------------ worker

/** Python in a worker, one for all scenarios of the page. `started` is fulfilled once it can be asked. */
function startPython() {
  const asked = new Map();
  const progress = new Set();
  const plays = new Map();
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

// ----------------------------------------------------------------------------------------------------- offline

let copies = null;

/** Have the service worker keep copies of the book. Answers true once this page is among them with all it needs. */
function copiesForOffline() {
  copies ??= keepCopies().catch((fault) => {
    console.warn(fault); // the page works all the same, as long as there is a network
    return false;
  });
  return copies;
}

async function keepCopies() {
  if (!("serviceWorker" in navigator)) return false; // a page that came by plain http from elsewhere
  const refused = new Promise((_, reject) => {
    navigator.serviceWorker.register(new URL("service-worker.mjs", SITE)).catch(reject);
  });
  // One that is active has all its copies. Where there is one, a network that does not answer must not be waited for.
  await Promise.race([navigator.serviceWorker.ready, refused]);
  const here = location.pathname.replace(/\/$/, "/index.html");
  return Boolean(await caches.match(here)); // not if it is still the one of an earlier build, without this page
}

async function forgetCopies() {
  copies = null;
  const registration = await navigator.serviceWorker?.getRegistration(SITE);
  await registration?.unregister();
  const names = (await globalThis.caches?.keys()) ?? []; // only there where the page came by https or from this machine
  await Promise.all(names.filter((name) => name.startsWith("tillit ")).map((name) => caches.delete(name)));
}

// ----------------------------------------------------------------------------------------------------- helpers

/** An element: `h("p.class", { id }, "text", child)`. Strings become text nodes, never markup. */
function h(name, attributes = {}, ...children) {
  const [tag, ...classes] = name.split(".");
  const element = document.createElement(tag);
  if (classes.length) element.className = classes.join(" ");
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else element.setAttribute(key, value);
  }
  element.append(...children);
  return element;
}

await enter([...document.querySelectorAll(".tillit-scenario, .tillit-test, .tillit-rule-book")]);
