/**
 * The files that are handed in, as an anywidget front end: a button a file, and beside it when that file was saved.
 *
 * The kernel is asked for a file when its button is pressed, and sends its name and its text. Names and texts are
 * untrusted: they become text nodes, a file name and the content of a file, and nothing else.
 */
import { h, save } from "./elements.mjs";

export default { render };

function render({ model, el }) {
  const lines = h("div.t-page", { role: "status" });
  el.append(h("section.tillit", { "aria-label": "What you hand in" }, lines));

  const draw = () => {
    const focused = [...lines.querySelectorAll("button")].indexOf(document.activeElement);
    lines.replaceChildren(...model.get("files").map((file) => line(file, (name) => model.send({ download: name }))));
    lines.querySelectorAll("button")[focused]?.focus();
  };
  const saveFile = ({ name, text }) => save(name, text);
  model.on("change:files", draw);
  model.on("msg:custom", saveFile);
  draw();
  return () => {
    model.off("change:files", draw);
    model.off("msg:custom", saveFile);
  };
}

/** One file. Where it is not there yet, the same button has the kernel look once more. */
function line({ name, there, says }, ask) {
  return h("p", {},
    h("button.t-button.t-primary", { type: "button", onclick: () => ask(name) },
      there ? `Download ${name}` : `Look for ${name} again`),
    h("span.t-muted", {}, ` ${says}`));
}
