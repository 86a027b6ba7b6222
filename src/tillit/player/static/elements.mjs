/**
 * What every screen of the course is made of: elements, a page drawn anew in place, keys, files for the reader.
 *
 * All text is untrusted, so it only ever becomes a text node or the content of a file.
 */

/** An element: `h("p.t-small", { id }, "text", child, null)`. Strings become text nodes, never markup. */
export function h(name, attributes = {}, ...children) {
  const [tag, ...classes] = name.split(".");
  const element = document.createElement(tag);
  if (classes.length) element.className = classes.join(" ");
  return fill(element, attributes, children);
}

/** The same for SVG. */
export function s(tag, attributes = {}, ...children) {
  return fill(document.createElementNS("http://www.w3.org/2000/svg", tag), attributes, children);
}

function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) listenTo(element, { ...handlers.get(element), [name.slice(2)]: value });
    else element.setAttribute(name, String(value));
  }
  // Jupyter listens before the page does, and leaves alone only what says so itself: "d d" here would delete the cell.
  if (attributes["data-key"]) element.setAttribute("data-lm-suppress-shortcuts", "true");
  const inside = children.filter((child) => child !== null && child !== undefined && child !== false);
  element.append(...inside);
  if (handlers.has(element) || inside.some((child) => answering.has(child))) answering.add(element);
  return element;
}

const answering = new WeakSet(); // elements that have handlers, or hold some that have
const handlers = new WeakMap(); // element -> its handlers by type of event; they know the view that they were made for

const handle = (event) => handlers.get(event.currentTarget)[event.type]?.(event);

/** Have an element answer to these events, and to no others. */
function listenTo(element, handlersOfView) {
  handlers.set(element, handlersOfView);
  for (const type of Object.keys(handlersOfView)) element.addEventListener(type, handle); // twice is once
}

/**
 * Make `old` hold what `fresh` holds, and leave in its place what is the same: laying out text is most of what a new view
 * costs. What stays is given the handlers of `fresh`. Whatever can be filled in is taken from `fresh`, and so is what has
 * another key.
 */
export function patch(old, fresh) {
  const children = [...fresh.childNodes];
  children.forEach((child, n) => {
    const there = old.childNodes[n];
    if (!there) old.append(child);
    else if (!answering.has(child) && there.isEqualNode(child)) return; // most of a desk, and quickly seen
    else if (!canStay(there, child)) there.replaceWith(child);
    else if (child.nodeName !== "#text") {
      patchAttributes(there, child);
      if (handlers.has(there) || handlers.has(child)) listenTo(there, handlers.get(child) ?? {});
      patch(there, child);
    }
  });
  while (old.childNodes.length > children.length) old.lastChild.remove();
}

const FILLED_IN = new Set(["INPUT", "SELECT", "TEXTAREA"]);

function canStay(there, fresh) {
  if (there.nodeName !== fresh.nodeName) return false;
  if (there.nodeName === "#text") return there.data === fresh.data;
  const [was, is] = [there.getAttribute("class"), fresh.getAttribute("class")];
  if (was !== is || there.dataset.key !== fresh.dataset.key) return false;
  return !FILLED_IN.has(there.nodeName);
}

function patchAttributes(there, fresh) {
  for (const { name } of [...there.attributes]) if (!fresh.hasAttribute(name)) there.removeAttribute(name);
  for (const { name, value } of fresh.attributes) if (there.getAttribute(name) !== value) there.setAttribute(name, value);
}

/** A notebook has shortcuts on single letters, Enter and the arrows: keys pressed in here are not for it. (See `fill`.) */
export function keepKeysFromHost(root) {
  const stop = (event) => {
    if (!event.ctrlKey && !event.metaKey && !event.altKey) event.stopPropagation();
  };
  root.addEventListener("keydown", stop);
  return () => root.removeEventListener("keydown", stop);
}

/** Hand a text to the reader as a file. */
export function save(name, text) {
  const url = URL.createObjectURL(new Blob([text], { type: "application/octet-stream" }));
  h("a", { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

export const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);
