// Records, drafts and their photos in IndexedDB, sealed. In clear stand only: the row's key, the person,
// the order, and whether it waits to be sent. All of it is bound to the seal of the row.
import * as db from "./db.js";
import { pack, unpack } from "./packing.js";
import { seal, Unopened, unseal } from "./sealing.js";
import { contentKey } from "./vault.js";

const STORES = ["records", "drafts"];
const photoKey = (store, id) => `${store}/${id}`;
const placeOf = (store, id, { person, order, waits }) => [store, id, person, order, String(waits)];
const isSealed = (row) => row.content !== undefined;
/** Whose a draft is: its key is the person, or `what:person`. */
export const ownerOf = (key) => key.replace(/^[a-z]+:/, "");
/** Whose a row of before is. */
const personOf = (store, id, row) => (store === "drafts" ? ownerOf(id) : row.person);

let last = Promise.resolve();

/** Writes come one after the other: what was begun first is not written over what came later. */
function inTurn(act) {
  const turn = last.then(act);
  last = turn.catch(() => {});
  return turn;
}

async function sealedRow(store, id, clear, value) {
  const content = await seal(contentKey(clear.person), await pack(value), placeOf(store, id, clear));
  return { ...clear, content };
}

async function sealedPhoto(store, id, person, photo) {
  const place = ["photos", photoKey(store, id), person];
  return { person, content: await seal(contentKey(person), await pack(photo), place) };
}

async function rowsOf(store, id, clear, value, photo) {
  const rows = [[store, id, await sealedRow(store, id, clear, value)]];
  if (photo === null) rows.push(["photos", photoKey(store, id), undefined]);
  else if (photo) rows.push(["photos", photoKey(store, id), await sealedPhoto(store, id, clear.person, photo)]);
  return rows;
}

/**
 * Keep a value: `clear` is {person, order, waits}. The photo stays as it is where it is undefined,
 * and goes where it is null.
 */
export const put = (store, id, clear, value, photo) =>
  inTurn(async () => db.write(await rowsOf(store, id, clear, value, photo)));

/** The value of a row, without its photo; undefined where there is none. */
export async function get(store, id) {
  const row = await db.get(store, id);
  return row && open(store, id, row);
}

const open = async (store, id, row) =>
  unpack(await unseal(contentKey(row.person), row.content, placeOf(store, id, row)));

export async function photoOf(store, id) {
  const key = photoKey(store, id);
  const row = await db.get("photos", key);
  if (!row) return undefined;
  return unpack(await unseal(contentKey(row.person), row.content, ["photos", key, row.person]));
}

/**
 * {values, unopened}: every value of a person, oldest first. A row whose seal does not hold hides no
 * other: its key is among `unopened`.
 */
export async function all(store, person) {
  const [ids, rows] = await Promise.all([db.keys(store), db.all(store)]);
  const mine = rows.map((row, i) => ({ row, id: ids[i] })).filter(({ row }) => row.person === person);
  mine.sort((a, b) => a.row.order.localeCompare(b.row.order));
  const found = { values: [], unopened: [] };
  for (const { row, id } of mine)
    try {
      found.values.push(await open(store, id, row));
    } catch (error) {
      if (!(error instanceof Unopened)) throw error;
      found.unopened.push(id);
    }
  return found;
}

export const has = async (store, id) => (await db.get(store, id)) !== undefined;

export const remove = (store, id) =>
  inTurn(() =>
    db.write([
      [store, id, undefined],
      ["photos", photoKey(store, id), undefined],
    ]),
  );

/** How many records of a person wait to be sent; nothing needs to be open. */
export const countWaiting = (person) => db.count("records", "waiting", [person, 1]);

/** How many records of other people wait on this phone. */
export async function countOthers(person) {
  const people = (await db.keys("locks")).filter((other) => other !== person);
  const counts = await Promise.all(people.map(countWaiting));
  return counts.reduce((sum, count) => sum + count, 0);
}

/**
 * Seal the rows that were kept before there was a lock, one after the other: each is either as it was
 * or sealed, whenever the page is killed. `clearOf(store, value)` says what stays in clear.
 */
export async function sealOld(person, clearOf) {
  for (const store of STORES)
    for (const id of await db.keys(store)) {
      const row = await db.get(store, id);
      if (!row || isSealed(row) || personOf(store, id, row) !== person) continue;
      const { photo, ...value } = row;
      await put(store, id, { person, ...clearOf(store, value) }, value, photo);
    }
}

/** Everything of a person goes, the lock too: only where nothing can open it any more. */
export async function throwAway(person) {
  const rows = [["locks", person, undefined]];
  for (const store of [...STORES, "photos"])
    for (const id of await db.keys(store)) {
      const row = await db.get(store, id);
      if (row && (row.person ?? personOf(store, id, row)) === person) rows.push([store, id, undefined]);
    }
  await inTurn(() => db.write(rows));
}
