/**
 * Where plays are kept in this browser: IndexedDB, or localStorage where that is closed to the page.
 *
 * A record is `{scenario, content, play, edition, kept, waiting, turn}`: the id, the compiled scenario that the play was
 * made with and its fingerprint, the text of the play, earlier plays as `{name, text}`, what was chosen while Python was
 * still loading, and how often the record has been written. A record is only written over the turn that it was made
 * from: whoever finds another turn there has a second tab to thank, and is given what stands there instead.
 */

const NAME = "tillit";
const PLAYS = "plays";

/** A store with `read`, `write` and `erase`; null where the browser keeps nothing for this page. */
export async function openStore() {
  return (await openDatabase().then(inDatabase, () => null)) ?? inLocalStorage();
}

function openDatabase() {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(PLAYS, { keyPath: "scenario" });
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
    request.onblocked = () => reject(new Error("blocked"));
  });
}

function inDatabase(database) {
  // An erasing tab must not wait for this one.
  database.onversionchange = () => database.close();

  /** Run `work` on the plays in one transaction, and wait until it is on disk. */
  const within = (mode, work) =>
    new Promise((resolve, reject) => {
      const transaction = database.transaction(PLAYS, mode);
      let result;
      work(transaction.objectStore(PLAYS), (value) => { result = value; });
      transaction.oncomplete = () => resolve(result);
      transaction.onerror = transaction.onabort = () => reject(transaction.error);
    });

  return {
    read: (scenario) => within("readonly", (plays, give) => {
      plays.get(scenario).onsuccess = ({ target }) => give(target.result ?? null);
    }),
    write: (record) => within("readwrite", (plays, give) => {
      plays.get(record.scenario).onsuccess = ({ target }) => {
        const next = following(target.result ?? null, record);
        if (next.won) plays.put(next.record);
        give(next);
      };
    }),
    erase: () => within("readwrite", (plays) => plays.clear()),
  };
}

function inLocalStorage() {
  const key = (scenario) => `${NAME}:${scenario}`;
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
