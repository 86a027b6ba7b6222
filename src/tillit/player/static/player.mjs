/**
 * The player: a desk with an inbox, one case at a time, and the debrief at the end of the day.
 *
 * Plain ES. It runs as an anywidget front end in a notebook and, unchanged, in a static page: all it needs is
 * `model.get("view")`, `model.on("change:view", …)` and `model.send(message)`. What it draws is the *view*, a JSON object
 * that says everything the learner may see; what it sends back are acts. It knows no rule of the game.
 *
 * Read from top to bottom: entry · state · page · inbox · case · conversation · model · acts · end of the day · debrief · figures · helpers.
 *
 * Two habits hold everywhere. All text is untrusted, so it only ever becomes a text node (see elements.mjs). And every element
 * that can hold the focus carries a `data-key`, so that a page drawn anew gives the focus back to where it was.
 */
import { capital, h, keepKeysFromHost, patch, s } from "./elements.mjs";

const ANSWER_WITHIN_SECONDS = 4;
const BUSY_AFTER_MILLISECONDS = 60; // most answers are there sooner, and drawing the page twice would only delay them
const NO_ANSWER =
  "The notebook's kernel is not answering. Nothing you have done is lost: run the cell again to continue.";

// ------------------------------------------------------------------------------------------------------- entry

export default { render };

/** Called by anywidget, and by the host of a static page, once for each place the player is shown in. */
function render({ model, el }) {
  const player = createPlayer(el, (message) => model.send(message));
  const showView = () => player.update(model.get("view"));
  model.on("change:view", showView);
  showView();
  return () => {
    model.off?.("change:view", showView);
    player.destroy();
  };
}

/** A player in `el`, for any host: give it views with `update`, and it calls `send` with the messages for the engine. */
export function createPlayer(el, send) {
  const root = h("section.tillit", { "aria-label": "The desk" });
  const page = h("div.t-page");
  const live = h("p.t-hidden", { role: "status", "aria-live": "polite", "data-live": "" });
  root.append(page, live);
  el.append(root);

  const player = { root, page, live, send, view: null, local: newLocal(), uid: `t${Math.random().toString(36).slice(2, 9)}` };
  const stopKeys = keepKeysFromHost(root);
  return {
    update: (view) => receive(player, view),
    destroy: () => {
      clearTimeout(player.local.timer);
      clearTimeout(player.local.showBusy);
      clearTimeout(player.sayTimer);
      stopKeys();
      root.remove();
    },
  };
}

/** Draw one view into the root, without announcing or moving the focus. Pure but for the DOM it changes. */
export function renderView(player) {
  const { root, page, view } = player;
  if (!view?.scenario) {
    patch(page, h("div", {}, h("p.t-muted", {}, "The desk is being laid …")));
    return;
  }
  root.setAttribute("aria-label", view.scenario.title);
  patch(page, h("div", {}, drawHeader(player), player.local.page === "end" ? drawEnd(player) : drawDesk(player)));
}

// ------------------------------------------------------------------------------------------------------- state

/** What belongs to this screen and not to the play. It is forgotten when the cell is run again; the play is not. */
function newLocal() {
  return {
    page: "desk", // desk | end
    selected: null, // the case on the desk; null shows the setting
    strikes: new Map(), // case -> Set of sentence numbers, not yet sent
    tells: new Map(), // case -> whether "say that AI helped" is ticked, not yet sent
    unfolded: new Map(), // key of a details element -> open?
    confirming: null, // "end_day" | "restart" | "close" while the page asks
    own: new Map(), // case -> the turn in own words that is not yet said
    wishes: new Map(), // case -> the instructions for a draft that are not yet sent
    marked: new Map(), // key of a checkbox -> ticked otherwise than it came
    settled: null, // the view before the model began to answer
    versions: new Map(), // case -> which earlier version of its conversation is beside the one that stands
    fresh: new Set(), // cases that came in during this sitting and have not been looked at
    rewind: { case: null, choice: null },
    pending: null, // the message that waits for its answer
    silent: false, // no answer came in time
    timer: 0, // for nobody answers
    showBusy: 0, // for the answer takes its time
  };
}

/** A new view has come: from the engine as the answer to a message, or because another screen shows the same play. */
function receive(player, view) {
  const { local } = player;
  const asked = local.pending;
  if (view?.working && asked) return receivePart(player, view);
  const before = local.settled ?? player.view;
  local.settled = null;
  clearTimeout(local.timer);
  clearTimeout(local.showBusy);
  local.pending = null;
  local.silent = false;
  player.view = view;
  if (!view?.scenario) return renderView(player);
  tidyLocal(local, before, view, asked);
  redraw(player, asked ? focusAfter(asked, before, view, local) : null);
  if (before) say(player, whatChanged(before, view, asked));
}

/** A part of an answer that is still being made: it is shown, the rest is waited for, and longer than for the first. */
function receivePart(player, view) {
  const { local } = player;
  clearTimeout(local.timer);
  clearTimeout(local.showBusy);
  local.timer = setTimeout(() => nobodyAnswers(player), view.working.seconds * 1000);
  local.silent = false;
  if (!local.settled) say(player, view.working.words);
  local.settled ??= player.view;
  player.view = view;
  redraw(player, null);
}

/** Bring the local state in line with a new view: forget what no longer exists, keep everything else. */
function tidyLocal(local, before, view, asked) {
  for (const [id, one] of Object.entries(view.cases)) {
    if (one.outcome) {
      local.strikes.delete(id);
      local.tells.delete(id);
    }
  }
  if (asked?.type === "model" && !refused(view)) {
    if (asked.do === "say") local.own.delete(asked.case);
    if (["read", "say", "draft"].includes(asked.do)) local.marked.clear();
  }
  const dayEnded = asked?.act?.do === "end_day" && !refused(view);
  if (dayEnded || !view.cases[local.selected]) local.selected = null;
  const restarted = before && before.phase !== "play" && view.phase === "play";
  if (restarted || (asked?.type === "restart" && !refused(view))) {
    Object.assign(local, newLocal());
  } else if (view.phase !== "play") {
    // After the last act of a practice day the learner first reads the reaction; everything else goes to the end.
    const readsReaction = before?.phase === "play" && asked?.act?.case && view.phase === "debrief";
    if (before?.phase !== view.phase && !readsReaction) local.page = "end";
  }
  if (before && !restarted) {
    const known = new Set(before.inbox.map((item) => item.case));
    for (const item of view.inbox) if (!known.has(item.case)) local.fresh.add(item.case);
  }
}

const refused = (view) => view.notice?.kind === "refused";

/** Send a message, and wait for the view that answers it. One message at a time. */
function transmit(player, message) {
  const { local } = player;
  if (local.pending) return;
  local.pending = message;
  local.confirming = null;
  local.silent = false;
  local.showBusy = setTimeout(() => redraw(player, null), BUSY_AFTER_MILLISECONDS);
  const patience = player.view.silence?.seconds ?? ANSWER_WITHIN_SECONDS;
  local.timer = setTimeout(() => nobodyAnswers(player), patience * 1000);
  try {
    Promise.resolve(player.send(message)).catch(() => nobodyAnswers(player));
  } catch {
    nobodyAnswers(player);
  }
}

function nobodyAnswers(player) {
  if (!player.local.pending || !player.root.isConnected) return;
  clearTimeout(player.local.timer);
  player.local.silent = true;
  redraw(player, null);
  say(player, noAnswerText(player.view));
}

const noAnswerText = (view) => view.silence?.text ?? NO_ANSWER;

/** Do something with a case: `extra` are the parts of the act besides case and name. */
function sendAct(player, caseId, what, extra = {}) {
  transmit(player, { type: "act", act: { ...(caseId ? { case: caseId } : {}), do: what, ...extra } });
}

/** Show another page or case: local, nothing is sent. */
function go(player, { page = "desk", selected = player.local.selected }, focus) {
  Object.assign(player.local, { page, selected, confirming: null });
  if (selected) player.local.fresh.delete(selected);
  redraw(player, focus);
}

/** Draw everything anew; the focus goes to `focus`, or stays where it was, or to the nearest heading. Never nowhere. */
function redraw(player, focus) {
  const { root, page, local } = player;
  const held = page.contains(root.ownerDocument.activeElement) ? root.ownerDocument.activeElement.dataset.key : undefined;
  const had = page.contains(root.ownerDocument.activeElement);
  renderView(player);
  showInInbox(page);
  const find = (key) => (key ? page.querySelector(`[data-key="${CSS.escape(key)}"]`) : null);
  if (focus) {
    const target = find(focus) ?? find(homeKey(local));
    if (target) moveFocus(target);
  } else if (had && !page.contains(root.ownerDocument.activeElement)) {
    (find(held) ?? find(homeKey(local)))?.focus({ preventScroll: true });
  }
}

/** In an inbox that scrolls on its own, the message that is read is in sight. The page itself is not moved. */
function showInInbox(page) {
  const list = page.querySelector(".t-inbox-list[data-long]");
  const item = list?.querySelector("[aria-current]");
  if (!item) return;
  const [outer, inner] = [list.getBoundingClientRect(), item.getBoundingClientRect()];
  if (inner.top < outer.top) list.scrollTop -= outer.top - inner.top;
  else if (inner.bottom > outer.bottom) list.scrollTop += inner.bottom - outer.bottom;
}

const homeKey = (local) => (local.page === "end" ? "end" : local.selected ? `case:${local.selected}` : "setting");

/** Where the learner wants to be after the answer to what they asked for. Null: stay. */
function focusAfter(asked, before, view, local) {
  if (asked.type === "restart") return refused(view) ? null : "setting";
  if (asked.type === "rewind") return view.debrief?.rewind ? "rewind-result" : null;
  const { case: id, do: what } = asked.act ?? asked;
  if (what === "end_day" && !refused(view)) return view.phase === "play" ? "setting" : "end";
  if (view.phase === "handed_in") return "end";
  if (id !== local.selected) return null;
  const [was, is] = [before.cases[id], view.cases[id]];
  if (!is) return refused(view) ? null : "setting";
  if (is.outcome && !was?.outcome) return `outcome:${id}`;
  if (asked.type === "model" && what !== "say") return focusWithModel(view, id, what);
  if (is.conversation && !refused(view)) return focusInTalk(id, was?.conversation, is.conversation);
  if (is.file && !was?.file) return `file:${id}`;
  if (is.advice && !was?.advice) return `advice:${id}`;
  return null;
}

