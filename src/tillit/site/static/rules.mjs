/**
 * The rule book in a page: Python in the worker answers its screen (`tillit.player.in_page.RulesPage`), and what it says
 * is to be kept is kept in this browser, beside the plays.
 */
import ruleBook from "./rule-book.mjs";

export const RECORD = "rule-book";
const SCENARIOS = new URL("../scenarios/", import.meta.url);

const LOADING = "Python is loading, about 6 MB the first time.";
const KEPT_HERE = "Your rules and runs are kept in this browser and nowhere else.";
const NOT_LOADED = "Python or the cases could not be loaded. See that you are online, and try again.";
const NOT_KEPT = "The browser could not store this. Download your rules before you leave the page.";
const ELSEWHERE = "The rule book has gone on in another tab. Here is where it stands.";
const NOT_DONE = "That did not work, and nothing has been done. If it happens again, load the page again.";

export class Rules {
  /** `tools` are the helpers of the page: h, fetchText. */
  constructor(place, store, python, tools) {
    Object.assign(this, { place, store, python, ...tools });
    const { h } = this;
    this.view = null;
    this.listeners = new Set();
    this.saving = Promise.resolve();
    this.bar = h("progress.tillit-progress", { max: "1", value: "0", "aria-label": "Loading Python" });
    this.words = h("p.tillit-words", { role: "status" });
    this.again = h("button", { type: "button", hidden: "", onclick: () => this.tryAgain() }, "Try again");
    this.stage = h("div.tillit-stage");
    this.channel = new BroadcastChannel("tillit");
  }

  async open() {
    const { h } = this;
    this.record = (await this.store.read(RECORD)) ?? newRecord();
    this.place.replaceChildren(h("div.tillit-state", {}, this.words, " ", this.again, this.bar), this.stage);
    this.channel.onmessage = ({ data }) => this.hearOtherTab(data);
    this.python.onProgress((share) => { this.bar.value = share; });
    this.python.onPlay(RECORD, (play) => this.keep(play));
    this.python.onView(RECORD, (view) => this.show(view));
    await this.begin();
  }

  async begin() {
    this.again.hidden = true;
    this.bar.classList.remove("tillit-done");
    this.say(LOADING);
    try {
      const names = this.place.dataset.scenarios.split(" ");
      const [scenarios] = await Promise.all([
        Promise.all(names.map((name) => this.fetchText(new URL(name, SCENARIOS)))),
        this.python.started,
      ]);
      this.scenarios = `[${scenarios.join(",")}]`;
      await this.sitDown();
    } catch (fault) {
      console.warn(fault);
      this.say(NOT_LOADED);
      this.again.hidden = false;
      return;
    } finally {
      this.bar.classList.add("tillit-done");
    }
    this.say(KEPT_HERE);
  }

  tryAgain() {
    this.python.tryAgain();
    this.begin();
  }

  say(text) {
    if (this.words.textContent !== text) this.words.textContent = text;
  }

  async sitDown() {
    const first = this.view === null;
    this.show(await this.python.call("rules", this.scenarios, this.record.play ?? undefined));
    if (first) ruleBook.render({ model: this.model(), el: this.stage });
  }

  model() {
    return {
      get: () => this.view,
      on: (_, listener) => this.listeners.add(listener),
      off: (_, listener) => this.listeners.delete(listener),
      send: (message) => this.ask(message),
    };
  }

  show(view) {
    this.view = view;
    for (const listener of this.listeners) listener();
  }

  async ask(message) {
    try {
      this.show(await this.python.call("rule", JSON.stringify(message)));
    } catch (fault) {
      console.warn(fault);
      this.show({ ...this.view, progress: null, notice: { kind: "refused", text: NOT_DONE } });
    }
  }

  // --- keeping ---

  keep(play) {
    this.saving = this.saving.then(async () => {
      try {
        const { won, record } = await this.store.write({ ...this.record, play });
        this.record = record ?? newRecord();
        if (!won) {
          await this.sitDown();
          this.say(ELSEWHERE);
        }
      } catch (fault) {
        console.warn(fault);
        this.say(NOT_KEPT);
      }
      this.channel.postMessage({ scenario: RECORD, turn: this.record.turn });
    });
  }

  async hearOtherTab({ scenario, turn, erased }) {
    await this.saving;
    if (erased) this.record = newRecord();
    else if (scenario === RECORD && turn > this.record.turn) this.record = await this.store.read(RECORD);
    else return;
    if (this.scenarios) await this.sitDown();
  }
}

function newRecord() {
  return { scenario: RECORD, edition: null, play: null, view: null, kept: [], waiting: [], turn: 0 };
}
