/**
 * The line above everything that is played in a page: what is going on, how far Python has come and, where it has not
 * come, a button to try again; and whether the course opens without a network.
 */
import { onCopies } from "./copies.mjs";
import { h } from "./elements.mjs";

const LOADING = "Python is loading, about 6 MB the first time.";
const STARTING = "Python is starting.";

export class StateLine {
  /** `notLoaded` is said where it has not come; `meanwhile` is what can be done while it is on its way. */
  constructor(python, { notLoaded, meanwhile = "" }) {
    Object.assign(this, { python, notLoaded, meanwhile, loading: false });
    this.bar = h("progress.tillit-progress", { max: "1", value: "0", "aria-label": "Loading Python" });
    this.words = h("p.tillit-words", { role: "status" });
    this.again = h("button", { type: "button", hidden: "" }, "Try again");
    this.offline = h("span.tillit-offline", { hidden: "" });
    this.root = h("div.tillit-state", {}, this.words, " ", this.offline, this.again, this.bar);
    this.showCopies = (sentence) => {
      this.offline.hidden = !sentence;
      this.offline.textContent = sentence;
    };
    python.onProgress((share) => this.progress(share));
  }

  say(text) {
    if (this.words.textContent !== text) this.words.textContent = text;
  }

  /** Do `work`, which waits for Python. Where that fails, say so, and do it again when the reader asks for it. */
  async load(work) {
    this.again.hidden = true;
    this.bar.classList.remove("tillit-done");
    this.loading = true;
    this.progress(0);
    try {
      await work();
    } catch (fault) {
      console.warn(fault);
      this.say(this.notLoaded);
      this.again.hidden = false;
      this.again.onclick = () => {
        this.python.tryAgain();
        this.load(work);
      };
      return;
    } finally {
      this.loading = false;
      this.bar.classList.add("tillit-done");
    }
    onCopies(this.showCopies);
  }

  progress(share) {
    this.bar.value = share;
    if (this.loading) this.say([share < 1 ? LOADING : STARTING, this.meanwhile].filter(Boolean).join(" "));
  }
}
