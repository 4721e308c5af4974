// One small IndexedDB database: the device key, the drafts, the records signed on this phone.
const NAME = "lease-ledger";
const STORES = ["device", "drafts", "records"];
let opening;

function open() {
  opening ??= new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, 1);
    request.onupgradeneeded = () =>
      STORES.forEach((store) => request.result.createObjectStore(store));
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  return opening;
}

async function run(store, mode, act) {
  const transaction = (await open()).transaction(store, mode, { durability: "strict" });
  const request = act(transaction.objectStore(store));
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve(request.result);
    transaction.onerror = transaction.onabort = () => reject(transaction.error);
  });
}

export const get = (store, key) => run(store, "readonly", (table) => table.get(key));
export const all = (store) => run(store, "readonly", (table) => table.getAll());
export const put = (store, key, value) => run(store, "readwrite", (table) => table.put(value, key));
export const remove = (store, key) => run(store, "readwrite", (table) => table.delete(key));
