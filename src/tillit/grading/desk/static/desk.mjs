/*
 * The marking desk's page. It draws what the server says and sends what the marker does; it decides nothing. What
 * learners, models and rubrics say becomes text nodes and nothing else.
 *
 * Order: server · state · acts · drawing · keys · start.
 */

// --- server ---------------------------------------------------------------------------------------------------------

let line = Promise.resolve();
let waiting = 0;

/** Ask one thing; things are asked one after the other, so that what comes back last is how it stands. */
function ask(request) {
  waiting += 1;
  line = line.catch(() => {}).then(async () => {
    const response = await fetch("desk", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(request),
    });
    if (!response.ok) throw new Error(`The desk answered ${response.status}.`);
    return response.json();
  }).finally(() => { waiting -= 1; });
  return line;
}

// --- state ----------------------------------------------------------------------------------------------------------

const root = document.getElementById("desk");
const said = document.getElementById("said");
const singleKeys = "tillit-marking-single-keys";

const state = {
  overview: null,
  answer: null,
  item: 0, // the item that keys speak to
  alike: null, // which of the answers like this one lies beside it, or null
  dialog: null, // "keys", "confirm" or null
  asking: false, // a model is being asked
  busy: false, // another answer is on its way, and keys wait for it
  keys: localStorage.getItem(singleKeys) !== "off",
};

const items = () => state.overview.rubric.items;
const queue = () => state.overview.queue;
const place = () => queue().findIndex((one) => one.number === state.answer?.number);
const ready = () => (state.overview.counts.ready ?? 0) + (state.overview.counts.changed ?? 0);

let hush;

/** Say something at the foot of the page; it goes again after a while. */
function say(text) {
  said.textContent = text;
  clearTimeout(hush);
  hush = setTimeout(() => { said.textContent = ""; }, 8000);
}

// --- acts -----------------------------------------------------------------------------------------------------------

async function send(request) {
  try {
    const answered = await ask({ task: state.overview?.task, ...request });
    if (answered.fault) say(answered.fault);
    return answered.fault ? null : answered;
  } catch {
    say("The desk does not answer. Is it still running in the terminal? What you have marked so far is kept.");
    return null;
  }
}

/** Do something to the answer that lies here, and take over how things stand then. */
async function act(request) {
  const answered = await send({ number: state.answer.number, ...request });
  if (answered) take(answered);
  return answered;
}

/** Take over how things stand, unless more has been done since: then what comes back last will say. */
function take({ overview, answer }) {
  if (waiting > 0) return;
  state.overview = overview;
  if (answer.number !== state.answer?.number) state.alike = null;
  state.answer = answer;
  draw();
}

async function openTask(task) {
  const overview = await send({ do: "overview", task });
  if (!overview) return;
  Object.assign(state, { overview, answer: null, item: 0, alike: null });
  draw();
  const first = overview.queue.find((one) => !one.done) ?? overview.queue[0];
  if (first) await openAnswer(first.number);
}

async function openAnswer(number) {
  await saveComment();
  state.busy = true;
  const answer = await send({ do: "answer", number });
  state.busy = false;
  if (!answer) return;
  Object.assign(state, { answer, alike: null, item: firstOpenItem(answer) });
  draw();
  root.querySelector(".rubric")?.scrollTo({ top: 0 });
  document.getElementById("answer")?.focus({ preventScroll: true });
  window.scrollTo({ top: 0 });
  await askModel();
}

function firstOpenItem(answer) {
  return Math.max(0, items().findIndex((item) => !(item.id in answer.verdicts)));
}

async function step(by) {
  const next = queue()[place() + by];
  if (next) await openAnswer(next.number);
  else say(by > 0 ? "This is the last answer." : "This is the first answer.");
}

/** The next answer after this one, round the end, for which this holds. */
async function toNext(holds, none) {
  const here = place();
  const round = [...queue().slice(here + 1), ...queue().slice(0, here + 1)];
  const next = round.find(holds);
  if (next) await openAnswer(next.number);
  else say(none);
}

