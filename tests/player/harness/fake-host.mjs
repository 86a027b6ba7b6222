/**
 * A host for the development page: the model of an anywidget front end with, behind it, an engine of cardboard.
 * It knows just enough of the game to play through a day. What it was sent is in `window.sent`. A test may put the real
 * engine behind it by exposing `engineView()`, `engineHandle(message)` and `engineRest()`.
 */
import player from "../../../src/tillit/player/static/player.mjs";

const query = new URLSearchParams(location.search);
const load = async (path) => (await fetch(path)).json();
const [first, hidden, start, debrief, rewound] = await Promise.all([
  load(`../views/${query.get("view") ?? "start"}.json`),
  load("hidden.json"),
  load("../views/start.json"),
  load("../views/debrief.json"),
  load("../views/debrief_rewound.json"),
]);

dress();
let view = window.engineView ? await window.engineView() : first;
let turn = 0;
const listeners = new Set();
window.sent = [];
window.host = {
  mute: query.has("mute"),
  delay: Number(query.get("delay") ?? 0),
  get view() { return view; },
  show(next) {
    view = { ...next, turn: ++turn };
    for (const listener of listeners) listener();
  },
};

const model = {
  get: (name) => (name === "view" ? view : undefined),
  on: (name, listener) => name === "change:view" && listeners.add(listener),
  off: (name, listener) => listeners.delete(listener),
  send(message) {
    window.sent.push(structuredClone(message));
    if (window.host.mute) return;
    if (window.engineHandle) return void window.engineHandle(message).then(window.host.show).then(showRest);
    setTimeout(() => window.host.show(answer(structuredClone(view), message)), window.host.delay);
  },
};

let place = document.querySelector("#player");
if (query.has("hostile")) {
  const article = document.createElement("article");
  place.replaceWith(article);
  article.append(place);
}
window.host.close = player.render({ model, el: place });
if (window.engineRest) await showRest();
document.documentElement.dataset.ready = "";

/** What the engine still has to show after an answer. */
async function showRest() {
  for (const next of await window.engineRest()) window.host.show(next);
}

function answer(now, message) {
  now.notice = null;
  if (message.type === "restart") return start;
  if (message.type === "rewind") return { ...now, debrief: { ...now.debrief, rewind: { ...rewound.debrief.rewind, case: message.case } } };
  const { case: id, do: what } = message.act;
  if (what === "end_day") {
    for (const item of now.inbox) if (item.state !== "done") finish(now, item.case, { do: "leave" });
    return over(now);
  }
  const one = now.cases[id];
  const act = one.acts.find((candidate) => candidate.act === what);
  if (what === "commit") {
    one.commit = null;
    one.advice = hidden[id].advice;
    one.acts = structuredClone(now.cases.floor.acts.length ? start.cases.floor.acts : start.cases.card.acts);
    return now;
  }
  if (!act?.affordable) return { ...now, notice: { kind: "refused", text: `That takes ${act?.minutes} minutes and ${now.minutes.left} are left.` } };
  if (what === "open") {
    now.minutes.left -= act.minutes;
    now.inbox.find((item) => item.case === id).state = "open";
    one.file = hidden[id].file;
    one.acts = [
      { act: "review", label: "Send", text: "Send what you have not struck; what you struck is put right", minutes: 0, affordable: true, tell: one.acts[0].tell, why_not: null },
      ...one.acts.filter((candidate) => !["rely", "open"].includes(candidate.act)),
    ];
  } else {
    now.minutes.left -= act.minutes;
    finish(now, id, message.act);
  }
  return afford(now.inbox.every((item) => item.state === "done") ? over(now) : now);
}

function finish(now, id, act) {
  const one = now.cases[id];
  const words = {
    rely: "You sent the draft as it was.",
    review: `You sent it after review, with ${act.strikes?.length ?? 0} sentences put right.`,
    step_in: "You put the draft aside and called.",
    hand_over: "You handed it over.",
    leave: "You left it until tomorrow.",
  }[act.do];
  const said = hidden[id].reactions;
  now.inbox.find((item) => item.case === id).state = "done";
  Object.assign(one, {
    acts: [], commit: null,
    outcome: {
      did: act.do, told: Boolean(act.tell), minutes: 0, words,
      sent: ["rely", "review"].includes(act.do) ? one.draft.map((sentence) => sentence.text) : null,
      reaction: now.scenario.use === "practice" ? said[act.tell ? `${act.do}_tell` : act.do] ?? said[act.do] ?? ["No answer."] : null,
    },
  });
}

function over(now) {
  return now.scenario.use === "practice"
    ? { ...now, phase: "debrief", debrief: debrief.debrief }
    : { ...now, phase: "handed_in", play_file: "plays/day.play.json" };
}

function afford(now) {
  for (const one of Object.values(now.cases)) {
    for (const act of one.acts) {
      act.affordable = act.minutes <= now.minutes.left;
      act.why_not = act.affordable ? null : `That takes ${act.minutes} minutes and ${now.minutes.left} are left.`;
    }
  }
  return now;
}

/** Dress the page as one of the hosts. */
function dress() {
  const { documentElement: html, body } = document;
  const dark = [query.get("theme"), query.get("jupyter")].includes("dark") || query.get("vscode") === "1";
  if (query.has("theme")) html.dataset.theme = query.get("theme");
  if (query.has("jupyter")) body.dataset.jpThemeLight = String(query.get("jupyter") === "light");
  if (query.has("vscode")) body.classList.add("vscode-dark");
  if (dark) html.dataset.dark = "";
  if (query.has("hostile")) {
    const link = document.createElement("link");
    Object.assign(link, { rel: "stylesheet", href: "hostile.css" });
    document.head.append(link);
  }
}
