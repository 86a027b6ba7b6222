/**
 * The page's side of a play: it shows each scenario of the page with the player, has Python in a worker answer it, and
 * keeps what was done in this browser.
 *
 * The first view was made when the site was built, so the player is drawn before Python has come; what is chosen until
 * then is kept and done as soon as it has. No rule of the game stands here: views come from the engine, or from the
 * build, or from where the last one was kept.
 *
 * Read from top to bottom: entry · desk (keeping, other tabs, files) · tools.
 */
import { forgetCopies } from "./copies.mjs";
import { h, save } from "./elements.mjs";
import player from "./player.mjs";
import { fetchText, startPython } from "./python.mjs";
import { Rules } from "./rules.mjs";
import { StateLine } from "./state.mjs";
import { openStore } from "./store.mjs";
import { Test } from "./test.mjs";

const SCENARIOS = new URL("../scenarios/", import.meta.url);
const MOST_BYTES = 4_000_000; // no play file is that large
const SHOWN_EVERY = 0.05; // share of the work for a debrief
const SILENCE = {
  seconds: 60,
  text: "This takes longer than it should. Nothing you have done is lost: load the page again to continue.",
};

const NO_WEBASSEMBLY =
  "This browser has no WebAssembly, which the day needs to be played here. You can read how it begins.";
const NO_STORAGE =
  "This browser keeps nothing for this page, so a play would be lost. You can read how the day begins; " +
  "to play it, let the page store data, or leave the private window.";
const MEANWHILE = "You can read and choose already.";
const KEPT_HERE = "Your play is kept in this browser.";
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
    const Seat = place.dataset.scenario ? Desk : place.dataset.scenarios ? Rules : Test;
    new Seat(place, store, python).open();
  }
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
    this.state = new StateLine(python, { notLoaded: NOT_LOADED, meanwhile: MEANWHILE });
    this.tools = drawTools(this);
    this.place = place;
  }

  /** Draw what is known at once: where the play stood, or how the day begins; then let Python take over. */
  async open() {
    const kept = await this.store.read(this.id);
    if (kept) this.record = kept;
    else this.contentOf(this.edition).catch(() => {}); // asked for early; who needs it hears of a fault
    this.show(kept?.view ?? this.view);
    const stage = h("div.tillit-stage");
    this.place.replaceChildren(h("div.tillit-frame", {}, this.state.root, stage, this.tools.root));
    player.render({ model: this.model(), el: stage });
    this.channel.onmessage = ({ data }) => this.hearOtherTab(data);
    this.python.onPlay(this.id, (play) => this.keep({ play }));
    this.python.onPrepared(this.id, (prepared) => this.showPrepared(prepared));
    await this.state.load(async () => {
      await this.python.started;
      await this.sitDown();
    });
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
    this.tools.kept(this.record.kept);
  }

  /** Open the play that is kept, with the content it was made with, do what was chosen meanwhile, and show it. */
  async sitDown(notice = null) {
    if (!this.record.play) this.record.edition = this.edition; // nothing has been done with another one
    let answer = await this.sitDownWith(this.record);
    if (answer.fault) {
      // What is kept cannot be read any more: it stays beside, as it is.
      notice = `Your play could not be continued. ${answer.fault} It is kept, and a new play begins.`;
      this.record = { ...this.newRecord(), ...this.setAside(), turn: this.record.turn };
      answer = await this.sitDownWith(this.record);
    }
    // What was worked out of this play before stands there until it has been worked out again.
    if (answer.view.phase === "debrief") answer.view.debrief ??= this.record.view?.debrief;
    this.ready = true;
    const { waiting } = this.record;
    if (waiting.length) return this.doWaiting(waiting);
    if (notice) answer.view.notice = { kind: "info", text: notice };
    this.show(answer.view);
    this.state.say(this.record.edition === this.edition ? KEPT_HERE : OLDER);
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
    this.state.say(this.record.edition === this.edition ? KEPT_HERE : OLDER);
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
    this.asking = true;
    const { view } = await this.python.call("answer", this.id, JSON.stringify(message))
      .finally(() => { this.asking = false; });
    this.show(view); // by now the browser has been handed the play; if another tab was first, that one is shown next
    if (await this.saving) this.keep({ view: { ...view, notice: null } });
  }

  /** The days are over: how far their debrief has come or, in the end, the view that has it. */
  showPrepared({ done, view }) {
    if (this.asking) return; // the answer that is on its way holds as much
    if (view) {
      this.show(view);
      this.keep({ view });
    } else if (!this.view.debrief && done - (this.view.debrief_done ?? 0) >= SHOWN_EVERY) {
      this.show({ ...this.view, notice: null, debrief_done: done });
    }
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
      this.state.say(NOT_KEPT);
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
        this.state.say(NOT_KEPT);
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
    this.record = { ...this.record, ...this.setAside(), edition: found.content, play: text, view: null, waiting: [] };
    const { play } = await this.sitDown("The play from the file goes on here. The one before is kept below.");
    await this.keep({ play });
    return null;
  }
}

// -------------------------------------------------------------------------------------------------------- tools

/** What can be done with the play, round the player. */
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

await enter([...document.querySelectorAll(".tillit-scenario, .tillit-test, .tillit-rule-book")]);
