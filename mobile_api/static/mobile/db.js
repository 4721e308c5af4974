// One small IndexedDB database: the device keys, the locks, and the sealed records, drafts and photos.
const NAME = "lease-ledger";
const VERSION = 2;
const STORES = ["device", "drafts", "records", "locks", "photos"];
let opening;

function upgrade(request) {
  const { result: database, transaction } = request;
  for (const store of STORES)
    if (!database.objectStoreNames.contains(store)) database.createObjectStore(store);
  transaction.objectStore("records").createIndex("waiting", ["person", "waits"]);
}

function open() {
  opening ??= new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, VERSION);
    request.onupgradeneeded = () => upgrade(request);
    request.onblocked = () => reject(Object.assign(new Error("other tab"), { code: "other_tab" }));
    request.onerror = () => reject(request.error);
    request.onsuccess = () => {
      request.result.onversionchange = () => request.result.close(); // a later page may go on
      resolve(request.result);
    };
  });
  return opening;
}

/** Run `act(table of …)` in one transaction, all or nothing; answers the result of the request that it returns. */
async function run(stores, mode, act) {
  const transaction = (await open()).transaction(stores, mode, { durability: "strict" });
  const request = act((store) => transaction.objectStore(store));
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve(request?.result);
    transaction.onerror = transaction.onabort = () => reject(transaction.error ?? request?.error);
  });
}

export const get = (store, key) => run(store, "readonly", (of) => of(store).get(key));
export const all = (store) => run(store, "readonly", (of) => of(store).getAll());
export const keys = (store) => run(store, "readonly", (of) => of(store).getAllKeys());
export const put = (store, key, value) => run(store, "readwrite", (of) => of(store).put(value, key));
/** Only where there is none; fails with ConstraintError otherwise. */
export const add = (store, key, value) => run(store, "readwrite", (of) => of(store).add(value, key));
export const remove = (store, key) => run(store, "readwrite", (of) => of(store).delete(key));
export const count = (store, index, key) =>
  run(store, "readonly", (of) => of(store).index(index).count(key));

/** Write [store, key, value] together; a value that is undefined deletes. */
export const write = (rows) =>
  run([...new Set(rows.map(([store]) => store))], "readwrite", (of) => {
    for (const [store, key, value] of rows)
      value === undefined ? of(store).delete(key) : of(store).put(value, key);
  });

/** Change one row as it stands at this moment; answers what it became. */
export async function update(store, key, change) {
  let changed;
  await run(store, "readwrite", (of) => {
    const reading = of(store).get(key);
    reading.onsuccess = () => {
      changed = change(reading.result);
      of(store).put(changed, key);
    };
  });
  return changed;
}
