/**
 * The test before and after the course in a page: one draft at a time, two buttons, and counts at the end.
 *
 * What is shown comes from Python in the worker (`tillit.player.in_page.sit`), which is asked with everything each time
 * and keeps nothing; code and answers are kept in this browser, both tests in one record, beside the plays.
 */
import { h, save } from "./elements.mjs";
import { fetchText } from "./python.mjs";
import { StateLine } from "./state.mjs";

export const RECORD = "before-and-after";
const FORMS = new URL("../", import.meta.url);
const LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"; // none that is taken for another

const KEPT_HERE = "Your answers are kept in this browser and nowhere else.";
const NOT_LOADED = "Python could not be loaded. See that you are online, and try again.";
const NOT_KEPT = "The browser could not store this answer. Do not leave the page before you have downloaded your answers.";
const ELSEWHERE = "The test has gone on in another tab. Here is where it stands.";
const NOT_DONE = "That did not work, and the answer was not counted. Try again, or load the page again.";
const WHEN = { before: "Before the course", after: "After the course" };

export class Test {
  constructor(place, store, python) {
    Object.assign(this, { place, store, python });
    this.when = place.dataset.when;
    this.busy = false;
    this.state = new StateLine(python, { notLoaded: NOT_LOADED });
    this.stage = h("div.t-page");
    this.channel = new BroadcastChannel("tillit");
  }

  async open() {
    this.record = (await this.store.read(RECORD)) ?? newRecord();
    this.place.replaceChildren(this.state.root,
      h("section.tillit", { "aria-label": WHEN[this.when] }, this.stage), this.drawTools());
    this.channel.onmessage = ({ data }) => this.hearOtherTab(data);
    await this.state.load(() => this.begin());
  }

  async begin() {
    [this.forms] = await Promise.all([this.formsOf(this.record), this.python.started]);
    await this.show();
    this.state.say(KEPT_HERE);
  }

  /** The forms that the answers were given to, as kept here; for whoever has given none, those that the site has. */
  async formsOf({ play, edition }) {
    const kept = play && (await this.store.edition(edition));
    return kept || fetchText(new URL(this.place.dataset.forms, FORMS));
  }

  ask(answer) {
    return this.python.call("sit", this.forms, this.record.code, this.record.play ?? undefined, this.when, answer);
  }

  /** Draw where the test stands. */
  async show() {
    const { fault, view } = await this.ask();
    this.stage.replaceChildren(...(fault ? this.drawFault(fault) : view.item ? this.drawItem(view) : this.drawEnd(view)));
  }

  async answer(item, send) {
    if (this.busy) return;
    this.busy = true;
    try {
      const { fault, record } = await this.ask(JSON.stringify([item, send]));
      if (!fault) {
        if (!this.record.play) await this.keepForms();
        await this.keep({ play: record });
      }
      await this.show();
      if (fault) this.state.say(fault);
      this.stage.querySelector("h2").focus();
    } catch (fault) {
      console.warn(fault);
      this.state.say(NOT_DONE);
    } finally {
      this.busy = false;
    }
  }

  // --- keeping ---

  async keep(change) {
    this.record = { ...this.record, ...change };
    try {
      const { won, record } = await this.store.write(this.record);
      this.record = record ?? newRecord();
      this.state.say(won ? KEPT_HERE : ELSEWHERE);
    } catch (fault) {
      console.warn(fault);
      this.state.say(NOT_KEPT);
    }
    this.channel.postMessage({ scenario: RECORD, turn: this.record.turn });
  }

  /** A later build may have other forms; whoever has begun goes on with these. */
  async keepForms() {
    this.record.edition = this.place.dataset.forms;
    await this.store.keepEdition(this.record.edition, this.forms).catch((fault) => console.warn(fault));
  }

  async hearOtherTab({ scenario, turn, erased }) {
    if (erased) this.record = newRecord();
    else if (scenario === RECORD && turn > this.record.turn) this.record = await this.store.read(RECORD);
    else return;
    if (!this.forms) return; // it is not shown yet
    this.forms = await this.formsOf(this.record);
    await this.show();
  }

  download() {
    if (!this.record.play) return this.state.say("Nothing has been answered yet, so there is nothing to download.");
    save(`before-and-after-${this.record.code}.json`, this.record.play);
  }

  // --- drawing ---

