// Records signed on this phone. Each is kept from the moment it is signed, so that nothing is lost
// when the network fails: signed → sent → proved, or refused with the server's reasons.
// Everything of it is sealed (sealed-rows.js): who calls has unlocked.
import * as api from "./api.js";
import { APPLICATION, LEASE, verifyErasure, verifyReceipt } from "./record.js";
import * as rows from "./sealed-rows.js";

/** Answers about the record itself; anything else (signed out, server down) is tried again. */
const FINAL = [400, 409, 413, 422];
const ASKED_AT_ONCE = 500;
const PAUSES_MS = [0, 100, 250, 500, 1000, 2000];

const WAITING = ["signed", "sent"];

/** What of a record stands in clear: its order in the queue, and whether it waits to be sent. */
const clearOf = (record) => ({ order: record.body.ts, waits: WAITING.includes(record.state) ? 1 : 0 });

/** The records of a person, newest first, and the ids of those whose seal does not hold. */
export async function list(person) {
  const { values, unopened } = await rows.all("records", person);
  return { records: values.reverse(), unopened };
}
const records = async (person) => (await list(person)).records;
export const record = (rid) => rows.get("records", rid);
async function save(record, photo) {
  const clear = { person: record.person, ...clearOf(record) };
  await rows.put("records", record.body.rid, clear, record, photo);
  return record;
}

/** Rows of before there was a lock. */
export const sealOld = (person) =>
  rows.sealOld(person, (store, value) => (store === "records" ? clearOf(value) : NO_ORDER));

/** What a record is; one kept before there were quotes is a lease. */
export const kindOf = (record) => record.kind ?? LEASE;
/** Whether a record was written in the lease form: what is wrong with it is mended there. */
export const isFormed = (record) => [LEASE, APPLICATION].includes(kindOf(record));
/** Keep a signed record (and its photo) before anything is sent; `typed`: what stood in the form. */
export const keep = (body, photo, person, kind = LEASE, typed = undefined) =>
  save({ body, person, kind, typed, state: "signed" }, photo);
/** A refused record as it was signed, to be sent once more: its device may be approved by now. */
export const again = (record) => save({ ...record, state: "signed", refusal: undefined });
/** What broke a rule and took place all the same: sent once more, owned up to. */
export const ownUp = (record) =>
  save({ ...record, body: { ...record.body, confirmed: ["breaches"] }, state: "signed", refusal: undefined });
export const discard = (rid) => rows.remove("records", rid);

/**
 * Send what is signed and fetch what is sent: answers the record in its new state. One that the
 * server took and does not know any more, as after a restored backup, is sent once more.
 */
export async function advance(record, device) {
  let current = record;
  if (current.state === "signed") current = await send(current);
  if (current.state !== "sent") return current;
  try {
    return await prove(current, device);
  } catch (error) {
    if (error.code !== "record_unknown" || record.state === "signed") throw error;
    return advance(await save({ ...current, state: "signed", pending: false }), device);
  }
}

async function send(record) {
  try {
    const photo = await rows.photoOf("records", record.body.rid);
    if (photo) await api.upload(photo);
    const { index, state } = await api.submit(kindOf(record), record.body);
    const sent = { ...record, state: "sent", index, refusal: undefined };
    return save({ ...sent, pending: state === "pending" });
  } catch (error) {
    if (!(error instanceof api.Refusal) || !FINAL.includes(error.status)) throw error;
    const { title, detail, mend, code, errors } = error;
    return save({ ...record, state: "refused", refusal: { title, detail, mend, code, errors } });
  }
}

/** The receipt; while the record waits for its place in the ledger it is asked for again. */
async function receiptOf(record) {
  for (const pause of PAUSES_MS) {
    await new Promise((resume) => setTimeout(resume, pause));
    const receipt = await api.receipt(kindOf(record), record.body.rid, record.body.ts);
    if (receipt.state !== "pending") return receipt;
  }
  return null;
}

async function prove(record, device) {
  const receipt = await receiptOf(record);
  if (receipt === null) return save({ ...record, pending: true }); // asked for at the next flush
  const proved = await verifyReceipt(device, record.body, receipt, kindOf(record));
  const kept = { ...record, state: "proved", pending: false, index: receipt.index, receipt, proved };
  return save(kept, null); // until now the photo may have had to be sent once more
}

/** Try everything that waits; stops quietly when there is no network, and not where the server says why. */
export async function flush(device, person) {
  for (const record of await records(person)) {
    if (!WAITING.includes(record.state)) continue;
    try {
      await advance(record, device);
    } catch (error) {
      if (error instanceof api.Offline && !error.problem) return;
      throw error;
    }
  }
}

/** Ask which proved records were erased, and forget their contents: the proofs stay. */
export async function forgetErased(device, person) {
  const held = (await records(person)).filter((one) => one.state === "proved");
  if (held.length === 0) return;
  const byRid = new Map(held.map((one) => [one.body.rid, one]));
  const rids = [...byRid.keys()];
  for (let at = 0; at < rids.length; at += ASKED_AT_ONCE)
    for (const told of await api.erased(rids.slice(at, at + ASKED_AT_ONCE))) {
      const one = byRid.get(told.rid);
      // of an application another version than the one that is kept here
      if (one.kind === APPLICATION && told.fields.entry !== String(one.proved.index)) continue;
      await forget(one, told, device);
    }
}

/** Only where the log itself says so: a server's word alone destroys nothing here. */
async function forget(record, told, device) {
  const toldBy = await verifyErasure(device, record.proved.index, told);
  const { rid, device: kid, ts } = record.body;
  const { person, index, receipt, proved, kind } = record;
  const erased = { by: String(toldBy), receipt: told.receipt };
  await save({ body: { rid, device: kid, ts }, person, kind, index, receipt, proved, erased, state: "erased" });
}

// The form as it was left: one draft for each person; `quote:` before it, the calculator's, `work:`,
// the work list as it was told last, and `applications:`, the applications.
const NO_ORDER = { order: "", waits: 0 };
export const hasDraft = (key) => rows.has("drafts", key);
export async function draft(key) {
  const values = await rows.get("drafts", key);
  return values && { ...values, photo: await rows.photoOf("drafts", key) };
}
export const saveDraft = (key, { photo = null, ...values }) =>
  rows.put("drafts", key, { person: rows.ownerOf(key), ...NO_ORDER }, values, photo);
/** What the server answers, kept under `key`; without a network what it answered last, else null. */
export async function toldLast(key, ask) {
  try {
    const told = await ask();
    await saveDraft(key, told);
    return told;
  } catch (error) {
    if (!(error instanceof api.Offline)) throw error;
    return (await draft(key)) ?? null;
  }
}
export const dropDraft = (key) => rows.remove("drafts", key);