const toNextOpen = () => toNext((one) => !one.done, "Every answer that is yours has been marked.");
const toNextDiffering = () => toNext((one) => one.status === "differs", "Nothing differs.");

async function judge(index, verdict) {
  const item = items()[index];
  if (!item) return;
  state.item = index;
  const differs = state.answer.differing?.some((one) => one.item === item.id);
  if (differs && verdict === null) return;
  if (!differs) choose(item, verdict);
  goTo(verdict === null ? index : index + 1);
  const answered = await act({ do: differs ? "settle" : "judge", item: item.id, verdict });
  if (answered) say(`${index + 1}: ${verdict === null ? "no verdict" : verdict ? "yes" : "no"}.`);
  else await openAnswer(state.answer.number);
}

/** Show a choice before the server has said so, so that keys can be as fast as fingers. */
function choose(item, verdict) {
  const { verdicts } = state.answer;
  if (verdict === null) delete verdicts[item.id];
  else verdicts[item.id] = verdict;
  if (!verdict || item.one_of === null) return;
  for (const other of items()) if (other.one_of === item.one_of && other.id !== item.id) verdicts[other.id] = false;
}

function goTo(index) {
  state.item = Math.min(items().length - 1, Math.max(0, index));
  draw();
  root.querySelector(`[data-focus="item-${state.item}"]`)?.focus();
}

async function done() {
  if (!state.answer) return;
  await saveComment();
  const wasDone = state.answer.done;
  state.busy = true;
  const answered = wasDone || (await act({ do: "done" }));
  state.busy = false;
  if (!answered) return;
  const proposals = state.answer.proposals;
  if (!wasDone && proposals && (proposals.wanted || Object.keys(proposals.items).length || proposals.notice)) {
    say("Marked. Below each item is what a machine would say; you decide.");
    await askModel();
    return;
  }
  await toNextOpen();
}

async function askModel() {
  if (!state.answer?.proposals?.wanted || state.asking) return;
  state.asking = true;
  draw();
  const number = state.answer.number;
  const answered = await send({ do: "propose", number });
  state.asking = false;
  if (answered && state.answer.number === number) take(answered);
  else draw();
}

async function undo() {
  const answered = await send({ do: "undo" });
  if (!answered) return;
  take(answered);
  state.item = firstOpenItem(state.answer);
  draw();
  say("Taken back.");
}

/** What stands in the comment, if it differs from what is kept. */
async function saveComment() {
  const box = document.getElementById("comment");
  if (box && state.answer && box.value !== state.answer.comment) await act({ do: "comment", text: box.value });
}

async function reuse(text) {
  const box = document.getElementById("comment");
  box.value = box.value.trim() ? `${box.value.trimEnd()}\n\n${text}` : text;
  await saveComment();
  document.getElementById("comment").focus();
}

async function confirmAll() {
  const answered = await send({ do: "confirm" });
  state.dialog = null;
  if (!answered) return draw();
  state.overview = answered.overview;
  draw();
  say(`${counted(answered.confirmed, "mark stands", "marks stand")} in the gradebook now.`);
  if (state.answer) await openAnswer(state.answer.number);
}

// --- drawing --------------------------------------------------------------------------------------------------------

/** An element; properties are set as such, `data-` and `aria-` ones as attributes; strings become text. */
function el(tag, properties = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (name === "class") made.className = value;
    else if (name === "tabindex") made.tabIndex = value;
    else made.setAttribute(name, value === true ? "" : String(value));
  }
  made.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return made;
}

const button = (focus, label, onclick, more = {}) =>
  el("button", { type: "button", "data-focus": focus, onclick, ...more }, label);
const points = (value) => String(value).replace("-", "−");
const counted = (number, one, many) => `${number} ${number === 1 ? one : many}`;
const share = (value) => `${Math.round(100 * value)} %`;