  drawItem({ item, done, of }) {
    const choose = (text, send) => h("button.t-button.t-choice", {
      type: "button",
      // A second click of the same hand is meant for this draft, and would fall on the next one.
      onclick: ({ detail }) => detail < 2 && this.answer(item.id, send),
    }, text);
    return [h("section.t-sheet", {},
      h("h2.t-sheet-title", { tabindex: "-1" }, `Draft ${done + 1} of ${of}`),
      ...this.drawCase(item),
      h("p.t-strong.tillit-question", { id: "tillit-question" }, "Would you send this as it is?"),
      h("div.t-row", { role: "group", "aria-labelledby": "tillit-question" },
        choose("Send it as it is", true), choose("Hold it back", false)))];
  }

  drawCase(item) {
    return [
      h("p.t-muted", {}, item.you),
      h("p.t-strong", {}, item.sender),
      h("div.t-letter", {}, h("p", {}, item.message)),
      h("div", {}, h("p.t-small-title", {}, "What you have before you"),
        h("ul", { role: "list" }, ...item.card.map((line) => h("li", {}, line)))),
      h("div.t-draft", {}, h("p.t-small-title", {}, "The AI's draft"),
        h("div.t-letter.t-draft-text", {}, h("p", {}, item.draft))),
    ];
  }

  drawEnd({ when, of, counts, items }) {
    const parts = counts.map((one) => h("div", {},
      h("h3", {}, WHEN[one.when]), ...one.lines.map((line) => h("p", {}, line))));
    const next = when === "before"
      ? "What was right, draft by draft, you are told after the second test. Now to the lessons."
      : "Below stands each draft, with what you chose and why it was fine or was not.";
    return [
      h("section.t-sheet", {},
        h("h2.t-sheet-title", { tabindex: "-1" }, `All ${of} are answered`),
        ...parts,
        h("p", {}, next),
        h("p", {}, h("button.t-button.t-choice", { type: "button", onclick: () => this.download() },
          "Download your answers")),
        h("p.t-muted", {}, "The file holds a code drawn at random and your answers. Whoever leads your group can collect " +
          "such files; your name is not in it.")),
      ...items.map((item) => this.drawAnswered(item)),
    ];
  }

  drawAnswered(item) {
    return h("details.t-sheet.tillit-answered", {},
      h("summary", {}, `${item.sender}: you ${item.sent ? "sent it" : "held it back"}, ` +
        `and it was ${item.sound ? "fine" : "not fine"}`),
      h("p.t-lead", {}, item.why),
      ...this.drawCase(item));
  }

  /** What is kept cannot be gone on with: hand it out, or begin anew. */
  drawFault(fault) {
    return [h("section.t-sheet", {},
      h("h2.t-sheet-title", { tabindex: "-1" }, "Your answers cannot be continued here"),
      h("p", {}, fault),
      h("div.t-row", {},
        h("button.t-button.t-choice", { type: "button", onclick: () => this.download() }, "Download your answers"),
        h("button.t-button.t-choice", {
          type: "button",
          onclick: () => this.beginAnew(),
        }, "Begin both tests anew")))];
  }

  /** What can be done with what is kept, at any time. */
  drawTools() {
    const question = h("div", { hidden: "", role: "group", "aria-label": "Erase your answers?" });
    const erase = h("button", { type: "button", onclick: () => ask(true) }, "Erase your answers …");
    const ask = (open) => {
      question.hidden = !open;
      (open ? question.querySelector("button") : erase).focus();
    };
    question.append(
      h("p", {}, "This erases the answers to both tests from this browser. What you have not downloaded is gone."),
      h("button", { type: "button", onclick: () => ask(false) }, "Keep them"),
      h("button", { type: "button", onclick: async () => { await this.beginAnew(); ask(false); } }, "Erase them"));
    question.addEventListener("keydown", (event) => event.key === "Escape" && ask(false));
    return h("details.tillit-tools", {},
      h("summary", {}, "Your answers: download, erase"),
      h("p", {}, h("button", { type: "button", onclick: () => this.download() }, "Download your answers")),
      h("p", {}, erase),
      question);
  }

  /** Forget both tests, and the code with them. */
  async beginAnew() {
    await this.keep({ play: null, code: newCode() });
    await this.state.load(() => this.begin());
  }
}

function newRecord() {
  return { scenario: RECORD, code: newCode(), edition: null, play: null, turn: 0 };
}

/** Twelve letters that say nothing about who draws them. */
function newCode() {
  return [...crypto.getRandomValues(new Uint8Array(12))].map((byte) => LETTERS[byte % LETTERS.length]).join("");
}
