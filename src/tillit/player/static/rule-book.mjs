/**
 * The rule book: a builder of rules, a run over simulated months, and what became of it.
 *
 * Plain ES, an anywidget front end in a notebook and the same in a page, as player.mjs is: it needs
 * `model.get("view")`, `model.on("change:view", …)` and `model.send(message)`. The view (see `tillit.player.rules`) holds
 * the rules, their sentences, everything a rule can be made of, and the runs; no rule of the game stands here. Where a
 * view has no book, a Python function was run, and only the outcome is drawn.
 *
 * All text is untrusted and only ever becomes a text node. Each part is drawn anew only when what it shows has changed.
 * Its buttons stay then, so that no click is lost, and every element that can hold the focus carries a `data-key`, by
 * which the focus finds back.
 *
 * Read from top to bottom: entry · builder · run · outcome · figures · helpers.
 */
import { capital, h, keepKeysFromHost, patch, s, save } from "./elements.mjs";

const MOST_BYTES = 100_000; // no rule book is that large
const TOO_LARGE = "This file is too large to be a rule book. Open the one that was downloaded here.";
const RUN = "Run three months";
const NEW_NUMBER = 50;
const NEW_WORD = "call";

// ------------------------------------------------------------------------------------------------------- entry

export default { render };

/** Called by anywidget, and by the host of a static page. */
function render({ model, el }) {
  const page = h("div.t-page");
  const live = h("p.t-hidden", { role: "status" });
  const root = h("section.tillit", { "aria-label": "The rule book" }, page, live);
  const stopKeys = keepKeysFromHost(root);
  el.append(root);
  const screen = {
    view: null, open: null, focus: null, fault: null, busy: false, uid: `r${Math.random().toString(36).slice(2, 9)}`,
    parts: ["builder", "notice", "run", "outcome"].map((name) => ({ name, drawn: null, place: h(`div.r-${name}`) })),
    live, root, asked: [], drawing: false,
    /** One message at a time. Whoever writes faster than the answers come goes on from what they have written. */
    send(message) {
      this.fault = null;
      this.busy = message.type === "run" || message.type === "others" ? message.type : false;
      if (message.type === "write") this.view = { ...this.view, book: message.book };
      if (this.asked.push(message) === 1) model.send(message);
      setTimeout(() => draw(this)); // once the focus is where the learner has put it
    },
    /** A view has come: the answer to the first message, unless it only tells how far a run is. */
    receive(view) {
      this.view = { ...view, progress: view.progress ?? null }; // what Python in a browser sends as None is undefined
      if (this.view.progress !== null) return;
      this.busy = false;
      this.asked.shift();
      if (this.asked.length) model.send(this.asked[0]);
      const written = this.asked.findLast(({ type }) => type === "write");
      if (written) this.view = { ...this.view, book: written.book };
    },
  };
  page.append(h("h2.t-title.r-title", {}, "The rule book"), ...screen.parts.map((part) => part.place));
  const show = () => {
    const before = screen.view;
    screen.receive(model.get("view"));
    draw(screen);
    if (before) say(screen, before);
  };
  model.on("change:view", show);
  show();
  return () => {
    model.off?.("change:view", show);
    stopKeys();
    root.remove();
  };
}

function draw(screen) {
  const { view } = screen;
  const shown = {
    notice: [screen.fault ?? view.notice?.text ?? null],
    // A field that was refused is set back to what stands in the book.
    builder: [view.book, view.lines, view.can_undo, screen.open, screen.busy, view.notice?.kind === "refused" && view.notice],
    run: [screen.busy, view.progress, view.current],
    outcome: [view.runs, screen.busy, view.current],
  };
  const drawers = { notice: drawNotice, builder: drawBuilder, run: drawRun, outcome: drawOutcome };
  const held = screen.root.getRootNode().activeElement;
  const key = screen.focus ?? held?.dataset?.key;
  const begun = screen.focus ? null : begunIn(held);
  for (const part of screen.parts) {
    const now = JSON.stringify(shown[part.name]);
    const refused = part.name === "builder" && view.notice?.kind === "refused";
    if (now === part.drawn && !refused) continue;
    part.drawn = now;
    screen.drawing = true;
    patch(part.place, h("div", {}, ...[drawers[part.name](screen)].flat()));
    screen.drawing = false;
  }
  const found = key && [...screen.root.querySelectorAll("[data-key]")].find((one) => one.dataset.key === key);
  if (!found) return; // what is to have the focus may come with the next view
  found.focus({ preventScroll: !screen.focus });
  if (begun && view.notice?.kind !== "refused") goOn(found, begun);
  screen.focus = null;
}