function draw() {
  const focused = document.activeElement?.getAttribute?.("data-focus");
  const box = document.getElementById("comment");
  const typed = box && state.answer && box.dataset.number === state.answer.number ? box.value : null;
  const caret = box ? [box.selectionStart, box.selectionEnd] : null;
  const scrolled = root.querySelector(".rubric")?.scrollTop ?? 0;
  const unfolded = [...root.querySelectorAll("details[open]")].map((one) => one.getAttribute("data-focus"));
  root.replaceChildren(header(), main(), dialog());
  for (const name of unfolded) root.querySelector(`details[data-focus="${name}"]`)?.setAttribute("open", "");
  root.querySelector(".rubric")?.scrollTo({ top: scrolled });
  if (typed !== null) document.getElementById("comment").value = typed;
  if (focused) {
    const again = root.querySelector(`[data-focus="${focused}"]`);
    again?.focus({ preventScroll: true });
    if (again?.id === "comment" && caret) again.setSelectionRange(...caret);
  }
  root.querySelector("dialog")?.showModal();
  document.title = state.answer ? `Answer ${place() + 1} of ${queue().length} · ${state.overview.task}` : "Marking desk";
}

function header() {
  const { assignment, marker, tasks, task, counts } = state.overview;
  const marked = queue().filter((one) => one.done).length;
  const differs = counts.differs ?? 0;
  return el("header", { class: "head" },
    el("div", { class: "what" },
      el("p", { class: "over" }, `Marking ${assignment} as ${marker}`),
      el("h1", {}, task),
      tasks.length > 1 && el("nav", { class: "tasks", "aria-label": "Tasks" }, tasks.map((one) =>
        button(`task-${one.name}`, `${one.name} (${one.answers})`, () => openTask(one.name),
          { class: "quiet", "aria-current": one.name === task ? "page" : null })))),
    el("div", { class: "progress" },
      el("p", { id: "progress-words" }, `${marked} of ${queue().length} marked`),
      el("progress", { max: Math.max(1, queue().length), value: marked, "aria-labelledby": "progress-words" })),
    el("div", { class: "row" },
      differs > 0 && button("differs", `${counted(differs, "answer differs", "answers differ")}`, toNextDiffering, { class: "quiet" }),
      button("undo", "Undo", undo, { class: "quiet", disabled: !state.overview.can_undo }),
      button("keys", "Keys", () => open("keys"), { class: "quiet" }),
      button("confirm", ready() ? `Confirm ${counted(ready(), "mark", "marks")}` : "Nothing to confirm", () => open("confirm"),
        { class: "choice", disabled: !ready() })));
}

function open(name) {
  state.dialog = name;
  draw();
}

function main() {
  const notices = state.overview.notices.map((text) => el("p", { class: "notice" }, text));
  if (!state.answer) {
    return el("main", { class: "nothing" }, notices, el("p", {}, queue().length ? "" : "There is no answer to mark here."), agreement());
  }
  const beside = state.alike === null ? null : state.answer.alike[state.alike];
  return el("main", { class: beside ? "bench beside" : "bench" },
    notices, sheet(), beside && besideSheet(beside), rubric(), agreement());
}

function sheet() {
  const { text, odd, words, text_changed: changed, status, alike } = state.answer;
  return el("section", { class: "sheet", "aria-labelledby": "answer" },
    el("div", { class: "sheet-head" },
      el("h2", { id: "answer", tabindex: -1, "data-focus": "answer" }, `Answer ${place() + 1} of ${queue().length}`),
      el("p", { class: "muted" }, counted(words, "word", "words"), ` · ${STATUS[status]}`),
      el("div", { class: "row" },
        button("before", "← Before", () => step(-1), { class: "quiet" }),
        button("after", "After →", () => step(1), { class: "quiet" }),
        button("open", "Next open", toNextOpen, { class: "quiet" }))),
    asked(),
    changed && el("p", { class: "notice" }, "The answer has changed since you marked it. Look at it again, and say that it is marked."),
    odd.length > 0 && el("div", { class: "notice" },
      el("p", {}, "What was odd about the notebook that this stands in:"),
      el("ul", {}, odd.map((sentence) => el("li", {}, sentence)))),
    letter(text, quoted()),
    alike.length > 0 && el("div", { class: "alike" },
      el("h3", {}, "Answers that share words with this one"),
      el("div", { class: "row" }, alike.map((one, index) =>
        button(`alike-${index}`, `${share(one.share)} of word pairs`, () => lay(index),
          { class: "quiet", "aria-pressed": state.alike === index ? "true" : "false" })))));
}

