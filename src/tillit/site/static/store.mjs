/**
 * Where plays are kept in this browser: IndexedDB, or localStorage where that is closed to the page.
 *
 * A record is `{scenario, edition, play, view, kept, waiting, turn}`: the id, the fingerprint of the content that the
 * play was made with, the text of the play, the view that was shown last, earlier plays as `{name, edition, text}`, what
 * was chosen while Python was still loading, and how often the record has been written. A record is only written over
 * the turn that it was made from: whoever finds another turn there has a second tab to thank, and is given what stands
 * there instead.
 *
 * An edition is a compiled scenario, as text, under its fingerprint. It is kept as long as anything is, so that a play
 * always finds the content it was made with.
 */

const NAME = "tillit";
const VERSION = 2;
const PLAYS = "plays";
const EDITIONS = "editions";

/** A store with `read`, `write`, `edition`, `keepEdition` and `erase`; null where the browser keeps nothing for this page. */
export async function openStore() {
  return (await openDatabase().then(inDatabase, () => null)) ?? inLocalStorage();
}

function openDatabase() {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, VERSION);
    request.onupgradeneeded = ({ oldVersion }) => {
      if (oldVersion < 1) request.result.createObjectStore(PLAYS, { keyPath: "scenario" });
      request.result.createObjectStore(EDITIONS);
    };
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
    request.onblocked = () => reject(new Error("blocked"));
  });
}

function inDatabase(database) {
  // An erasing tab must not wait for this one.
  database.onversionchange = () => database.close();

  /** Run `work` on some of what is kept in one transaction, and wait until it is on disk. */
  const within = (mode, names, work) =>
    new Promise((resolve, reject) => {
      const transaction = database.transaction(names, mode);
      let result;
      work((name) => transaction.objectStore(name), (value) => { result = value; });
      transaction.oncomplete = () => resolve(result);
      transaction.onerror = transaction.onabort = () => reject(transaction.error);
    });

  return {
    read: (scenario) => within("readonly", [PLAYS], (kept, give) => {
      kept(PLAYS).get(scenario).onsuccess = ({ target }) => give(target.result ?? null);
    }),
    write: (record) => within("readwrite", [PLAYS], (kept, give) => {
      kept(PLAYS).get(record.scenario).onsuccess = ({ target }) => {
        const next = following(target.result ?? null, record);
        if (next.won) kept(PLAYS).put(next.record);
        give(next);
      };
    }),
    edition: (name) => within("readonly", [EDITIONS], (kept, give) => {
      kept(EDITIONS).get(name).onsuccess = ({ target }) => give(target.result ?? null);
    }),
    keepEdition: (name, text) => within("readwrite", [EDITIONS], (kept) => kept(EDITIONS).put(text, name)),
    erase: () => within("readwrite", [PLAYS, EDITIONS], (kept) => {
      kept(PLAYS).clear();
      kept(EDITIONS).clear();
    }),
  };
}

function inLocalStorage() {
  const key = (scenario) => `${NAME}:${scenario}`;
  const editionKey = (name) => key(`${EDITIONS}:${name}`);
  const read = (scenario) => JSON.parse(localStorage.getItem(key(scenario)));
  try {
    localStorage.setItem(key(""), "");
    localStorage.removeItem(key(""));
  } catch {
    return null;
  }
  return {
    read: async (scenario) => read(scenario),
    write: async (record) => {
      const next = following(read(record.scenario), record);
      if (next.won) localStorage.setItem(key(record.scenario), JSON.stringify(next.record));
      return next;
    },
    edition: async (name) => localStorage.getItem(editionKey(name)),
    keepEdition: async (name, text) => localStorage.setItem(editionKey(name), text),
    erase: async () => {
      for (const name of Object.keys(localStorage)) if (name.startsWith(key(""))) localStorage.removeItem(name);
    },
  };
}

/** What stands there after a write: the record with the next turn, or what another tab has written meanwhile. */
function following(there, record) {
  if ((there?.turn ?? 0) !== record.turn) return { won: false, record: there };
  return { won: true, record: { ...record, turn: record.turn + 1 } };
}