/** After the model was asked: what it found, or the field that was being written in. */
function focusWithModel(view, id, what) {
  if (what === "draft" || what === "decide") return view.model.drafts[id] ? `own-draft:${id}` : null;
  if (view.model.reading) return `moves:${id}`;
  return view.model.agreed ? `own:${id}` : null;
}

/** In a conversation: its beginning, what was answered, how it ended; or, after a turn was taken back, what to say. */
function focusInTalk(id, was, is) {
  if (!was) return `talk:${id}`;
  if (is.ended && !was.ended) return `ended:${id}`;
  const spoken = exchangesOf(is).length;
  return spoken > exchangesOf(was).length ? `turn:${id}:${spoken}` : `say:${id}`;
}

/** The news of a view, in sentences, for the live region. */
function whatChanged(before, view, asked) {
  const news = [];
  for (const [id, one] of Object.entries(view.cases)) {
    const was = before.cases[id];
    const name = personOf(view, one.person).name;
    if (one.outcome && !was?.outcome && (asked?.act?.case === id || !asked)) {
      news.push(one.outcome.words, ...(one.outcome.reaction ? [`${name}:`, ...one.outcome.reaction] : []));
    }
    if (one.conversation && !one.outcome) news.push(...newsOfTalk(was?.conversation, one.conversation));
    if (one.file && !was?.file && !one.outcome) news.push("The case file is open.");
    if (one.advice && was && !was.advice) news.push(one.advice.text);
  }
  const known = new Set(before.inbox.map((item) => item.case));
  for (const item of view.inbox) {
    if (!known.has(item.case)) news.push(`A new message from ${personOf(view, item.person).name}: ${item.subject}.`);
  }
  if (view.day.number !== before.day.number) {
    news.push(...(view.evening ? eveningText(view.evening) : []), `A new day: ${view.day.name}.`);
  }
  const talked = ["say", "take_back"].includes(asked?.act?.do); // a turn takes no minutes of its own
  const acted = asked?.type === "act" && !talked && view.phase === "play" && !refused(view);
  if (acted || view.minutes.left !== before.minutes.left) news.push(`${minutesText(view.minutes.left)} left.`);
  if (view.notice) news.push(view.notice.text);
  if (view.model?.fault) news.push(view.model.fault);
  if (asked?.type === "model" && asked.do === "decide") news.push(view.model.drafts[asked.case]?.verdict ?? "");
  if (view.phase !== before.phase) {
    if (view.phase === "debrief") news.push(view.day.of > 1 ? "The days are over." : "The day is over.");
    if (view.phase === "handed_in") news.push("Everything has been handled, and your play is saved.");
    if (view.phase === "play") news.push(view.day.of > 1 ? "The days begin anew." : "The day begins anew.");
  }
  if (view.debrief && !before.debrief) news.push(view.debrief.score.words);
  if (asked?.type === "rewind" && view.debrief?.rewind) news.push(view.debrief.rewind.words);
  return news.join(" ");
}

/** What was said since: the person's own words first, then the note. */
function newsOfTalk(was, talk) {
  if (!was) return [...talk.scene, `${talk.person}:`, ...talk.turns[0].text];
  const [exchanges, before] = [exchangesOf(talk), exchangesOf(was)];
  if (exchanges.length < before.length) return [`You are back before turn ${exchanges.length + 1}.`];
  const news = exchanges.slice(before.length).flatMap(({ you, person }) =>
    [`${talk.person}:`, ...person.text, ...(you.note ? [you.note.text] : [])]);
  return talk.ended && !was.ended ? [...news, "The conversation is over.", ...talk.ending] : news;
}

/** Put a text into the live region; a pause and a changing last character make sure that it is read, also twice. */
function say(player, text) {
  if (!text) return;
  clearTimeout(player.sayTimer);
  player.sayTimer = setTimeout(() => {
    const twice = player.live.textContent === text;
    player.live.textContent = twice ? `${text}\u00a0` : text;
  }, 60);
}

// -------------------------------------------------------------------------------------------------------- page

function drawHeader(player) {
  const { view } = player;
  const { number, of, name } = view.day;
  return h("header.t-header", {},
    h("div.t-header-words", {},
      h("p.t-over", {}, of > 1 ? `${name} · day ${number} of ${of}` : name),
      h("h2.t-title", {}, view.scenario.title)),
    view.phase === "play" ? drawMinutesLeft(view) : null);
}

/** The minutes as words and as a line that grows shorter. */
function drawMinutesLeft(view) {
  const { left, of } = view.minutes;
  return h("div.t-minutes", {},
    h("p", {}, h("strong.t-minutes-number", {}, String(left)), ` of ${minutesText(of)} left`),
    drawLine("t-meter", left / of));
}

function drawDesk(player) {
  return h("div.t-desk", {}, drawInbox(player), drawMiddle(player));
}

function drawMiddle(player) {
  const { view, local } = player;
  return local.selected ? drawCase(player, view.cases[local.selected]) : drawSetting(player);
}

/** The first page on the desk: where you are, and what the day is. */
function drawSetting(player) {
  const { view } = player;
  const id = `${player.uid}-setting`;
  const setting = h("div.t-letter", {}, ...view.scenario.setting.map((text) => h("p", {}, text)));
  if (view.evening) return drawEvening(player, view.evening, setting);
  return h("section.t-sheet", { "aria-labelledby": id },
    heading("h3", "t-sheet-title", { id, key: "setting" }, "Where you are"),
    setting,
    drawNotice(player),
    drawNext(player));
}

/** Between two days: how the last one ended, what has come to light since, and what waits today. */
function drawEvening(player, evening, setting) {
  const { view } = player;
  const id = `${player.uid}-setting`;
  const waiting = view.inbox.filter((item) => item.state !== "done").length;
  return h("section.t-sheet.t-evening", { "aria-labelledby": id },
    heading("h3", "t-sheet-title", { id, key: "setting" }, `After ${evening.after}`),
    h("p", {}, leftOverText(evening)),
    evening.comes_to_light ? h("p", {}, cameOutText(evening)) : null,
    ...evening.found_out.map((one) => h("div.t-found-out", {},
      h("p.t-strong", {}, one.name),
      one.words.length ? h("blockquote.t-reaction", {}, ...one.words.map((text) => h("p", {}, text))) : null)),
    h("h4.t-small-title", {}, view.day.name),
    h("p", {}, capital(countText(waiting, "message waits", "messages wait")), `, and you have ${minutesText(view.minutes.of)}.`),
    drawNotice(player),
    drawNext(player),
    fold(player, "where", "Where you are", setting));
}

function cameOutText({ found_out: all }) {
  if (!all.length) return "Nobody has found out since that AI had written to them.";
  return `${capital(countText(all.length, "person has", "people have"))} found out since that AI had written to them, and that nobody had said so.`;
}
const leftOverText = ({ left }) => (left ? `The day is over, and ${minutesText(left)} ${left === 1 ? "was" : "were"} left of it.` : "The day is over, and so are its minutes.");

/** The same as sentences. */
function eveningText(evening) {
  if (!evening.comes_to_light) return [];
  return [cameOutText(evening), ...evening.found_out.flatMap((one) => [`${one.name}:`, ...one.words])];
}

/** What the engine, or nobody, has to say. The live region says it too. */
function drawNotice(player) {
  const { view, local } = player;
  const text = local.silent ? noAnswerText(view) : view.notice?.text;
  if (!text) return null;
  return h("div.t-notice", { "data-kind": local.silent ? "silence" : view.notice.kind }, h("p", {}, text));
}

/** The way on: the next message that waits, or the end of the day. */
function drawNext(player) {
  const { view, local } = player;
  if (view.phase !== "play") {
    const label = view.phase === "debrief" ? `See how the ${dayWord(view)} went` : `To the end of the ${dayWord(view)}`;
    return h("p.t-next", {}, button("t-primary", { key: "next", onclick: () => go(player, { page: "end" }, "end") }, label));
  }
  if (view.evening && local.selected && !view.inbox.some((item) => item.case === local.selected)) {
    return h("p.t-next", {},
      button("t-primary", { key: "next", onclick: () => go(player, { selected: null }, "setting") }, `After ${view.evening.after}`));
  }
  const next = nextWaiting(view, local.selected);
  if (!next) return null;
  const started = view.inbox.some((item) => item.state !== "waiting");
  const label = local.selected || started ? "Next" : "Begin";
  return h("p.t-next", {},
    button("t-primary", { key: "next", onclick: () => go(player, { selected: next.case }, `case:${next.case}`) },
      `${label}: ${personOf(view, next.person).name}, ${next.time}`));
}

/** The next message after this one that has not been handled, round the inbox. */
function nextWaiting(view, selected) {
  const at = view.inbox.findIndex((item) => item.case === selected);
  const round = [...view.inbox.slice(at + 1), ...view.inbox.slice(0, at + 1)];
  return round.find((item) => item.state !== "done" && item.case !== selected);
}

// ------------------------------------------------------------------------------------------------------- inbox

// With more than this many messages or people a day is long: the inbox scrolls on its own, and the debrief folds.
const MANY = 12;
// What a long list in the debrief shows before its fold.
const SHOWN = 6;

function drawInbox(player) {
  const { view, local } = player;
  const id = `${player.uid}-inbox`;
  const waits = view.inbox.filter((item) => item.state !== "done").length;
  return h("section.t-inbox", { "aria-labelledby": id },
    h("div.t-inbox-head", {},
      heading("h3", "t-small-title", { id, key: "inbox" }, "Inbox"),
      h("p.t-muted.t-small", {}, waits ? capital(countText(waits, "message waits", "messages wait")) : "Nothing waits")),
    h("ol.t-inbox-list", { role: "list", "data-long": view.inbox.length > MANY ? "" : null }, ...view.inbox.map((item) => drawInboxItem(player, item))),
    h("div.t-inbox-foot", {},
      button("t-quiet", { key: "to-setting", "aria-current": local.selected ? null : "true", onclick: () => go(player, { selected: null }, "setting") }, "Where you are"),
      view.phase === "play" ? button("t-quiet", { key: "end-day", ...busy(player), onclick: () => askEndDay(player, waits) }, "End the day") : null,
      view.phase === "play" && view.scenario.use === "practice" ? drawRestartButton(player) : null),
    drawConfirmation(player));
}