/** What learners were asked, folded. It is the course's own text, and the desk sends it cleaned. */
function asked() {
  if (!state.overview.asked) return null;
  const text = el("div", { class: "asked-text", tabindex: 0, role: "region", "aria-label": "What was asked" });
  text.innerHTML = state.overview.asked;
  return el("details", { class: "asked", "data-focus": "asked" }, el("summary", { "data-focus": "asked-summary" }, "What was asked"), text);
}

const STATUS = {
  open: "not marked",
  second: "waits for its second marker",
  differs: "two markers differ",
  ready: "marked, not confirmed",
  confirmed: "in the gradebook",
  changed: "changed since it was confirmed",
};

function lay(index) {
  state.alike = state.alike === index ? null : index;
  draw();
}

/** The quotation that belongs to the item the keys speak to, if it stands in the answer as it is. */
function quoted() {
  const quotation = state.answer.proposals?.items[items()[state.item]?.id]?.quotation;
  return quotation && state.answer.text.includes(quotation) ? quotation : null;
}

function letter(text, quotation = null) {
  if (quotation === null) return el("div", { class: "letter" }, text.trim() ? text : el("em", {}, "Nothing is written here."));
  const start = text.indexOf(quotation);
  return el("div", { class: "letter" },
    text.slice(0, start), el("mark", {}, quotation), text.slice(start + quotation.length));
}

function besideSheet(other) {
  const verdicts = items().map((item, index) =>
    item.id in other.verdicts ? `${index + 1} ${other.verdicts[item.id] ? "yes" : "no"}` : null).filter(Boolean);
  return el("section", { class: "sheet", "aria-labelledby": "beside" },
    el("div", { class: "sheet-head" },
      el("h2", { id: "beside" }, "Beside it"),
      el("p", { class: "muted" }, verdicts.length ? `You said: ${verdicts.join(", ")}` : "Not marked by you"),
      el("div", { class: "row" },
        button("go-beside", "Mark this one", () => openAnswer(other.number), { class: "quiet" }),
        button("close-beside", "Put it away", () => lay(state.alike), { class: "quiet" }))),
    letter(other.text));
}

function rubric() {
  const { points: earned, done: isDone, comment } = state.answer;
  const { most } = state.overview.rubric;
  return el("section", { class: "rubric", "aria-labelledby": "rubric" },
    el("div", { class: "rubric-head" },
      el("h2", { id: "rubric" }, "Rubric"),
      el("p", { class: "points" }, el("strong", {}, points(earned)), ` of ${points(most)}`)),
    proposalsNotice(),
    el("ol", { class: "items" }, items().map(itemRow)),
    el("div", { class: "comment" },
      el("label", { for: "comment" }, "Comment to the learner"),
      commentBox(comment),
      state.overview.comments.length > 0 && el("details", { "data-focus": "reuse" },
        el("summary", {}, "Said before"),
        el("ul", {}, state.overview.comments.map((text, index) =>
          el("li", {}, button(`reuse-${index}`, text, () => reuse(text), { class: "quiet reuse" })))))),
    el("div", { class: "row end" },
      button("done", isDone ? "Next open answer" : "Marked", done, { class: "primary" }),
      isDone && el("p", { class: "muted" }, "You have marked this one. Changes count at once.")));
}

function commentBox(comment) {
  const box = el("textarea", { id: "comment", "data-focus": "comment", rows: 3, maxlength: 4000,
    "data-number": state.answer.number, onchange: saveComment });
  box.value = comment;
  return box;
}