/** What somebody is writing into a field and has not left it yet. */
function begunIn(field) {
  if (field?.tagName !== "INPUT" || field.type !== "text") return null;
  const { defaultValue, value, selectionStart, selectionEnd } = field;
  return { field, defaultValue, value, selectionStart, selectionEnd };
}

/** Let them go on in the field that has taken the place of theirs, where what stands in the book is the same. */
function goOn(field, begun) {
  if (field === begun.field || field.tagName !== "INPUT" || field.defaultValue !== begun.defaultValue) return;
  field.value = begun.value;
  field.setSelectionRange(begun.selectionStart, begun.selectionEnd);
  // What was written before counts as a change only once it is told, where nothing is added to it.
  const leave = () => field.value !== field.defaultValue && field.dispatchEvent(new Event("change"));
  field.addEventListener("change", () => field.removeEventListener("blur", leave));
  field.addEventListener("blur", leave, { once: true });
}

/** Tell a screen reader what has changed. */
function say(screen, before) {
  const { view } = screen;
  const [was, last] = [before.runs.at(-1), view.runs.at(-1)];
  if (view.notice) screen.live.textContent = view.notice.text;
  else if (last && last.number !== was?.number) screen.live.textContent = `Run ${last.number} is done: ${points(last.result.points)} of 100 points.`;
  else if (last?.others && !was?.others) screen.live.textContent = `With other people: ${points(last.others.points)} of 100 points.`;
  else if (view.book && JSON.stringify(view.lines) !== JSON.stringify(before.lines)) screen.live.textContent = "The rules have changed.";
}

function drawNotice({ fault, view }) {
  const text = fault ?? view.notice?.text;
  return text ? h("div.t-notice", {}, h("p", {}, text)) : null;
}

// ----------------------------------------------------------------------------------------------------- builder

function drawBuilder(screen) {
  const { view } = screen;
  if (!view.book) return null;
  const { rules } = view.book;
  const full = rules.length >= view.vocabulary.most.rules;
  return h("div.t-sheet", {},
    h("h3.t-sheet-title", {}, "The rules"),
    h("p.t-muted", {}, "They are tried from the top. The first that fits what can be seen on the card, and whose act the minutes allow, decides."),
    h("ol.r-rules", {}, ...rules.map((rule, at) => drawRule(screen, rule, at))),
    h("div.r-otherwise", {},
      h("label", { for: `${screen.uid}-otherwise` }, "Otherwise"),
      actSelect(screen, "otherwise", view.book.otherwise, `${screen.uid}-otherwise`, (then) => write(screen, { otherwise: then }))),
    h("div.t-row", {},
      quiet("add", "Add a rule", () => addRule(screen), full || screen.busy),
      quiet("undo", "Undo", () => { screen.open = null; screen.send({ type: "undo" }); }, !view.can_undo || screen.busy),
      quiet("download", "Download the rules", () => save("rule-book.json", view.file)),
      h("label.r-file", {}, "Load rules from a file ", fileInput(screen))));
}

function drawRule(screen, rule, at) {
  const open = screen.open === at;
  const id = `${screen.uid}-rule-${at}`;
  const change = quiet(`open:${at}`, open ? "Done" : "Change", () => {
    screen.open = open ? null : at;
    draw(screen);
  });
  change.setAttribute("aria-expanded", String(open));
  change.setAttribute("aria-describedby", id);
  return h("li.r-rule", {},
    h("div.r-rule-head", {}, h("p", { id }, screen.view.lines[at]), change),
    open ? drawEditor(screen, rule, at) : null);
}