function drawInboxItem(player, item) {
  const { view, local } = player;
  const person = personOf(view, item.person);
  const selected = item.case === local.selected;
  const opened = isTalking(view.cases[item.case]) ? "in conversation" : "file open";
  const state = { open: opened, done: "handled" }[item.state] ?? (local.fresh.has(item.case) ? "new" : null);
  return h("li", {},
    button("t-inbox-item", {
      key: `inbox:${item.case}`,
      "data-state": item.state,
      "aria-current": selected ? "true" : null,
      onclick: () => go(player, { selected: item.case }, `case:${item.case}`),
    },
      drawInitials(person),
      h("span.t-inbox-who", {}, person.name),
      h("span.t-inbox-time", {}, item.time),
      h("span.t-inbox-subject", {}, item.subject),
      state ? h("span.t-tag", { "data-state": state }, state) : null));
}

function drawInitials(person) {
  return h("span.t-initials", { "aria-hidden": "true" }, person.initials);
}

function drawRestartButton(player) {
  return button("t-quiet", { key: "restart", ...busy(player), onclick: () => ask(player, "restart") }, "Start again");
}

function askEndDay(player, waits) {
  if (waits) ask(player, "end_day");
  else sendAct(player, null, "end_day");
}

/** Ask in the page, once. The focus goes to the question, and back to the button if the answer is no. */
function ask(player, what) {
  if (player.local.pending) return;
  player.local.confirming = what;
  redraw(player, "confirm");
}

function drawConfirmation(player) {
  const { local, view } = player;
  if (local.confirming === "end_day") return drawEndDayQuestion(player);
  if (local.confirming !== "restart") return null;
  return drawQuestion(player, {
    question: view.day.of > 1 ? "Start again from the first day?" : "Start the day again?",
    text: view.day.of > 1 ? "All days begin anew with all their minutes. What you have done is kept beside them." : "The day begins anew with all its minutes. What you have done is kept beside it.",
    yes: "Start again", no: "Keep working", back: "restart",
    onyes: () => transmit(player, { type: "restart" }),
  });
}

function drawEndDayQuestion(player) {
  const { view } = player;
  const talking = view.inbox.some((item) => isTalking(view.cases[item.case]));
  const waits = view.inbox.filter((item) => item.state !== "done" && !isTalking(view.cases[item.case]));
  const waiting = waits.length ? `${capital(countText(waits.length, "message", "messages"))} will wait until tomorrow:` : "";
  return drawQuestion(player, {
    question: "End the day now?",
    text: `${talking ? "The conversation is broken off. " : ""}${waiting}`,
    list: waits.map((item) => item.subject),
    yes: "End the day", no: "Keep working", back: "end-day",
    onyes: () => sendAct(player, null, "end_day"),
  });
}

function drawQuestion(player, { question, text, list = [], yes, no, back, onyes }) {
  const keep = () => {
    player.local.confirming = null;
    redraw(player, back);
  };
  const id = `${player.uid}-confirm`;
  return h("div.t-confirm", { role: "group", "aria-labelledby": id, onkeydown: (event) => event.key === "Escape" && keep() },
    h("p.t-strong", { id, tabindex: "-1", "data-key": "confirm" }, question),
    h("p", {}, text),
    list.length ? h("ul.t-confirm-list", { role: "list" }, ...list.map((line) => h("li", {}, line))) : null,
    h("div.t-row", {},
      button("t-primary", { key: "confirm-yes", onclick: onyes }, yes),
      button("t-quiet", { key: "confirm-no", onclick: keep }, no)));
}

// -------------------------------------------------------------------------------------------------------- case

/** One case: who it is, the message, then either what can be done or what became of it. */
function drawCase(player, one) {
  const { view } = player;
  const person = personOf(view, one.person);
  const id = `${player.uid}-case`;
  return h("section.t-sheet.t-case", { "aria-labelledby": id, "data-open": one.file && !one.outcome ? "" : null },
    h("header.t-case-head", {},
      drawInitials(person),
      h("div", {},
        heading("h3", "t-sheet-title", { id, key: `case:${one.id}` }, person.name),
        h("p.t-muted", {}, person.who))),
    ...(isTalking(one) ? drawTalking(player, one, person) : [
      h("div.t-columns", {}, drawMessage(player, one), drawCard(player, person, one)),
      ...(one.outcome ? drawDone(player, one) : drawUndone(player, one, person)),
    ]),
    h("p.t-up", {}, button("t-quiet", { key: "up", onclick: () => go(player, {}, "inbox") }, "Back to the inbox")));
}

function drawUndone(player, one, person) {
  if (!hasDraft(one)) return [drawCommit(player, one), drawNotice(player), drawActs(player, one, person)];
  return [
    one.file
      ? h("div.t-columns.t-bench", {}, drawFile(player, one), drawDraft(player, one))
      : drawDraft(player, one),
    drawOwnDraft(player, one),
    drawCommit(player, one),
    drawNotice(player),
    drawActs(player, one, person),
  ];
}

const hasDraft = (one) => Boolean(one.draft?.length);

function drawMessage(player, one) {
  return h("div.t-message", {},
    h("div.t-subject-line", {},
      h("h4.t-subject", {}, one.subject),
      h("p.t-muted.t-small.t-time", {}, one.time)),
    h("div.t-letter", {}, ...one.message.map((text) => h("p", {}, text))));
}

/** What is free to know about the person: a line for each earlier contact, and the call notes. */
function drawCard(player, person, one) {
  const before = writtenBefore(player.view, one);
  return h("div.t-card", {},
    h("h4.t-small-title", {}, "Earlier"),
    person.history.length
      ? h("dl.t-history", {}, ...person.history.flatMap(({ when, what }) => [h("dt", {}, when), h("dd", {}, what)]))
      : before.length ? null : h("p.t-muted", {}, "No earlier contact."),
    ...before.map((earlier) => drawWrittenBefore(player, one, earlier)),
    person.past ? h("p.t-muted.t-past", {}, person.past) : null,
    one.notes.length ? h("h4.t-small-title", {}, "Call notes") : null,
    one.notes.length ? h("ul.t-notes", { role: "list" }, ...one.notes.map((text) => h("li", {}, text))) : null,
    person.found_out ? h("p.t-muted.t-known", {}, `${firstName(person)} has found out that AI helps you write.`) : null,
    person.told ? h("p.t-muted.t-known", {}, `${firstName(person)} has been told that AI helps you write.`) : null);
}

/** Over several days: what the same person wrote before this, and has been answered. On one day the inbox has it. */
function writtenBefore(view, one) {
  if (view.day.of === 1) return [];
  const all = Object.values(view.cases);
  return all.slice(0, all.indexOf(one)).filter(({ person, outcome }) => person === one.person && outcome);
}

/** One of these, folded: the letter, what was done with it and sent, and what came back. */
function drawWrittenBefore(player, one, { id, day, time, subject, message, outcome }) {
  const letter = (text) => h("div.t-letter", {}, ...text.map((part) => h("p", {}, part)));
  return fold(player, `before:${one.id}:${id}`, `${day}, ${time}: ${subject}`,
    letter(message),
    h("p.t-muted", {}, outcome.words),
    outcome.sent ? letter(outcome.sent) : null,
    outcome.reaction?.length ? h("blockquote.t-reaction", {}, ...outcome.reaction.map((part) => h("p", {}, part))) : null);
}

/** The AI's draft with its record. Once the file is open, every sentence can be struck. */
function drawDraft(player, one) {
  const id = `${player.uid}-draft`;
  return h("div.t-draft", {},
    heading("h4", "t-small-title", { id }, "The AI's draft"),
    drawRecord(one.record),
    one.file ? h("p.t-small.t-hint", { id: `${id}-hint` }, "Strike the sentences that are wrong. Press a sentence again to let it stand.") : null,
    one.file
      ? h("ol.t-sentences", { role: "list", "aria-labelledby": id, "aria-describedby": `${id}-hint` }, ...one.draft.map((sentence) => drawSentenceToggle(player, one, sentence)))
      : h("div.t-letter.t-draft-text", {}, ...one.draft.map((sentence) => h("p", {}, sentence.text))),
    one.file ? h("p.t-small.t-muted", { "data-struck": one.id }, struckText(strikesOf(player, one))) : null);
}

function drawRecord(record) {
  if (!record) return null;
  return h("div.t-record", {}, h("p", {}, record.text), drawLine("t-record-line", record.right / record.of));
}

/** A sentence as a toggle button. It changes in place, so that a screen reader hears only "pressed". */
function drawSentenceToggle(player, one, sentence) {
  const strikes = strikesOf(player, one);
  const toggle = button("t-sentence", {
    key: `strike:${one.id}:${sentence.n}`,
    "aria-pressed": String(strikes.has(sentence.n)),
    ...busy(player),
    onclick: (event) => {
      if (player.local.pending) return;
      if (!strikes.delete(sentence.n)) strikes.add(sentence.n);
      event.currentTarget.setAttribute("aria-pressed", String(strikes.has(sentence.n)));
      player.page.querySelector("[data-struck]").textContent = struckText(strikes);
    },
  },
    h("span.t-sentence-number", { "aria-hidden": "true" }, String(sentence.n)),
    h("span.t-sentence-text", {}, sentence.text));
  return h("li", {}, toggle);
}

function strikesOf(player, one) {
  if (!player.local.strikes.has(one.id)) player.local.strikes.set(one.id, new Set());
  return player.local.strikes.get(one.id);
}

function struckText(strikes) {
  if (!strikes.size) return "Nothing is struck.";
  return `${strikes.size === 1 ? "Sentence" : "Sentences"} ${listText(inOrder(strikes).map(String))} struck.`;
}

function drawFile(player, one) {
  return h("div.t-file", {},
    heading("h4", "t-small-title", { key: `file:${one.id}` }, "Case file"),
    h("dl.t-file-list", {}, ...one.file.flatMap(({ title, text }) => [h("dt", {}, title), h("dd", {}, text)])));
}