function proposalsNotice() {
  const { show, where } = state.overview.proposals;
  const proposals = state.answer.proposals;
  if (show === "never") return null;
  if (!proposals) return el("p", { class: "muted" }, `Your own judgement first; then ${where} is asked too.`);
  if (state.asking) return el("p", { class: "muted" }, `Asking ${where} …`);
  return proposals.notice ? el("p", { class: "notice" }, proposals.notice) : null;
}

function itemRow(item, index) {
  const current = index === state.item;
  const verdict = state.answer.settled[item.id] ?? state.answer.verdicts[item.id] ?? null;
  const option = (label, value) => button(`${label}-${index}`, label === "yes" ? "Yes" : "No",
    () => judge(index, verdict === value ? null : value),
    { class: "verdict", "aria-pressed": verdict === value ? "true" : "false", "aria-describedby": `item-${index}` });
  return el("li", { class: current ? "item current" : "item" },
    el("div", { class: "item-line", tabindex: -1, "data-focus": `item-${index}`, role: "group",
      "aria-labelledby": `item-${index}`, onclick: () => !current && select(index) },
      el("p", { id: `item-${index}` },
        el("span", { class: "number" }, `${index + 1}`), item.text, " ", el("span", { class: "worth" }, `(${points(item.points)})`)),
      el("div", { class: "verdicts" }, option("yes", true), option("no", false))),
    differing(item),
    proposed(item, verdict),
    current && el("dl", { class: "note" },
      el("dt", {}, "Note"), el("dd", {}, item.marker),
      el("dt", {}, "Yes"), el("dd", { class: "example" }, item.meets),
      el("dt", {}, "No"), el("dd", { class: "example" }, item.fails)));
}

function select(index) {
  state.item = index;
  draw();
}

function differing(item) {
  const one = state.answer.differing?.find((other) => other.item === item.id);
  if (!one) return null;
  const words = one.said.map((value) => (value ? "yes" : "no")).join(", the second ");
  return el("p", { class: "differs" }, `The first marker said ${words}. What you choose now counts.`);
}

function proposed(item, verdict) {
  const one = state.answer.proposals?.items[item.id];
  if (!one) return null;
  if (one.verdict === "unsure") return el("p", { class: "proposed" }, `The machine is unsure. ${one.reason}`);
  const differs = verdict !== null && (one.verdict === "yes") !== verdict;
  return el("p", { class: differs ? "proposed differs" : "proposed" },
    `The machine says ${one.verdict}${differs ? ", unlike you" : ""}: `, el("q", {}, one.quotation), ` ${one.reason}`);
}

function agreement() {
  const { agreement: people, proposals, rubric_file: file, others } = state.overview;
  const twice = people.some((one) => one.compared > 0);
  const machine = proposals.agreement.some((one) => one.compared > 0);
  return el("footer", { class: "foot" },
    el("p", { class: "muted" }, `To change an item, edit ${file} and reload: all that is marked is scored anew.`,
      others > 0 ? ` ${counted(others, "answer has", "answers have")} been marked by somebody else.` : ""),
    (twice || machine) && el("details", { "data-focus": "agreement" }, el("summary", {}, "Agreement"),
      twice && table("Two markers, each by themselves", people),
      machine && table("You and the machine, you first", proposals.agreement, proposals.switched_off)));
}

function table(caption, rows, switchedOff = []) {
  const number = (id) => items().findIndex((item) => item.id === id) + 1;
  return el("table", {}, el("caption", {}, caption),
    el("thead", {}, el("tr", {}, ["Item", "Compared", "Same", "Krippendorff’s α", ""].map((text) => el("th", { scope: "col" }, text)))),
    el("tbody", {}, rows.map((row) => el("tr", {},
      el("th", { scope: "row" }, `${number(row.item)}`),
      el("td", {}, `${row.compared}`), el("td", {}, `${row.same}`),
      el("td", {}, row.alpha === null ? "not defined" : row.alpha.toFixed(2).replace("-", "−")),
      el("td", {}, switchedOff.includes(row.item) ? "switched off" : row.too_low ? "low" : "")))));
}