function drawEditor(screen, rule, at) {
  const { most } = screen.view.vocabulary;
  const { rules } = screen.view.book;
  const now = () => screen.view.book.rules; // by then a field may have been left that was still being written in here
  const set = (changed) => write(screen, { rules: now().map((one, n) => (n === at ? { ...one, ...changed } : one)) });
  const move = (to) => {
    const others = now().filter((_, n) => n !== at);
    screen.open = to;
    screen.focus = `open:${to}`;
    write(screen, { rules: [...others.slice(0, to), now()[at], ...others.slice(to)] });
  };
  const remove = () => {
    screen.open = null;
    screen.focus = "add";
    write(screen, { rules: now().filter((_, n) => n !== at) });
  };
  const addCondition = () => {
    screen.focus = `condition:${at}:${rule.when.length}`;
    set({ when: [...now()[at].when, { fact: "record", is: "below", than: NEW_NUMBER }] });
  };
  const then = `${screen.uid}-then-${at}`;
  return h("div.r-editor", { role: "group", "aria-label": `Rule ${at + 1}` },
    ...rule.when.map((condition, n) => drawCondition(screen, condition, at, n, (changed) => {
      const { when } = now()[at];
      set({ when: changed ? when.map((one, m) => (m === n ? changed : one)) : when.filter((_, m) => m !== n) });
    })),
    quiet(`more:${at}`, "Add a condition", addCondition, rule.when.length >= most.conditions),
    h("div.r-otherwise", {}, h("label", { for: then }, "Then"), actSelect(screen, `then:${at}`, rule.then, then, (act) => set({ then: act }))),
    h("div.t-row", {},
      quiet(`up:${at}`, "Move up", () => move(at - 1), at === 0),
      quiet(`down:${at}`, "Move down", () => move(at + 1), at === rules.length - 1),
      quiet(`remove:${at}`, "Remove this rule", remove)));
}

function drawCondition(screen, condition, at, n, set) {
  const { conditions } = screen.view.vocabulary;
  const now = conditions.findIndex((one) => one.fact === condition.fact && one.is === condition.is);
  const choose = (event) => {
    const chosen = conditions[Number(event.target.value)];
    const changed = { fact: chosen.fact, is: chosen.is };
    if (chosen.needs === "number") changed.than = condition.than ?? NEW_NUMBER;
    if (chosen.needs === "words") changed.words = condition.words ?? [NEW_WORD];
    set(changed);
  };
  const label = n ? "and" : "When";
  const select = h("select.t-select", { "data-key": `condition:${at}:${n}`, "aria-label": `${label}, condition ${n + 1} of rule ${at + 1}`, onchange: choose },
    ...conditions.map((one, m) => h("option", { value: m, selected: m === now && "" }, one.words.replace("{}", "…"))));
  const { needs } = conditions[now];
  const value = needs === "number"
    ? h("input.t-select.r-number", { type: "text", inputmode: "decimal", value: condition.than, "data-key": `than:${at}:${n}`,
        "aria-label": `Number for condition ${n + 1} of rule ${at + 1}`,
        onchange: ({ target }) => set({ ...condition, than: number(target.value) }) })
    : needs === "words"
      ? h("input.t-select.r-words", { type: "text", value: condition.words.join(", "), "data-key": `words:${at}:${n}`,
          "aria-label": `Words, with commas between them, for condition ${n + 1} of rule ${at + 1}`,
          onchange: ({ target }) => set({ ...condition, words: target.value.split(",").map((word) => word.trim()).filter(Boolean) }) })
      : null;
  const away = quiet(`less:${at}:${n}`, "Take away", () => {
    screen.focus = `more:${at}`;
    set(null);
  });
  away.setAttribute("aria-label", `Take away condition ${n + 1} of rule ${at + 1}`);
  return h("div.r-condition", {}, h("span.r-when", { "aria-hidden": "true" }, label), select, value, away);
}

