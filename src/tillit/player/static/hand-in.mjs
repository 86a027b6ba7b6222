/**
 * The files that are handed in, as an anywidget front end: a button a file, and beside it when that file was saved.
 *
 * The kernel is asked for a file when its button is pressed, and sends its name and its text. Names and texts are
 * untrusted: they become text nodes, a file name and the content of a file, and nothing else.
 */
export default { render };

function render({ model, el }) {
  const root = document.createElement("section");
  root.className = "tillit";
  root.setAttribute("aria-label", "What you hand in");
  const lines = document.createElement("div");
  lines.className = "t-page";
  lines.setAttribute("role", "status");
  root.append(lines);
  el.append(root);

  const draw = () => {
    const focused = [...lines.querySelectorAll("button")].indexOf(document.activeElement);
    lines.replaceChildren(...model.get("files").map((file) => line(file, (name) => model.send({ download: name }))));
    lines.querySelectorAll("button")[focused]?.focus();
  };
  model.on("change:files", draw);
  model.on("msg:custom", save);
  draw();
  return () => {
    model.off("change:files", draw);
    model.off("msg:custom", save);
  };
}

/** One file. Where it is not there yet, the same button has the kernel look once more. */
function line({ name, there, says }, ask) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "t-button t-primary";
  button.textContent = there ? `Download ${name}` : `Look for ${name} again`;
  button.addEventListener("click", () => ask(name));
  const words = document.createElement("span");
  words.className = "t-muted";
  words.textContent = ` ${says}`;
  const row = document.createElement("p");
  row.append(button, words);
  return row;
}

function save({ name, text }) {
  const address = URL.createObjectURL(new Blob([text], { type: "application/octet-stream" }));
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}