/** After the act: what was done, how the person answered, and the way on. */
function drawDone(player, one) {
  const { outcome } = one;
  const sentLabel = outcome.did === "rely" || outcome.did === "review" ? "What was sent" : "The draft that was not sent";
  const talk = one.conversation;
  const letter = outcome.sent ?? (hasDraft(one) ? one.draft.map((sentence) => sentence.text) : null);
  return [
    h("div.t-outcome", {},
      heading("h4", "t-outcome-title", { key: `outcome:${one.id}` }, outcome.words),
      outcome.reaction?.length
        ? h("blockquote.t-reaction", {},
            ...outcome.reaction.map((text) => h("p", {}, text)))
        : null,
      drawWhatIsLeft(player, one),
      drawNotice(player),
      drawNext(player)),
    talk ? fold(player, `talked:${one.id}`, "The conversation",
      drawTranscript(player, one, exchangesOf(talk)), drawVersions(player, one)) : null,
    letter ? fold(player, `sent:${one.id}`, sentLabel, h("div.t-letter", {}, ...letter.map((text) => h("p", {}, text)))) : null,
    one.file ? fold(player, `read:${one.id}`, "The case file", h("dl.t-file-list", {}, ...one.file.flatMap(({ title, text }) => [h("dt", {}, title), h("dd", {}, text)]))) : null,
  ];
}

/** The minutes that are left; or, after the last act of a day that has a morrow, that a new day has begun. */
function drawWhatIsLeft({ view }, one) {
  if (view.phase !== "play") return null;
  const today = view.inbox.some((item) => item.case === one.id);
  const text = today ? `${minutesText(view.minutes.left)} left.` : "That was the last message of the day.";
  return h("p.t-muted.t-small", {}, text);
}

// ------------------------------------------------------------------------------------------------ conversation

/** Whether somebody is on the line about this case; until that is over nothing else can be done. */
const isTalking = (one) => Boolean(one?.conversation && !one.conversation.closed);

/** Your turns with what was answered; the person's first words stand before them. */
function exchangesOf(talk) {
  const exchanges = [];
  for (const turn of talk.turns.slice(1)) {
    if (turn.n) exchanges.push({ you: turn, person: null });
    else exchanges[exchanges.length - 1].person = turn;
  }
  return exchanges;
}

/** The conversation while it is open: what has been said, then what can be said, or how it ended. */
function drawTalking(player, one, person) {
  const talk = one.conversation;
  const id = `${player.uid}-talk`;
  return [
    fold(player, `about:${one.id}`, `What ${firstName(person)} wrote, and what you know`,
      h("div.t-columns", {}, drawMessage(player, one), drawCard(player, person, one))),
    h("section.t-talk", { "aria-labelledby": id },
      heading("h4", "t-question", { id, key: `talk:${one.id}` }, `In conversation with ${talk.person}`),
      h("div.t-muted.t-scene", {}, ...talk.scene.map((text) => h("p", {}, text))),
      drawTranscript(player, one, exchangesOf(talk))),
    ...(talk.ended ? [drawEnded(player, one)] : [drawNotice(player), drawSay(player, one)]),
  ];
}

/** What has been said, exchange by exchange: you, the person, and a note on what that turn did. */
function drawTranscript(player, one, exchanges) {
  const talk = one.conversation;
  return h("ol.t-transcript", { role: "list" },
    h("li", {}, drawSpoken("t-said-person", talk.person, talk.turns[0].text)),
    ...exchanges.map((exchange) => h("li", {}, ...drawExchange(player, one, exchange))));
}

function drawExchange(player, one, { you, person }) {
  const talk = one.conversation;
  return [
    drawSpoken("t-said-you", "You", you.text),
    h("div", { tabindex: "-1", "data-key": `turn:${one.id}:${you.n}` }, drawSpoken("t-said-person", talk.person, person.text)),
    person.by_model ? h("p.t-small.t-muted", {}, "In a model's words. What is said, and what follows from it, is the writer's.") : null,
    drawTurnNote(you),
    talk.take_back
      ? button("t-quiet.t-small", {
          key: `again:${one.id}:${you.n}`,
          "aria-label": `Take turn ${you.n} again: ${you.text.join(" ")}`,
          ...busy(player),
          onclick: () => sendAct(player, one.id, "take_back", { turn: you.n }),
        }, "Take this turn again")
      : null,
  ];
}

function drawSpoken(kind, who, text) {
  return h(`div.t-said.${kind}`, {}, h("p.t-said-who", {}, who), h("div.t-letter", {}, ...text.map((part) => h("p", {}, part))));
}

/** What a turn did, why, and how well that is known. */
function drawTurnNote(you) {
  if (!you.note) return null;
  return h("div.t-turn-note", {},
    h("p", {}, h("span.t-muted", {}, `You ${listText(you.moves)}. `), you.note.text),
    h("p.t-small.t-muted", {}, you.note.basis));
}

/** What can be said now: the lines, as buttons, and the way out. */
function drawSay(player, one) {
  const { local } = player;
  const talk = one.conversation;
  const id = `${player.uid}-say`;
  return h("div.t-say", { role: "group", "aria-labelledby": id },
    h("p.t-mood.t-muted", {}, talk.mood),
    heading("h4", "t-question", { id, key: `say:${one.id}` }, "What do you say?"),
    h("ul.t-act-list", { role: "list" }, ...talk.lines.map((line) =>
      h("li.t-act-item", {},
        button("t-utterance", { key: `line:${one.id}:${line.id}`, ...busy(player), onclick: () => sendAct(player, one.id, "say", { line: line.id }) }, line.text)))),
    drawOwnWords(player, one),
    talk.facts.length
      ? fold(player, `facts:${one.id}`, "What you can name", h("ul.t-notes", { role: "list" }, ...talk.facts.map((fact) => h("li", {}, fact.text))))
      : null,
    local.confirming === "close"
      ? drawQuestion(player, {
          question: "Break off the conversation?",
          text: `${talk.person} is still there. What you have said so far stands, and no turn can be taken again.`,
          yes: "Break it off", no: "Go on talking", back: `break-off:${one.id}`,
          onyes: () => sendAct(player, one.id, "close"),
        })
      : h("p", {}, button("t-quiet", { key: `break-off:${one.id}`, ...busy(player), onclick: () => ask(player, "close") }, "Break off the conversation")));
}

/** How it ended, what was promised, both versions where a turn was taken again, and the way back to the desk. */
function drawEnded(player, one) {
  const talk = one.conversation;
  return h("div.t-outcome", {},
    heading("h4", "t-outcome-title", { key: `ended:${one.id}` }, "The conversation is over."),
    h("blockquote.t-reaction", {}, ...talk.ending.map((text) => h("p", {}, text))),
    talk.promised.length ? h("p.t-small", {}, `You have promised: ${talk.promised.join(" ")}`) : null,
    drawNotice(player),
    drawVersions(player, one),
    talk.take_back ? h("p.t-small.t-muted", {}, "Until you go back to the desk, any turn above can be taken again.") : null,
    h("p.t-next", {}, button("t-primary", { key: `close:${one.id}`, ...busy(player), onclick: () => sendAct(player, one.id, "close") }, "Back to the desk")));
}

/** The version that stands beside one that was taken back, from the turn at which they part. */
function drawVersions(player, one) {
  const { earlier } = one.conversation;
  if (!earlier.length) return null;
  const { local, uid } = player;
  const chosen = Math.min(local.versions.get(one.id) ?? earlier.length - 1, earlier.length - 1);
  const other = earlier[chosen];
  const select = h("select.t-select", {
    id: `${uid}-version`, "data-key": `version:${one.id}`,
    onchange: (event) => {
      local.versions.set(one.id, Number(event.currentTarget.value));
      redraw(player, null);
    },
  }, ...earlier.map((version, n) => option(String(n), `Version ${n + 1}, parts at turn ${version.parts_at}`, n === chosen)));
  const same = other.parts_at - 1;
  return h("div.t-versions", {},
    h("h5.t-strong", {}, "Both versions"),
    h("p.t-small.t-muted", {}, same ? `The first ${same === 1 ? "turn is" : `${countText(same, "turn", "turns")} are`} the same in both.` : "They differ from the first turn."),
    earlier.length > 1 ? h("div", {}, h("label.t-label", { for: `${uid}-version` }, "The version beside it"), select) : null,
    h("div.t-side-by-side", {},
      drawVersion(one, "The version that stands", one.conversation, same),
      drawVersion(one, "The version you took back", other, same)));
}

function drawVersion(one, title, version, from) {
  const rest = exchangesOf(version).slice(from);
  return h("div.t-version", {},
    h("h6.t-small-title", {}, title),
    h("ol.t-transcript", { role: "list" }, ...rest.map(({ you, person }) =>
      h("li", {},
        drawSpoken("t-said-you", "You", you.text),
        drawSpoken("t-said-person", one.conversation.person, person.text),
        you.note ? h("p.t-small", {}, you.note.text) : null))),
    version.ending
      ? h("blockquote.t-reaction", {}, ...version.ending.map((text) => h("p", {}, text)))
      : h("p.t-small.t-muted", {}, "It was taken back before it ended."));
}

// ------------------------------------------------------------------------------------------------------- model

// A model stands beside the desk only where `view.model` says so. It words and suggests; nothing here counts before the
// learner has pressed a button that says what will.

/** Ask the model's side of the desk for something. */
function sendModel(player, caseId, what, extra = {}) {
  transmit(player, { type: "model", do: what, case: caseId, ...extra });
}

/** What is sent and where, before anything is; and the yes. */
function drawConsent(player, caseId) {
  return h("div.t-own", {},
    ...player.view.model.consent.map((text) => h("p.t-small", {}, text)),
    h("p", {}, button("t-choice", { key: `agree:${caseId}`, ...busy(player), onclick: () => sendModel(player, caseId, "agree", { yes: true }) },
      "Yes, send what I write")));
}

/** A turn in the learner's own words: agreed to, written, read by the model, confirmed. */
function drawOwnWords(player, one) {
  const { model, working } = player.view;
  if (!model) return null;
  if (working) return h("p.t-muted", {}, working.words);
  if (!model.agreed) return fold(player, `own-words:${one.id}`, "Say it in your own words", drawConsent(player, one.id));
  return h("div.t-own", {},
    model.reading?.case === one.id ? drawReading(player, one, model.reading) : drawWriting(player, one),
    drawFault(model));
}