function actSelect(screen, key, option, id, set) {
  const { acts } = screen.view.vocabulary;
  return h("select.t-select", { id, "data-key": key, onchange: ({ target }) => {
    const { do: mode, tell } = acts[Number(target.value)];
    set({ do: mode, tell });
  } }, ...acts.map((act, n) => h("option", { value: n, selected: act.do === option.do && act.tell === option.tell && "" }, act.words)));
}

function write(screen, changed) {
  if (screen.drawing) return; // some browsers take a field that goes for one that has been left
  screen.send({ type: "write", book: { ...screen.view.book, ...changed } });
}

function addRule(screen) {
  const { rules } = screen.view.book;
  screen.open = rules.length;
  screen.focus = `condition:${rules.length}:0`;
  write(screen, { rules: [...rules, { when: [{ fact: "record", is: "below", than: NEW_NUMBER }], then: { do: "review", tell: false } }] });
}

function fileInput(screen) {
  return h("input", { type: "file", accept: ".json", "data-key": "file", onchange: async ({ target }) => {
    const [file] = target.files;
    if (!file) return;
    target.value = "";
    screen.open = null;
    if (file.size > MOST_BYTES) {
      screen.fault = TOO_LARGE;
      draw(screen);
    } else {
      screen.send({ type: "open", text: await file.text() });
    }
  } });
}

// --------------------------------------------------------------------------------------------------------- run

function drawRun(screen) {
  const { view, busy } = screen;
  if (!view.book) return null;
  const running = busy || view.progress !== null;
  const run = h("button.t-button.t-primary", { type: "button", "data-key": "run", "aria-disabled": running || view.current ? "true" : null,
    onclick: () => running || view.current || screen.send({ type: "run" }) }, RUN);
  const words = running ? "The months are being lived through …" : view.current ? "These rules have been run. Change one and run again." : "";
  return h("div.r-run", {}, run, h("p.t-muted", {}, words),
    running ? h("progress", { max: "1", value: view.progress ?? 0, "aria-label": "The run" }) : null);
}

// ----------------------------------------------------------------------------------------------------- outcome

function drawOutcome(screen) {
  const { view } = screen;
  const run = view.runs.at(-1);
  if (!run) return null;
  const before = view.runs.at(-2) ?? null;
  const { result } = run;
  return [
    h("div.t-sheet", {},
      h("h3.t-sheet-title", { tabindex: "-1", "data-key": "outcome" }, view.book ? `Run ${run.number}` : "Three months under this function"),
      h("p.t-lead", {}, `${result.cases} cases on ${result.days} days. These rules are worth ${points(result.points)} of 100 points, nine times of ten between ${points(result.interval[0])} and ${points(result.interval[1])}.`),
      drawScale(run, before),
      h("p.t-muted", {}, `The best fixed rule does the same with every case: ${result.rule_words}. The best plan knows what nobody can read from a card, so no rule book reaches it.`),
      h("p", {}, minutesWords(result.minutes)),
      h("p", {}, hiddenWords(result.hidden)),
      view.book ? drawOthers(screen, run) : null),
    h("div.t-sheet", {}, h("h3.t-sheet-title", {}, "Who gains and who loses"), drawGroups(result, before?.result), drawPeople(result.people, run.lines)),
    run.lines.length ? h("div.t-sheet", {}, h("h3.t-sheet-title", {}, "What each rule did"), drawLines(run)) : null,
    view.runs.length > 1 ? h("div.t-sheet", {}, h("h3.t-sheet-title", {}, "Your runs so far"), drawRuns(screen)) : null,
  ];
}