function dialog() {
  if (state.dialog === null) return "";
  const close = () => { state.dialog = null; draw(); };
  return el("dialog", { "aria-labelledby": "dialog-title", oncancel: (event) => { event.preventDefault(); close(); } },
    ...(state.dialog === "keys" ? keysDialog(close) : confirmDialog(close)));
}

const KEYS = [
  ["y  n", "Yes or no to the item in sight, and on to the next"],
  ["x", "Take the verdict off this item"],
  ["1 … 9, ↑ ↓", "Go to an item"],
  ["c", "Write a comment; Esc leaves it"],
  ["d", "Marked; on to the next open answer"],
  ["← →", "The answer before or after"],
  ["o", "The next open answer"],
  ["s", "Lay an answer like this one beside it, the next one, none"],
  ["u", "Undo"],
  ["?", "These keys"],
];

function keysDialog(close) {
  const box = el("input", { type: "checkbox", id: "single", "data-focus": "single", onchange: (event) => {
    state.keys = event.target.checked;
    localStorage.setItem(singleKeys, state.keys ? "on" : "off");
  } });
  box.checked = state.keys;
  return [
    el("h2", { id: "dialog-title" }, "Keys"),
    el("dl", { class: "keys" }, KEYS.map(([key, what]) => [el("dt", {}, el("kbd", {}, key)), el("dd", {}, what)]).flat()),
    el("p", {}, box, el("label", { for: "single" }, " Single keys work (not while you write)")),
    el("div", { class: "row" }, button("close", "Close", close, { class: "primary" })),
  ];
}

function confirmDialog(close) {
  const { counts } = state.overview;
  const held = (counts.differs ?? 0) + (counts.second ?? 0) + (counts.open ?? 0);
  return [
    el("h2", { id: "dialog-title" }, `Write ${counted(ready(), "mark", "marks")} into the gradebook?`),
    el("p", {}, "They go there as manual scores, with the verdicts and your comment as the comment. Feedback and exports take them from there. You can change and confirm them again."),
    held > 0 && el("p", {}, `${counted(held, "answer stays", "answers stay")} here: not marked, not settled, or waiting for a second marker.`),
    el("div", { class: "row" },
      button("write", "Write them", confirmAll, { class: "primary" }),
      button("not-yet", "Not yet", close, { class: "choice" })),
  ];
}

// --- keys -----------------------------------------------------------------------------------------------------------

const PRESSED = {
  y: () => judge(state.item, true),
  n: () => judge(state.item, false),
  x: () => judge(state.item, null),
  c: () => document.getElementById("comment")?.focus(),
  d: done,
  o: toNextOpen,
  s: () => {
    const last = state.answer.alike.length - 1;
    if (last < 0) return say("No answer shares much wording with this one.");
    state.alike = state.alike === null ? 0 : state.alike < last ? state.alike + 1 : null;
    draw();
  },
  u: undo,
  "?": () => open("keys"),
  ArrowLeft: () => step(-1),
  ArrowRight: () => step(1),
  ArrowUp: () => goTo(state.item - 1),
  ArrowDown: () => goTo(state.item + 1),
};

document.addEventListener("keydown", (event) => {
  const writing = event.target.matches?.("textarea, input, select");
  if (writing && event.key === "Escape") {
    event.target.blur();
    goTo(state.item);
    return;
  }
  if (writing || state.dialog || state.busy || !state.answer || event.ctrlKey || event.metaKey || event.altKey || !state.keys) return;
  const act = /^[1-9]$/.test(event.key) ? () => goTo(Number(event.key) - 1) : PRESSED[event.key];
  if (!act) return;
  event.preventDefault();
  act();
});

// --- start ----------------------------------------------------------------------------------------------------------

await openTask(null);
