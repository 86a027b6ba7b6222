/**
 * The rule book in a page: Python in the worker answers its screen (`tillit.player.in_page.RulesPage`), and what it says
 * is to be kept is kept in this browser, beside the plays.
 */
import { h } from "./elements.mjs";
import { fetchText } from "./python.mjs";
import ruleBook from "./rule-book.mjs";
import { StateLine } from "./state.mjs";

export const RECORD = "rule-book";
const SCENARIOS = new URL("../scenarios/", import.meta.url);

const KEPT_HERE = "Your rules and runs are kept in this browser and nowhere else.";
const NOT_LOADED = "Python or the cases could not be loaded. See that you are online, and try again.";
const NOT_KEPT = "The browser could not store this. Download your rules before you leave the page.";
const ELSEWHERE = "The rule book has gone on in another tab. Here is where it stands.";
const NOT_DONE = "That did not work, and nothing has been done. If it happens again, load the page again.";

export class Rules {
  constructor(place, store, python) {
    Object.assign(this, { place, store, python });
    this.view = null;
    this.listeners = new Set();
    this.saving = Promise.resolve();
    this.state = new StateLine(python, { notLoaded: NOT_LOADED });
    this.stage = h("div.tillit-stage");
    this.channel = new BroadcastChannel("tillit");
  }

  async open() {
    this.record = (await this.store.read(RECORD)) ?? newRecord();
    this.place.replaceChildren(this.state.root, this.stage);
    this.channel.onmessage = ({ data }) => this.hearOtherTab(data);
    this.python.onPlay(RECORD, (play) => this.keep(play));
    this.python.onView(RECORD, (view) => this.show(view));
    await this.state.load(() => this.begin());
  }

  async begin() {
    const names = this.place.dataset.scenarios.split(" ");
    const [scenarios] = await Promise.all([
      Promise.all(names.map((name) => fetchText(new URL(name, SCENARIOS)))),
      this.python.started,
    ]);
    this.scenarios = `[${scenarios.join(",")}]`;
    await this.sitDown();
    this.state.say(KEPT_HERE);
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
          this.state.say(ELSEWHERE);
        }
      } catch (fault) {
        console.warn(fault);
        this.state.say(NOT_KEPT);
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