function drawScale({ result, others }, before) {
  const rows = [
    ["Chance", 0],
    ["Best fixed rule", result.rule],
    ["These rules", result.points, result.interval, "yours"],
    before && [`Run ${before.number}, before`, before.result.points],
    others && ["These rules, other people", others.points, others.interval, "yours"],
    ["Best plan", 100],
  ].filter(Boolean);
  const low = Math.min(0, ...rows.map(([, value, interval]) => Math.min(value, interval?.[0] ?? value)));
  const x = (value) => `${(2 + (96 * (value - low)) / (100 - low)).toFixed(2)}%`;
  return wide("Points", h("table.t-table.r-scale", {},
    h("caption.t-hidden", {}, "Points, from chance at 0 to the best plan at 100"),
    h("thead.t-hidden", {}, h("tr", {}, ...["Who decides", "Points", "On a line"].map((text) => h("th", { scope: "col" }, text)))),
    h("tbody", {}, ...rows.map(([label, value, interval, kind]) => h("tr", {},
      h("th", { scope: "row" }, label),
      h("td.r-number-cell", {}, points(value)),
      h("td.r-line-cell", {}, svg(20,
        s("line", { class: "t-grid", x1: x(low), x2: x(100), y1: 10, y2: 10 }),
        interval && s("line", { class: "t-path", x1: x(interval[0]), x2: x(interval[1]), y1: 10, y2: 10 }),
        s("circle", { class: kind ? "t-dot" : "t-dot-hollow", cx: x(value), cy: 10, r: 5 }))))))));
}

function minutesWords({ used, best, of, short }) {
  const over = short
    ? `For ${count(short, "case", "cases")} the minutes did not suffice for what the rules wanted first.`
    : "The minutes sufficed for every case.";
  return `They used ${used} of ${of} minutes; the best plan uses ${best}. ${over}`;
}

function hiddenWords({ uses, come_out, best_uses }) {
  if (!uses) return "Everybody who got AI's words was told so.";
  return `${count(uses, "use of AI stays", "uses of AI stay")} hidden, and about ${Math.round(come_out)} people are to be expected to learn of it all the same. Under the best plan ${best_uses} stay hidden.`;
}

function drawOthers(screen, run) {
  if (run.others) {
    return h("p", {}, `With people whom none of these months had, the same rules are worth ${points(run.others.points)} of 100 points, and the best fixed rule ${points(run.others.rule)}.`);
  }
  return h("div.t-row", {}, quiet("others", "Try the rules of this run on other people", () => screen.send({ type: "others" }), screen.busy));
}

/** Each group's mean change in trust: a dot for these rules, a diamond for the best plan, about a line at 0. */
function drawGroups(result, before) {
  const values = result.groups.flatMap((group) => [group.change, group.best, 0]);
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const x = (value) => 3 + (94 * (value - low)) / (high - low || 1);
  const earlier = new Map((before?.groups ?? []).map((group) => [group.words, group.change]));
  const since = ({ words, change }) => (earlier.has(words) ? signed(change - earlier.get(words)) : null);
  return h("div.r-stack", {},
    h("p.t-muted", {}, "How a case changes the trust that is shown, in points of 100, on the average of the group. The dot is under these rules, the square under the best plan."),
    wide("Groups", h("table.t-table.r-groups", {},
      h("thead", {}, h("tr", {}, ...["Who", "Under these rules", "Best plan", ...(before ? ["Since the run before"] : [])].map((text) => h("th", { scope: "col" }, text)))),
      h("tbody", {}, ...result.groups.flatMap((group) => [
        h("tr", {}, h("th", { scope: "row" }, `${capital(group.words)} (${group.cases})`), h("td", {}, signed(group.change)), h("td", {}, signed(group.best)),
          before ? h("td", {}, since(group) ?? "") : null),
        h("tr", { "aria-hidden": "true" }, h("td.r-figure", { colspan: before ? "4" : "3" }, svg(18,
          s("line", { class: "t-grid", x1: "0%", x2: "100%", y1: 9, y2: 9 }),
          s("line", { class: "t-axis", x1: `${x(0)}%`, x2: `${x(0)}%`, y1: 1, y2: 17 }),
          s("line", { class: "t-leader", x1: `${x(group.change)}%`, x2: `${x(group.best)}%`, y1: 9, y2: 9 }),
          s("svg", { x: `${x(group.best)}%`, y: 9, overflow: "visible" }, s("rect", { class: "t-diamond", x: -4, y: -4, width: 8, height: 8 })),
          s("circle", { class: "t-dot", cx: `${x(group.change)}%`, cy: 9, r: 5 })))),
      ])))));
}

