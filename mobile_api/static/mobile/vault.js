// The lock of this phone, one for each person: how the content key is wrapped, and the key while it is open.
import * as db from "./db.js";
import * as sealing from "./sealing.js";

export const MAX_WRONG = 10;
export const DEFAULT_MINUTES = 5;
const SALT_SIZE = 16;

/** The content is sealed and nobody unlocked it on this page. */
export class Locked extends Error {}

/** A PIN that opens nothing; `left` more may be tried. */
export class WrongPin extends Error {
  constructor(left) {
    super("wrong PIN");
    this.left = left;
  }
}

let held = null; // {person, key}; the key cannot be exported, and is nowhere else

export const lockOf = (person) => db.get("locks", person);
export const isOpen = (person) => held !== null && held.person === person;
export const forget = () => {
  held = null;
};

/** The content key of the person who unlocked; throws Locked. */
export function contentKey(person) {
  if (!isOpen(person)) throw new Locked("locked");
  return held.key;
}

const place = (person, way) => ["content key", person, way];

async function byPin(lock, person, pin) {
  const bits = await sealing.stretch(pin, lock.salt, lock.iterations);
  return sealing.wrappingKey(lock.deviceKey, bits, place(person, "pin"));
}

const byServer = (lock, person, secret) =>
  sealing.wrappingKey(lock.deviceKey, secret, place(person, "server"));

const wrapFor = async (lock, person, key, given) => ({
  kid: given.kid,
  version: given.version,
  ...(await sealing.wrap(key, await byServer(lock, person, given.secret), place(person, "server"))),
});

/** Wrap a content key by a new PIN: the members of the lock that change together. */
async function pinned(lock, person, key, pin, iterations) {
  const fresh = { ...lock, salt: sealing.random(SALT_SIZE), iterations };
  const by = await byPin(fresh, person, pin);
  const wrapped = await sealing.wrap(key, by, place(person, "pin"));
  return { salt: fresh.salt, iterations, pin: wrapped, wrong: 0, by };
}

async function open(person, pin, by) {
  held = { person, key: await sealing.unwrap(pin, by, place(person, "pin")) };
}

/**
 * The first lock of a person here, with a content key of its own. `given` is the server's secret:
 * {kid, version, secret}. A lock that another tab made meanwhile stays (ConstraintError).
 */
export async function create(person, pin, given, iterations = sealing.ITERATIONS) {
  const lock = { deviceKey: await sealing.newDeviceKey(), minutes: DEFAULT_MINUTES };
  const key = await sealing.newContentKey();
  const { by, ...members } = await pinned(lock, person, key, pin, iterations);
  const server = await wrapFor(lock, person, key, given);
  await db.add("locks", person, { ...lock, ...members, server, unlockedAt: Date.now() });
  await open(person, members.pin, by);
}

/** Counted before it is tried, so that killing the page wins no try. */
async function tried(person, pin) {
  const counted = await db.update("locks", person, (lock) => ({ ...lock, wrong: lock.wrong + 1 }));
  if (counted.wrong > MAX_WRONG) {
    await db.update("locks", person, (lock) => ({ ...lock, wrong: MAX_WRONG }));
    throw new WrongPin(0);
  }
  const by = await byPin(counted, person, pin);
  try {
    await open(person, counted.pin, by);
  } catch (error) {
    if (error instanceof sealing.Unopened) throw new WrongPin(MAX_WRONG - counted.wrong);
    throw error;
  }
  await db.update("locks", person, (lock) => ({ ...lock, wrong: 0 }));
  return { lock: counted, by };
}

const extractable = ({ lock, by }, person) =>
  sealing.unwrap(lock.pin, by, place(person, "pin"), true);

/**
 * Open by the PIN; throws WrongPin. Answers {lock as it was, renew}: `renew(given)` wraps the content
 * key by a new secret of the server.
 */
export async function unlock(person, pin) {
  const opened = await tried(person, pin);
  await db.update("locks", person, (lock) => ({ ...lock, unlockedAt: Date.now() }));
  const renew = async (given) => {
    const server = await wrapFor(opened.lock, person, await extractable(opened, person), given);
    await db.update("locks", person, (lock) => ({ ...lock, server }));
  };
  return { lock: opened.lock, renew };
}

/** Another PIN, by who knows the present one; throws WrongPin. */
export async function changePin(person, current, next, iterations = sealing.ITERATIONS) {
  const opened = await tried(person, current);
  await rewrap(person, opened.lock, await extractable(opened, person), next, iterations);
}

/**
 * Open by the server's secret, where the PIN is forgotten; throws Unopened. Nothing is open yet:
 * the function that it answers takes a new PIN and opens.
 */
export async function recover(person, secret) {
  const lock = await lockOf(person);
  const by = await byServer(lock, person, secret);
  const key = await sealing.unwrap(lock.server, by, place(person, "server"), true);
  return async (pin, iterations = sealing.ITERATIONS) => {
    const { by: fresh, pin: wrapped } = await rewrap(person, lock, key, pin, iterations);
    await open(person, wrapped, fresh);
  };
}

async function rewrap(person, lock, key, pin, iterations) {
  const { by, ...members } = await pinned(lock, person, key, pin, iterations);
  await db.update("locks", person, (now) => ({ ...now, ...members, unlockedAt: Date.now() }));
  return { by, pin: members.pin };
}

/** The server knows who this is and cannot open it: the PIN may be tried once more. */
export const allowTries = (person) => db.update("locks", person, (lock) => ({ ...lock, wrong: 0 }));
export const setMinutes = (person, minutes) =>
  db.update("locks", person, (lock) => ({ ...lock, minutes }));

/** When somebody else unlocked this phone after `since`: milliseconds, or null. */
export async function othersSince(person, since) {
  const others = (await db.keys("locks")).filter((key) => key !== person);
  const times = await Promise.all(others.map(async (other) => (await lockOf(other)).unlockedAt));
  const last = Math.max(0, ...times);
  return last > since ? last : null;
}