function drawWriting(player, one) {
  const send = () => {
    const text = player.local.own.get(one.id) ?? "";
    if (text.trim()) sendModel(player, one.id, "read", { text });
    else say(player, "There is nothing written yet.");
  };
  return h("div.t-own", {},
    drawField(player, "own", one.id, player.local.own, "Or in your own words", 3),
    h("div.t-row", {},
      button("t-choice", { key: `read:${one.id}`, ...busy(player), onclick: send }, "Go on with this"),
      button("t-quiet", { key: `disagree:${one.id}`, ...busy(player), onclick: () => sendModel(player, one.id, "agree", { yes: false }) }, "Send nothing more to the model")),
    h("p.t-small.t-muted", {}, `It goes to ${player.view.model.where}. Before it counts, you are asked what it does.`));
}

/** A field to write in, which keeps what is in it when the page is drawn anew. */
function drawField(player, name, caseId, kept, label, rows) {
  const id = `${player.uid}-${name}`;
  const field = h("textarea.t-field", {
    id, rows, "data-key": `${name}:${caseId}`,
    oninput: (event) => kept.set(caseId, event.currentTarget.value),
  });
  field.value = kept.get(caseId) ?? "";
  return h("div", {}, h("label.t-label", { for: id }, label), field);
}

/** What the turn does, as the model reads it, for the learner to confirm or correct. */
function drawReading(player, one, reading) {
  const id = `${player.uid}-moves`;
  const ticked = (move) => player.local.marked.get(`move:${one.id}:${move.move}`) ?? move.ticked;
  const chosen = () => reading.moves.filter(ticked).map((move) => move.move);
  const unsure = reading.moves.some((move) => move.answer === "unsure");
  return h("div.t-own", { role: "group", "aria-labelledby": id },
    drawSpoken("t-said-you", "You, not said yet", [reading.text]),
    heading("h5", "t-strong", { id, key: `moves:${one.id}` }, "What does your turn do?"),
    h("p.t-small.t-muted", {}, reading.why ?? `Ticked is what the model has read in it${unsure ? "; where it is unsure, it says so" : ""}. You decide what counts.`),
    h("ul.t-moves", { role: "list" }, ...reading.moves.map((move) => h("li", {}, drawMove(player, one, move, ticked(move))))),
    h("div.t-row", {},
      button("t-primary", { key: `say-own:${one.id}`, ...busy(player), onclick: () => sendModel(player, one.id, "say", { moves: chosen() }) }, "Say it"),
      button("t-quiet", { key: `unsay:${one.id}`, ...busy(player), onclick: () => sendModel(player, one.id, "unsay") }, "Write it again")));
}

function drawMove(player, one, move, ticked) {
  const because = move.quote ? `“${move.quote}”` : move.answer === "unsure" ? "The model is unsure." : null;
  return drawBox(player, `move:${one.id}:${move.move}`, ticked, h("span", {}, move.label, because ? h("span.t-small.t-muted", {}, ` ${because}`) : null));
}

function drawBox(player, key, ticked, label) {
  const box = h("input", {
    type: "checkbox", "data-key": key,
    onchange: (event) => player.local.marked.set(key, event.currentTarget.checked),
  });
  box.checked = ticked;
  return h("label.t-move", {}, box, label);
}

function drawFault(model) {
  return model.fault ? h("div.t-notice", { "data-kind": "info" }, h("p", {}, model.fault)) : null;
}

/** A draft on demand: an exercise beside the day, of which nothing is sent and nothing counts. */
function drawOwnDraft(player, one) {
  const { model, working } = player.view;
  if (!model || one.commit) return null;
  const draft = model.drafts[one.id];
  const write = () => sendModel(player, one.id, "draft", { instructions: player.local.wishes.get(one.id) ?? "" });
  return fold(player, `own-draft-fold:${one.id}`, "Have another draft written, to your instructions",
    model.agreed ? null : drawConsent(player, one.id),
    model.agreed ? drawField(player, "wishes", one.id, player.local.wishes, "What should the AI know or do?", 2) : null,
    model.agreed ? h("p", {}, button("t-choice", { key: `write:${one.id}`, ...busy(player), onclick: write }, draft ? "Write it anew" : "Write a draft")) : null,
    working ? h("p.t-muted", {}, working.words) : null,
    draft ? drawDemanded(player, one, draft) : null,
    drawFault(model));
}

/** The draft with what of it the case file does not hold, and the learner's decision. */
function drawDemanded(player, one, draft) {
  const id = `${player.uid}-own-draft`;
  const struck = (sentence) => player.local.marked.get(`cut:${one.id}:${sentence.n}`) ?? false;
  const decide = () => sendModel(player, one.id, "decide", { struck: draft.sentences.filter(struck).map((sentence) => sentence.n) });
  return h("div.t-own", { role: "group", "aria-labelledby": id },
    heading("h5", "t-strong", { id, key: `own-draft:${one.id}` }, "The draft you asked for"),
    h("p.t-small.t-muted", {}, "To practise on: it is not sent, and nothing about it is counted. Tick what you would not send."),
    h("ol.t-moves", { role: "list" }, ...draft.sentences.map((sentence) => h("li", {},
      drawBox(player, `cut:${one.id}:${sentence.n}`, struck(sentence), h("span", {}, sentence.text,
        sentence.not_in_file?.length ? h("span.t-small.t-muted", {}, ` Not in the file: ${listText(sentence.not_in_file)}.`) : null))))),
    h("p", {}, button("t-choice", { key: `decide:${one.id}`, ...busy(player), onclick: decide }, "This is what I would send")),
    draft.verdict ? h("p", {}, draft.verdict) : null,
    draft.sentences[0].not_in_file ? null : h("p.t-small.t-muted", {}, "Once the case file is open, numbers, dates and names that it does not hold are marked."));
}

// -------------------------------------------------------------------------------------------------------- acts

/** In triage: your own call comes first, then the AI's, then everything else. */
function drawCommit(player, one) {
  if (one.commit) {
    const id = `${player.uid}-commit`;
    return h("div.t-commit", { role: "group", "aria-labelledby": id },
      h("h4.t-question", { id }, one.commit.question),
      h("div.t-row", {}, ...one.commit.calls.map(({ call, label }) =>
        button("t-choice", { key: `commit:${one.id}:${call}`, ...busy(player), onclick: () => sendAct(player, one.id, "commit", { call }) }, label))));
  }
  if (!one.advice) return null;
  return h("div.t-commit", {},
    heading("h4", "t-small-title", { key: `advice:${one.id}` }, "The AI's call"),
    h("p.t-advice", {}, one.advice.text));
}

function drawActs(player, one, person) {
  if (!one.acts.length) return null;
  const id = `${player.uid}-acts`;
  return h("div.t-acts", { role: "group", "aria-labelledby": id },
    h("div.t-subject-line", {},
      h("h4.t-question", { id }, one.commit ? "Or without a call" : "What do you do?"),
      h("p.t-muted.t-small.t-time", {}, `${minutesText(player.view.minutes.left)} left`)),
    h("ul.t-act-list", { role: "list" }, ...one.acts.map((act) => drawAct(player, one, person, act))));
}

/** An act as a button: what it is called, what happens, what it costs. Out of reach, it says why and does nothing. */
function drawAct(player, one, person, act) {
  const { local } = player;
  const reason = act.affordable ? null : act.why_not ?? `That takes ${minutesText(act.minutes)} and ${player.view.minutes.left} are left.`;
  const sending = local.pending?.act?.case === one.id && local.pending.act.do === act.act;
  const extra = () => ({
    ...(act.act === "review" ? { strikes: inOrder(strikesOf(player, one)) } : {}),
    ...(act.act === "review" || act.act === "rely" ? { tell: tells(player, one, act) } : {}),
  });
  return h("li.t-act-item", {},
    button("t-act", {
      key: `act:${one.id}:${act.act}`,
      ...busy(player),
      ...(reason ? { "aria-disabled": "true" } : {}),
      onclick: () => (reason ? say(player, reason) : sendAct(player, one.id, act.act, extra())),
    },
      h("span.t-act-label", {}, sending ? `${act.label} …` : act.label),
      h("span.t-act-text", {}, act.text, reason ? h("span.t-act-reason", {}, reason) : null),
      h("span.t-act-minutes", {}, minutesText(act.minutes))),
    drawTell(player, one, person, act));
}

const tells = (player, one, act) => act.tell === "must" || (act.tell === "may" && Boolean(player.local.tells.get(one.id)));

/** "Say that AI helped": a choice that goes with sending the AI's words, or a sentence that says why it is none. */
function drawTell(player, one, person, act) {
  if (act.tell === "must") return h("p.t-tell.t-muted.t-small", {}, `${firstName(person)} has asked: the answer says that AI helped.`);
  if (act.tell === "known") return h("p.t-tell.t-muted.t-small", {}, `${firstName(person)} knows already that AI helps.`);
  if (act.tell !== "may") return null;
  const box = h("input", {
    type: "checkbox",
    "data-key": `tell:${one.id}`,
    onchange: (event) => player.local.tells.set(one.id, event.currentTarget.checked),
  });
  box.checked = Boolean(player.local.tells.get(one.id));
  return h("label.t-tell", {}, box, h("span", {}, "Say that AI helped"));
}

/** While an answer is awaited every act rests; the page says so once, at the button that was pressed. */
function busy(player) {
  return player.local.pending ? { "aria-disabled": "true", "data-pending": "" } : {};
}

// ---------------------------------------------------------------------------------------------- end of the day

function drawEnd(player) {
  return player.view.phase === "handed_in" ? drawHandedIn(player) : drawDebrief(player);
}

/** Assessment: everything is handled. No reaction and no debrief; those come with the feedback. */
function drawHandedIn(player) {
  const { view } = player;
  const id = `${player.uid}-end`;
  return h("section.t-sheet", { "aria-labelledby": id },
    heading("h3", "t-sheet-title", { id, key: "end" }, "Everything has been handled"),
    h("p", {}, "Your play is saved. How people took it comes with the feedback."),
    view.play_file ? h("p", {}, "The play file is ", h("code.t-path", {}, view.play_file), ". Hand it in together with the notebook.") : null,
    drawNotice(player),
    ...daysDone(view).flatMap(([title, items]) => [
      h("h4.t-small-title", {}, title),
      h("ul.t-handled", { role: "list" }, ...items.map((item) =>
        h("li", {},
          h("span.t-strong", {}, `${item.time}, ${personOf(view, item.person).name}: ${item.subject}`),
          h("span.t-muted", {}, item.outcome?.words ?? "")))),
    ]));
}

