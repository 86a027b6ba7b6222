/**
 * Says of each exercise on a page what this browser has of it, and lets a learner begin on a newer version.
 *
 * JupyterLite keeps what was written in a database of the browser, and shows that instead of what the site has: a newer
 * version of a notebook would never be seen. Keeping a learner's copy beside it means to give its files other paths, all
 * at once or not at all.
 */
const BEGUN = "Your work on it is in this browser, and the notebook opens where you left it.";
const NEWER =
  "There is a newer version of this exercise than the one you began on in this browser. Nothing of yours is lost, and " +
  "the notebook opens with your work in it. But what you hand in is marked by the newer version. You can keep yours " +
  "beside it and begin on the new one; if the notebook is open in another tab, close that first.";
const KEEP = "Keep mine beside it, and begin on the new one";
const KEPT = "Your work is kept, and the notebook above is the new one.";
const NOT_KEPT = "That did not work, and nothing was changed. Close other tabs of this course, and try again.";

for (const place of document.querySelectorAll(".tillit-exercise")) {
  addEventListener("pageshow", () => tell(place)); // also for whoever comes back from the notebook
}

/** Show what there is of this exercise, and what can be done about it. */
async function tell(place, said = null) {
  const { name, folder } = place.dataset;
  const files = await stored();
  const mine = [...files.values()].filter((file) => file.path.startsWith(`${name}/`) && file.type !== "directory");
  const kept = [...files.keys()].filter((path) => path.startsWith(`${name}-kept-`) && path.endsWith(".ipynb"));
  const older = isOlder(mine, place.dataset);
  const words = said ?? (mine.length ? (older ? NEWER : BEGUN) : "");
  place.querySelector("[role=status]").textContent = words;
  const button = element("button", KEEP, { type: "button" });
  button.addEventListener("click", () => putAside(name).then(() => tell(place, KEPT), () => tell(place, NOT_KEPT)));
  const links = kept.sort().map((path) => {
    const address = `${folder}/notebooks/index.html?path=${encodeURIComponent(path)}`;
    return element("a", `Open what you kept: ${path}`, { href: address });
  });
  place.querySelector(".tillit-exercise-mine").replaceChildren(...(older ? [button] : []), ...links.map(paragraph));
}

/** Whether any of these files belongs to another version than the site has now. */
function isOlder(mine, { version, scenarios }) {
  const notebooks = mine.filter(({ type }) => type === "notebook");
  const plays = mine.filter(({ path }) => path.endsWith(".play"));
  const other = (mark, now) => mark !== undefined && !now.includes(mark);
  return (
    notebooks.some(({ content }) => other(content.metadata?.tillit?.version, [version])) ||
    plays.some((play) => other(contentOfPlay(play), scenarios.split(" ")))
  );
}

/** The version of the scenario that a play was made with, which stands in its first line. */
function contentOfPlay({ content, format }) {
  try {
    return JSON.parse((format === "base64" ? atob(content) : content).split("\n")[0]).content;
  } catch {
    return undefined; // the notebook says what is wrong with it
  }
}

/** Give every file of this exercise a path in a folder that does not exist yet. */
async function putAside(name) {
  const taken = await stored();
  let number = 1;
  while ([...taken.keys()].some((path) => path.split("/")[0] === `${name}-kept-${number}`)) number += 1;
  const folder = `${name}-kept-${number}`;
  await inFiles("readwrite", (files) => {
    const now = new Date().toISOString();
    const as = { created: now, last_modified: now, writable: true, size: 0, format: "json", mimetype: "", content: null };
    files.put({ ...as, name: folder, path: folder, type: "directory" }, folder);
    for (const [path, file] of taken) {
      if (!path.startsWith(`${name}/`)) continue;
      const moved = folder + path.slice(name.length);
      files.put({ ...file, path: moved }, moved);
      files.delete(path);
    }
  });
}

/** All that JupyterLite has stored, by path. */
async function stored() {
  const found = new Map();
  await inFiles("readonly", (files) => {
    files.openCursor().onsuccess = ({ target: { result: cursor } }) => {
      if (!cursor) return;
      found.set(cursor.key, cursor.value);
      cursor.continue();
    };
  });
  return found;
}

/** Do something with JupyterLite's files in one transaction. Where it has stored nothing yet, nothing is done or made. */
async function inFiles(mode, work) {
  const { store } = document.querySelector(".tillit-exercise").dataset;
  const databases = await indexedDB.databases();
  if (!databases.some(({ name }) => name === store)) return;
  const database = await new Promise((resolve, reject) => {
    const request = indexedDB.open(store);
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  try {
    if (!database.objectStoreNames.contains("files")) return;
    await new Promise((resolve, reject) => {
      const transaction = database.transaction("files", mode);
      transaction.oncomplete = resolve;
      transaction.onerror = transaction.onabort = () => reject(transaction.error);
      work(transaction.objectStore("files"));
    });
  } finally {
    database.close();
  }
}

function element(tag, text, attributes) {
  const made = Object.assign(document.createElement(tag), attributes);
  made.textContent = text;
  return made;
}

function paragraph(content) {
  const made = document.createElement("p");
  made.append(content);
  return made;
}