function drawPeople(people, lines) {
  if (!people.length) return h("p", {}, "Nobody loses against the best plan.");
  return h("div.r-stack", {},
    h("h4.t-strong", {}, "Those who lose most against the best plan"),
    h("ul.r-people", {}, ...people.map((one) => h("li", {},
      h("p", {}, h("strong", {}, one.name), `. ${one.who}.`),
      h("p.t-small", {}, `${capital(count(one.cases, "case", "cases"))}: ${signed(one.change)} on the average, ${signed(one.best)} under the best plan. ` +
        `‘${one.subject}’ for one: ${one.did.toLowerCase()}${by(one.line, lines)}${one.best_did ? `, where the best plan says ${one.best_did.toLowerCase()}` : ""}. ${one.signal}`)))));
}

/** By which rule something was done. A function has none, and a run that was kept before this was told does not say. */
function by(line, lines) {
  if (line === null || line === undefined) return "";
  return line < lines.length - 1 ? `, by rule ${line + 1}` : ", by the last line";
}

function drawLines({ lines, result }) {
  return wide("Rules", h("table.t-table", {},
    h("thead", {}, h("tr", {}, ...["Rule", "Cases it decided", "Their change", "Best plan"].map((text) => h("th", { scope: "col" }, text)))),
    h("tbody", {}, ...lines.map((words, at) => {
      const { cases, change, best } = result.lines[at];
      return h("tr", {}, h("th", { scope: "row" }, words), h("td", {}, cases), h("td", {}, cases ? signed(change) : "never"), h("td", {}, cases ? signed(best) : ""));
    }))));
}

function drawRuns(screen) {
  const { runs } = screen.view;
  const named = (result, at) => signed(result.groups[at].change);
  return wide("Runs", h("table.t-table", {},
    h("thead", {}, h("tr", {}, ...["Run", "Points", "Other people", "Need a person", "Need none", "Rules"].map((text) => h("th", { scope: "col" }, text)))),
    h("tbody", {}, ...[...runs].reverse().map((run) => h("tr", {},
      h("th", { scope: "row" }, run.number), h("td", {}, points(run.result.points)), h("td", {}, run.others ? points(run.others.points) : ""),
      h("td", {}, named(run.result, 0)), h("td", {}, named(run.result, 1)),
      h("td", {}, quiet(`take:${run.number}`, `Go back to the rules of run ${run.number}`, () => {
        screen.open = null;
        screen.send({ type: "take", run: run.number });
      }, screen.busy)))))));
}

// ----------------------------------------------------------------------------------------------------- helpers

/** A drawing as wide as its place. Its numbers stand beside it as text. */
function svg(height, ...children) {
  return s("svg", { class: "t-svg t-overflow", width: "100%", height, "aria-hidden": "true", focusable: "false" }, ...children);
}

/** A table that scrolls by itself where the screen is narrower. */
function wide(name, table) {
  return h("div.r-wide", { role: "group", "aria-label": name, tabindex: "0", "data-key": `wide:${name}` }, table);
}

/** A quiet button that does nothing while it is disabled, and can be reached all the same. */
function quiet(key, text, act, disabled = false) {
  return h("button.t-button.t-quiet", { type: "button", "data-key": key, "aria-disabled": disabled ? "true" : null, onclick: () => disabled || act() }, text);
}

/** What somebody has written as a number, with a comma or a point; null where it is none. */
const number = (text) => (text.trim() && Number.isFinite(Number(text.replace(",", "."))) ? Number(text.replace(",", ".")) : null);
const tidy = (value) => value.toFixed(1).replace(/^-0\.0$/, "0.0").replace("-", "−");
const points = (value) => String(Math.round(value)).replace(/^-0$/, "0").replace("-", "−");
const signed = (value) => (value > 0 ? `+${tidy(value)}` : tidy(value));
const count = (n, one, many) => `${n} ${n === 1 ? one : many}`;