/** What was done, under a heading for each day. */
function daysDone(view) {
  const cases = Object.values(view.cases);
  if (view.day.of === 1) return [["What you did", view.inbox.map((line) => view.cases[line.case])]];
  return [...new Set(cases.map(({ day }) => day))].map((name) => [`What you did on ${name}`, cases.filter(({ day }) => day === name)]);
}

// ----------------------------------------------------------------------------------------------------- debrief

function drawDebrief(player) {
  const { view } = player;
  const { debrief } = view;
  const id = `${player.uid}-end`;
  return h("section.t-sheet.t-debrief", { "aria-labelledby": id },
    heading("h3", "t-sheet-title", { id, key: "end" }, `How the ${dayWord(view)} went`),
    ...(debrief ? drawChapters(player, debrief) : [drawAwaited(player)]),
    h("div.t-row.t-debrief-foot", {},
      button("t-quiet", { key: "to-desk", onclick: () => go(player, { page: "desk" }, homeKey({ ...player.local, page: "desk" })) }, "Look at the messages again"),
      view.scenario.use === "practice" ? drawRestartButton(player) : null),
    drawConfirmation(player));
}

function drawChapters(player, debrief) {
  return [
    drawScore(player, debrief.score),
    drawCostliest(player, debrief),
    drawTrust(player, debrief.trust),
    drawMinutes(player, debrief),
    drawAsGood(player, debrief.as_good),
    drawReview(player, debrief.review),
    drawConversations(player, debrief.conversations ?? []),
    debrief.advice ? drawAdvice(player, debrief.advice) : null,
    drawRewind(player, debrief),
  ];
}

/** The debrief is still being worked out: what for, and how far that has come. */
function drawAwaited({ view, uid }) {
  const id = `${uid}-awaited`;
  return h("div.t-awaited", {},
    h("p", { id }, "Your decisions are being compared with the best plan. It takes a few seconds."),
    h("progress", { max: 1, value: view.debrief_done ?? 0, "aria-labelledby": id }));
}

const chapter = (player, name, title, ...content) => {
  const id = `${player.uid}-${name}`;
  return h("section.t-chapter", { "aria-labelledby": id }, heading("h4", "t-chapter-title", { id, key: `chapter:${name}` }, title), ...content);
};

function drawScore(player, score) {
  const yours = `Your ${dayWord(player.view)}`;
  return chapter(player, "score", `${yours} on a line`,
    h("p.t-lead", {}, score.words),
    drawScale(player, "score-figure", {
      title: `${yours} on a line from a random plan to the best plan`,
      above: { value: score.yours, label: `${yours}: ${whole(score.yours)}` },
      below: { value: score.rule, label: `Best fixed rule: ${whole(score.rule)}` },
    }),
    h("p.t-small.t-muted", {}, `0 is what choosing at random brings, and 100 the best plan with the same minutes. The best rule without judgement was “${score.rule_words.replace(/\.$/, "")}”.`),
    tableFold(player, "score-table", `${yours} on a line`, ["", "Points"], [
      ["A random plan", "0"],
      ["The best fixed rule", whole(score.rule)],
      [yours, whole(score.yours)],
      ["The best plan", "100"],
    ]));
}

/** Trust over the day: one small picture for each person. */
function drawTrust(player, people) {
  if (!people.length) return null;
  return chapter(player, "trust", "Trust, person by person",
    h("p.t-small.t-muted.t-legend", {},
      h("span", {}, drawKey("yours"), `your ${dayWord(player.view)}`),
      h("span", {}, drawKey("best"), "where the best plan ends"),
      h("span", {}, "0 no trust, 100 full trust")),
    people.length > MANY ? h("p.t-lead", {}, trustSummary(people, player.view.day.of > 1 ? "on the first morning" : "this morning")) : null,
    ...mostFirst(player, "trust-rest", people, trustMoved, (n) => `The other ${n} people`, (shown) =>
      h("ul.t-multiples", { role: "list" }, ...shown.map((person) => drawTrustOf(player, person, people.indexOf(person))))));
}

function drawTrustOf(player, person, n) {
  return h("li.t-multiple", {},
    h("h5.t-multiple-title", {}, person.name),
    drawTrustLine(player, `trust-${n}`, person),
    h("p.t-small", {}, person.words),
    tableFold(player, `trust-table-${n}`, `Trust of ${person.name}`, ["When", "Trust"], [
      ...person.points.map((point) => [point.label, percent(point.value)]),
      ["Where the best plan ends", percent(person.best_end)],
    ]));
}

const trustChange = ({ points }) => points[points.length - 1].value - points[0].value;
const trustMoved = (person) => Math.abs(trustChange(person));

function trustSummary(people, morning) {
  const rose = people.filter((person) => trustChange(person) > 0.02).length;
  const fell = people.filter((person) => trustChange(person) < -0.02).length;
  return `Of ${people.length} people ${rose} trust you more than ${morning} and ${fell} less. Those with whom most has changed come first.`;
}

/** A list as it is; a long one with what weighs most first, and the rest, in its own order, behind a fold. */
function mostFirst(player, key, list, weight, restWords, draw) {
  if (list.length <= MANY) return [draw(list, false)];
  const first = [...list].sort((one, other) => weight(other) - weight(one)).slice(0, SHOWN);
  const rest = list.filter((one) => !first.includes(one));
  return [draw(first, false), fold(player, key, restWords(rest.length), draw(rest, true))];
}

function drawMinutes(player, { minutes, price }) {
  const spent = minutes.of - minutes.left;
  const best = minutes.of - minutes.best_left;
  return chapter(player, "minutes", "Where the minutes went",
    h("p.t-lead", {}, price.words),
    h("p.t-small.t-muted.t-legend", {}, h("span", {}, drawKey("yours-bar"), `your ${dayWord(player.view)}`), h("span", {}, drawKey("best-bar"), "the best plan")),
    ...(minutes.days ? [drawDays(player, minutes)] : mostFirst(player, "minutes-rest", minutes.rows, (row) => row.loss, (n) => `The other ${n} messages`, (rows, isRest) =>
      drawBars(player, isRest ? "minutes-figure-rest" : "minutes-figure", { ...minutes, rows }, isRest ? null : { spent, best }))),
    tableFold(player, "minutes-table", "Where the minutes went", ["Message", "You", "Best plan", "Cost in points"], [
      ...minutes.rows.map((row) => [`${row.day ? `${minutes.days[row.day - 1].name}. ` : ""}${row.person}: ${row.subject}`, doneText(row.yours), doneText(row.best), lossNumber(row.loss)]),
      ["All", minutesText(spent), minutesText(best), lossNumber(minutes.rows.reduce((sum, row) => sum + row.loss, 0))],
    ]));
}

/** Several days: what each cost, in a word and in the bars of its minutes; its messages behind a fold. */
function drawDays(player, minutes) {
  return h("div", {}, ...minutes.days.map((day, n) => {
    const rows = minutes.rows.filter((row) => row.day === n + 1);
    const bars = (name, some, all) => drawBars(player, `${name}-${n}`, { of: day.of, rows: some }, all);
    return h("section.t-of-day", {},
      h("h5.t-strong", {}, `${day.name}: cost ${lossText(day.loss)}`),
      bars("minutes-figure", [], { spent: day.of - day.left, best: day.of - day.best_left }),
      fold(player, `minutes-messages-${n}`, "Message by message", bars("minutes-figure-messages", rows, null)));
  }));
}

const doneText = ({ did, words, minutes }) => (did ? `${words}, ${minutesText(minutes)}` : words);

const KINDS = {
  measured: "Measured: the size of this effect comes from a study.",
  ordering: "Ordering: studies say which way it goes; how far is our setting.",
  guess: "A guess: no study gives this size, and you may see it otherwise.",
  computed: "Worked out from the day itself, not from a study.",
};

/** The decisions that cost most, each with its reason, where that is known from, and how well. */
function drawCostliest(player, debrief) {
  const list = debrief.costliest;
  if (!list.length) {
    return chapter(player, "costliest", "What cost most", h("p.t-lead", {}, "No single decision cost enough to be held up."));
  }
  return chapter(player, "costliest", list.length > 1 ? "The decisions that cost most" : "The decision that cost most",
    h("ol.t-costliest", { role: "list" }, ...list.map((one) =>
      h("li.t-cost", {},
        one.day ? h("p.t-small.t-muted", {}, one.day) : null,
        h("h5.t-cost-title", {}, `${one.person}: ${one.subject}`),
        h("p.t-cost-change", {}, "You chose ", h("strong", {}, one.did), ". Better: ", h("strong", {}, one.better), `. It cost ${lossText(one.loss)}.`),
        h("p.t-cost-why", {}, one.why),
        h("p.t-small.t-muted", {}, sourceText(one)),
        debrief.rewind_options[one.case]
          ? button("t-quiet", { key: `rewind-to:${one.case}`, "aria-label": `Rewind this decision: ${one.subject}`, onclick: () => startRewind(player, one.case) }, "Rewind this decision")
          : null))));
}

/** Where the reason is known from, and how well. A source that only says "guess" is said once. */
function sourceText({ source, kind }) {
  const named = source && !(kind === "guess" && /\bguess\b/i.test(source));
  return `${named ? `${capital(source).replace(/\.$/, "")}. ` : ""}${KINDS[kind] ?? kind}`;
}

function drawAsGood(player, list) {
  if (!list.length) return null;
  const cases = groupBy(list, (one) => one.case);
  return chapter(player, "as-good", "Where something else would have been as good",
    ...mostFirst(player, "as-good-rest", [...cases.values()], (rows) => rows.length, (n) => `${n} more`, (shown) =>
      h("ul.t-as-good", { role: "list" }, ...shown.map((rows) =>
        h("li", {},
          h("p.t-strong", {}, `${rows[0].person}: ${rows[0].subject}`),
          ...[...new Set(rows.map((one) => one.words))].map((words) => h("p", {}, words)))))));
}

