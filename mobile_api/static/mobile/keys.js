// The device's key: made here, kept here (IndexedDB), never sent. One for each person on this phone.
import { concat, hex, utf8 } from "../ledger/verify/bytes.js";
import { leadsTo } from "../ledger/verify/handover.js";
import { sha256 } from "../ledger/verify/platform.js";
import * as db from "./db.js";
import { generate } from "./device-key.js";

/** The name of a key in the ledger: the first 128 bits of a hash of it (ledger/core/keys.py). */
export async function keyId(publicKey) {
  return hex(await sha256(concat(utf8("lease-key/1\n"), publicKey))).slice(0, 32);
}

/** The stored device of a person: {kid, key, label, logId, logKey} or undefined. */
export const storedDevice = (person) => db.get("device", person);

/** Make and keep a new key; an older one of this person on this phone is forgotten. */
export async function makeDevice(person, label) {
  const key = await generate();
  const device = { kid: await keyId(key.publicKey), key, label };
  await db.put("device", person, device);
  return device;
}

/**
 * Remember which log this device writes to, and pin the key that signs its checkpoints. Another key
 * is taken only where the pinned one handed over to it.
 */
export async function rememberLog(person, device, answer) {
  const { log_id: logId, log_key: logKey, log_key_handovers: handovers = [] } = answer;
  const { unlock_version: unlockVersion } = answer;
  if (device.logKey && !(await leadsTo(device.logKey, logKey, handovers).catch(() => false)))
    throw new Error("log-key-changed");
  const known = { ...device, logId, logKey, unlockVersion };
  await db.put("device", person, known);
  return known;
}

export const forgetDevice = (person) => db.remove("device", person);