/** Review, sentence by sentence: found, missed, and struck without need. */
function drawReview(player, review) {
  if (!review.opened) return chapter(player, "review", "What you struck", h("p.t-lead", {}, review.words), drawUnread(player, review));
  const cases = groupBy(review.rows, (row) => row.case);
  return chapter(player, "review", "What you struck",
    h("p.t-lead", {}, review.words),
    drawReviewCounts(review),
    drawUnread(player, review),
    ...mostFirst(player, "review-rest", [...cases.values()], wentWrong, (n) => `The other ${n} drafts`, (shown) =>
      h("div", {}, ...shown.map((rows) =>
        h("div.t-checked", {},
          h("h5.t-strong", {}, `${rows[0].person}: ${reviewText(rows)}`),
          h("ol.t-verdicts", { role: "list" }, ...rows.map(drawVerdict)))))));
}

const wentWrong = (rows) => rows.filter((row) => ["missed", "alarm"].includes(verdictOf(row))).length;

/** On a day of much review: what was found by kind of fault, and early and late in the day. */
function drawReviewCounts({ kinds, halves }) {
  if (!halves.length) return null;
  const table = (caption, head, rows) => h("table.t-table", {},
    h("caption.t-hidden", {}, caption),
    h("thead", {}, h("tr", {}, ...head.map((text) => h("th", { scope: "col" }, text)))),
    h("tbody", {}, ...rows.map(([first, ...rest]) => h("tr", {}, h("th", { scope: "row" }, first), ...rest.map((text) => h("td", {}, text))))));
  const half = { first: "The drafts you read first", second: "Those you read later" };
  return h("div.t-counts", {},
    kinds.length ? table("What you found, by kind of fault", ["Kind of fault", "Found"], kinds.map((row) => [capital(row.words), `${row.hits} of ${row.of}`])) : null,
    table("Early and late", ["When", "Drafts", "Faults found", "Struck without need"], halves.map((row) => [half[row.half], row.opened, `${row.hits} of ${row.flaws}`, row.false_alarms])),
    h("p.t-small.t-muted", {}, "So few counts jump about from one play to the next."));
}

/** What went out in drafts that nobody had read. */
function drawUnread(player, { unread, unread_words: words }) {
  if (!words) return null;
  return h("div", {},
    h("p", {}, words),
    unread.length
      ? fold(player, "unread", unread.length > 1 ? "What went out" : "The fault that went out", h("ol.t-verdicts", { role: "list" }, ...unread.map((row) =>
          h("li", {},
            h("p.t-strong", {}, `${row.person}: ${row.subject}`),
            h("p.t-verdict-text", {}, row.text),
            h("p.t-small", {}, row.flaw),
            h("p.t-small.t-muted", {}, `Right would have been: ${row.fix}`)))))
      : null);
}

/** How each conversation ended, and that the score does not look at it. */
function drawConversations(player, rows) {
  if (!rows.length) return null;
  return chapter(player, "conversations", rows.length > 1 ? "Your conversations" : "Your conversation",
    ...rows.map((row) =>
      h("div", {},
        h("h5.t-strong", {}, `${row.person}: ${row.subject}`),
        h("blockquote.t-reaction", {}, ...row.ending.map((text) => h("p", {}, text))),
        h("p", {}, row.words))));
}

/** Triage: what became of the learner's own call once the AI's was known. */
function drawAdvice(player, advice) {
  return chapter(player, "advice", "Your call and the AI's", h("p.t-lead", {}, advice.words));
}

const VERDICTS = { hit: "Found", missed: "Missed", alarm: "Struck without need", fine: "Rightly left" };
const verdictOf = (row) => (row.flaw ? (row.struck ? "hit" : "missed") : row.struck ? "alarm" : "fine");

function reviewText(rows) {
  const count = (what) => rows.filter((row) => verdictOf(row) === what).length;
  const parts = [[count("hit"), "found"], [count("missed"), "missed"], [count("alarm"), "struck without need"]];
  return parts.filter(([n]) => n).map(([n, word]) => `${n} ${word}`).join(", ") || "nothing was wrong, and nothing struck";
}

function drawVerdict(row) {
  const verdict = verdictOf(row);
  return h("li.t-verdict", { "data-verdict": verdict },
    h("p.t-verdict-word", {}, VERDICTS[verdict]),
    h("div", {},
      h("p.t-verdict-text", {}, row.struck ? h("s", {}, row.text) : row.text),
      row.flaw ? h("p.t-small", {}, row.flaw) : null,
      row.flaw && row.fix ? h("p.t-small.t-muted", {}, `Put right: ${row.fix}`) : null));
}

/** Choose one decision and another act, and see what the day would have been. */
function drawRewind(player, debrief) {
  const { local } = player;
  const rows = debrief.minutes.rows.filter((row) => debrief.rewind_options[row.case]?.length);
  if (!rows.length) return null;
  const asked = () => rows.find((row) => row.case === local.rewind.case);
  if (!asked()) local.rewind = { case: debrief.costliest[0]?.case ?? rows[0].case, choice: null };
  const { uid } = player;
  const caseSelect = h("select.t-select", {
    id: `${uid}-rewind-case`, "data-key": "rewind-case",
    onchange: (event) => {
      local.rewind = { case: event.currentTarget.value, choice: null };
      redraw(player, null);
    },
  }, ...byDay(debrief.minutes.days, rows, (row) => option(row.case, `${row.person}: ${row.subject}`, row === asked())));
  const options = otherOptions(debrief, asked());
  const chosen = local.rewind.choice ?? bestOption(asked(), options);
  const actSelect = h("select.t-select", {
    id: `${uid}-rewind-act`, "data-key": "rewind-act",
    onchange: (event) => { local.rewind.choice = Number(event.currentTarget.value); },
  }, ...options.map((one, n) => option(String(n), one.words, n === chosen)));
  const see = () => {
    const { do: what, tell } = options[Number(actSelect.value)];
    transmit(player, { type: "rewind", case: caseSelect.value, do: what, tell });
  };
  return chapter(player, "rewind", "Rewind one decision",
    h("p", {}, "Everything else stays as you did it, as far as the minutes reach."),
    h("div.t-rewind-form", {},
      h("div", {}, h("label.t-label", { for: `${uid}-rewind-case` }, "The decision"), caseSelect),
      h("div", {}, h("label.t-label", { for: `${uid}-rewind-act` }, `Instead of “${asked().yours.words}”`), actSelect),
      button("t-primary", { key: "rewind-go", ...busy(player), onclick: see }, local.pending?.type === "rewind" ? "Looking …" : "See the difference")),
    drawNotice(player),
    drawRewindResult(player, debrief.rewind));
}

/** Options of a list; of several days, under the name of each. */
function byDay(days, rows, draw) {
  if (!days) return rows.map(draw);
  return days.map(({ name }, n) => h("optgroup", { label: name }, ...rows.filter((row) => row.day === n + 1).map(draw)));
}

/** What can be chosen instead: every option but the one that was taken. */
function otherOptions(debrief, { case: id, yours }) {
  const all = debrief.rewind_options[id];
  const others = all.filter((one) => !sameAct(one, yours));
  return others.length ? others : all;
}

/** Start from what the best plan did here. */
const bestOption = ({ best }, options) => Math.max(0, options.findIndex((one) => sameAct(one, best)));

const sameAct = (one, other) => one.do === other.did && Boolean(one.tell) === Boolean(other.tell);

function startRewind(player, id) {
  player.local.rewind = { case: id, choice: null };
  redraw(player, "rewind-act");
}

function drawRewindResult(player, rewind) {
  if (!rewind) return null;
  const row = player.view.debrief.minutes.rows.find((one) => one.case === rewind.case);
  const changed = rewind.people.filter((person) => percent(person.before) !== percent(person.after));
  return h("div.t-rewind-result", {},
    heading("h5", "t-cost-title", { key: "rewind-result" }, `${row?.subject ?? "Changed"}: ${rewind.to} instead of ${rewind.from.toLowerCase()}`),
    h("p.t-lead", {}, rewind.words),
    rewind.reaction?.length ? h("blockquote.t-reaction", {}, ...rewind.reaction.map((text) => h("p", {}, text))) : null,
    drawScale(player, "rewind-figure", {
      title: "As it was, and with this decision changed",
      above: { value: rewind.score.after, label: `With the change: ${whole(rewind.score.after)}` },
      below: { value: rewind.score.before, label: `As it was: ${whole(rewind.score.before)}` },
    }),
    changed.length
      ? h("ul.t-changes", { role: "list" }, ...changed.map((person) =>
          h("li", {}, `${person.name}: trust ${person.after > person.before ? "rises" : "falls"} from ${percent(person.before)} to ${percent(person.after)}.`)))
      : h("p.t-small.t-muted", {}, "Nobody's trust would have been different in the end."),
    rewind.left_out.length ? h("p.t-small", {}, `The minutes no longer reach for: ${listText(rewind.left_out)}.`) : null,
    tableFold(player, "rewind-table", "Before and after the change", ["", "As it was", "With the change"], [
      ["Points", whole(rewind.score.before), whole(rewind.score.after)],
      ...rewind.people.map((person) => [`Trust of ${person.name}`, percent(person.before), percent(person.after)]),
    ]));
}

// ----------------------------------------------------------------------------------------------------- figures
//
// Horizontal places are percentages and vertical ones pixels, so a figure is as wide as its column while its text keeps
// its size. Every figure is an image with a title and a description; the table that says the same stands below it.

/** A line from 0 to 100 with one mark above it and one below. */
function drawScale(player, name, { title, above, below }) {
  const low = Math.min(0, above.value, below.value);
  const high = Math.max(100, above.value, below.value);
  const place = (value) => ((value - low) / (high - low)) * 100;
  const mark = (one, kind, y1, y2, textY) => {
    const at = place(one.value);
    return [
      s("line", { class: "t-leader", x1: pc(at), x2: pc(at), y1, y2 }),
      kind === "yours"
        ? s("circle", { class: "t-dot", cx: pc(at), cy: 52, r: 7 })
        : s("circle", { class: "t-dot-hollow", cx: pc(at), cy: 52, r: 5 }),
      s("text", { class: kind === "yours" ? "t-svg-strong" : "t-svg-text", x: pc(at), y: textY, dx: nudge(at), "text-anchor": anchor(at) }, one.label),
    ];
  };
  return figure(player, name, 98, title, `${above.label}. ${below.label}. A random plan: 0. The best plan: 100.`,
    s("line", { class: "t-axis", x1: pc(place(low)), x2: "100%", y1: 52, y2: 52 }),
    s("line", { class: "t-axis", x1: pc(place(0)), x2: pc(place(0)), y1: 46, y2: 58 }),
    s("line", { class: "t-axis", x1: pc(place(100)), x2: pc(place(100)), y1: 46, y2: 58 }),
    s("text", { class: "t-svg-muted", x: pc(place(0)), y: 11, "text-anchor": place(0) > 15 ? "middle" : "start" }, "Random: 0"),
    s("text", { class: "t-svg-muted", x: pc(place(100)), y: 11, "text-anchor": place(100) < 85 ? "middle" : "end" }, "Best plan: 100"),
    ...mark(below, "other", 57, 76, 91),
    ...mark(above, "yours", 38, 45, 33));
}

/** Trust of one person over the day, with the end of the best plan beside its own. */
function drawTrustLine(player, name, { name: who, points, best_end: best, words }) {
  const [top, bottom, right] = [10, 106, 84];
  const x = (n) => (points.length > 1 ? (n / (points.length - 1)) * right : 0);
  const y = (value) => bottom - value * (bottom - top);
  const last = points[points.length - 1];
  const [lastY, bestY] = apart(y(last.value), y(best), 14);
  const near = percent(last.value) === percent(best);
  const text = points.map((point) => `${point.label}: ${percent(point.value)}`).join(". ");
  return figure(player, name, 116, `Trust of ${who} over the ${dayWord(player.view)}`, `${text}. The best plan ends at ${percent(best)}. ${words}`,
    ...[0, 0.5, 1].flatMap((value) => [
      s("line", { class: "t-grid", x1: "0%", x2: pc(right), y1: y(value), y2: y(value) }),
      s("text", { class: "t-svg-tick", x: -6, y: y(value) + 4, "text-anchor": "end" }, String(value * 100)),
    ]),
    s("line", { class: "t-gap", x1: pc(right), x2: pc(right), y1: y(last.value), y2: y(best) }),
    ...points.slice(1).map((point, n) =>
      s("line", { class: "t-path", x1: pc(x(n)), x2: pc(x(n + 1)), y1: y(points[n].value), y2: y(point.value) })),
    ...points.map((point, n) => s("circle", { class: "t-dot", cx: pc(x(n)), cy: y(point.value), r: 4 })),
    s("svg", { x: pc(right), y: y(best), width: 1, height: 1, class: "t-overflow" }, diamond()),
    s("text", { class: "t-svg-strong", x: pc(right), dx: 11, y: (near ? y(last.value) : lastY) + 4 }, whole(last.value * 100)),
    near ? null : s("text", { class: "t-svg-text", x: pc(right), dx: 11, y: bestY + 4 }, whole(best * 100)));
}

const diamond = () => s("path", { class: "t-diamond", d: "M0 -8 L8 0 L0 8 L-8 0 Z" });

/** Minutes as pairs of bars: the whole day first, where it is given, then message by message. Words wrap, so they are HTML. */
function drawBars(player, name, minutes, all) {
  const pair = (label, share, bestShare, mine, theirs, loss) =>
    h("div.t-pair", {},
      h("p.t-pair-label", {}, label, loss ? h("span.t-muted", {}, ` ${loss}`) : null),
      drawBar("t-bar-yours", share), h("p.t-pair-words", {}, mine),
      drawBar("t-bar-best", bestShare), h("p.t-pair-words.t-muted", {}, theirs));
  const title = `${player.uid}-${name}-title`;
  const desc = `${player.uid}-${name}-desc`;
  const rows = minutes.rows.map((row) => ` ${row.subject}: you ${doneText(row.yours)}, best plan ${doneText(row.best)}.`);
  return h("div.t-figure.t-pairs", { role: "img", "aria-labelledby": `${title} ${desc}` },
    h("span.t-hidden", { id: title }, "Your minutes beside those of the best plan."),
    h("span.t-hidden", { id: desc }, `${all ? `All: you ${minutesText(all.spent)}, best plan ${minutesText(all.best)}.` : ""}${rows.join("")}`),
    all ? pair("The whole day", all.spent / minutes.of, all.best / minutes.of, minutesText(all.spent), minutesText(all.best)) : null,
    ...minutes.rows.map((row) => pair(`${row.person}: ${row.subject}`, row.yours.minutes / minutes.of, row.best.minutes / minutes.of, doneText(row.yours), doneText(row.best), row.loss >= 0.5 ? `cost ${lossText(row.loss)}` : null)));
}

function drawBar(kind, share) {
  return s("svg", { class: "t-bar", width: "100%", height: 10, "aria-hidden": "true" },
    s("rect", { class: kind, height: 10, rx: 2, width: pc(share ? Math.max(0.7, share * 100) : 0) }));
}

/** A thin line of which a share is drawn strongly. The words beside it say the same. */
function drawLine(kind, share) {
  return s("svg", { class: `t-line ${kind}`, width: "100%", height: 4, "aria-hidden": "true" },
    s("rect", { class: "t-line-all", width: "100%", height: 4, rx: 2 }),
    s("rect", { class: "t-line-part", width: pc(Math.max(0, Math.min(1, share || 0)) * 100), height: 4, rx: 2 }));
}

/** The sign of a legend. */
function drawKey(kind) {
  const shape = {
    yours: () => s("circle", { class: "t-dot", cx: 8, cy: 8, r: 4 }),
    best: () => s("svg", { x: 8, y: 8, width: 1, height: 1, class: "t-overflow" }, diamond()),
    "yours-bar": () => s("rect", { class: "t-bar-yours", y: 3, width: 16, height: 10, rx: 2 }),
    "best-bar": () => s("rect", { class: "t-bar-best", y: 3, width: 16, height: 10, rx: 2 }),
  }[kind];
  return s("svg", { class: "t-key", width: 16, height: 16, "aria-hidden": "true" }, shape());
}

function figure(player, name, height, title, desc, ...shapes) {
  const id = `${player.uid}-${name}`;
  return h("div.t-figure", {},
    s("svg", { class: "t-svg", width: "100%", height, role: "img", "aria-labelledby": `${id}-title ${id}-desc` },
      s("title", { id: `${id}-title` }, title),
      s("desc", { id: `${id}-desc` }, desc),
      ...shapes));
}

const pc = (share) => `${Math.round(share * 100) / 100}%`;
const anchor = (at) => (at < 30 ? "start" : at > 70 ? "end" : "middle");
const nudge = (at) => (at < 30 ? -6 : at > 70 ? 6 : 0);

/** Two heights moved apart until texts beside them do not touch. */
function apart(a, b, least) {
  const gap = least - Math.abs(a - b);
  if (gap <= 0) return [a, b];
  return a < b ? [a - gap / 2, b + gap / 2] : [a + gap / 2, b - gap / 2];
}

/** The table that says what a figure says, folded away. */
function tableFold(player, key, caption, head, rows) {
  return fold(player, key, "The same in a table",
    h("table.t-table", {},
      h("caption.t-hidden", {}, caption),
      h("thead", {}, h("tr", {}, ...head.map((text) => (text ? h("th", { scope: "col" }, text) : h("td", {}))))),
      h("tbody", {}, ...rows.map(([first, ...rest]) =>
        h("tr", {}, h("th", { scope: "row" }, first), ...rest.map((text) => h("td", {}, text)))))));
}

// ----------------------------------------------------------------------------------------------------- helpers

/** A button that is always a button, and that does nothing while it is disabled for a reason it gives. */
function button(kind, { key, onclick, ...attributes }, ...children) {
  return h(`button.t-button.${kind}`, { type: "button", "data-key": key, onclick, ...attributes }, ...children);
}

/** A heading that can be given the focus, so that a screen reader starts reading there. */
function heading(tag, kind, { id, key }, text) {
  return h(`${tag}.${kind}`, { id, "data-key": key, tabindex: key ? "-1" : null }, text);
}

/** A details element that stays as it was when the page is drawn anew. */
function fold(player, key, summary, ...content) {
  const { unfolded } = player.local;
  return h("details.t-fold", {
    open: unfolded.get(key) ? "" : null,
    ontoggle: (event) => unfolded.set(key, event.currentTarget.open),
  }, h("summary", { "data-key": `fold:${key}` }, summary), ...content);
}

const option = (value, text, selected) => h("option", { value, selected: selected ? "" : null }, text);

/** Give the focus to an element and bring it into sight without throwing the page about. */
function moveFocus(element) {
  const { defaultView: window } = element.ownerDocument;
  element.focus({ preventScroll: true });
  window.requestAnimationFrame(() => { // to ask where it is before the frame is due would lay out the page twice
    const { top, bottom } = element.getBoundingClientRect();
    if (!element.isConnected || (top >= 0 && bottom <= window.innerHeight * 0.7)) return;
    const calm = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
    element.scrollIntoView({ block: "start", behavior: calm ? "auto" : "smooth" });
  });
}

const personOf = (view, id) => view.people.find((person) => person.id === id) ?? { id, name: id, initials: "", who: "", history: [], past: null, told: false };
const firstName = ({ name }) => name.replace(/ [^ ]+$/, ""); // Tor Egil Strand is called Tor Egil
const inOrder = (numbers) => [...numbers].sort((a, b) => a - b);
const minutesText = (n) => `${n} ${n === 1 ? "minute" : "minutes"}`;
const dayWord = (view) => (view.day.of > 1 ? "days" : "day");
const whole = (value) => String(Math.round(value)).replace("-", "−");
const percent = (share) => `${whole(share * 100)} of 100`;
const lossNumber = (loss) => (loss < 0.05 ? "0" : loss.toFixed(1));
const lossText = (loss) => (loss < 1 ? "less than a point" : `${whole(loss)} ${Math.round(loss) === 1 ? "point" : "points"}`);
const NUMBERS = ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"];
const countText = (n, one, many) => `${NUMBERS[n] ?? n} ${n === 1 ? one : many}`;
const listText = (items) => (items.length < 2 ? items.join("") : `${items.slice(0, -1).join(", ")} and ${items[items.length - 1]}`);

function groupBy(items, keyOf) {
  const groups = new Map();
  for (const item of items) groups.set(keyOf(item), [...(groups.get(keyOf(item)) ?? []), item]);
  return groups;
}
