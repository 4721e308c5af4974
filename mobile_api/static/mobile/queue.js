// Records signed on this phone. Each is kept from the moment it is signed, so that nothing is lost
// when the network fails: signed → sent → proved, or refused with the server's reasons.
import * as api from "./api.js";
import * as db from "./db.js";
import { LEASE, verifyErasure, verifyReceipt } from "./record.js";

/** Answers about the record itself; anything else (signed out, server down) is tried again. */
const FINAL = [400, 409, 413, 422];
const ASKED_AT_ONCE = 500;
const PAUSES_MS = [0, 100, 250, 500, 1000, 2000];

export const records = async () =>
  (await db.all("records")).sort((a, b) => b.body.ts.localeCompare(a.body.ts));
export const record = (rid) => db.get("records", rid);
const save = (record) => db.put("records", record.body.rid, record).then(() => record);

/** What a record is; one kept before there were quotes is a lease. */
export const kindOf = (record) => record.kind ?? LEASE;
/** Keep a signed record (and its photo) before anything is sent. */
export const keep = (body, photo, person, kind = LEASE) =>
  save({ body, photo, person, kind, state: "signed" });
/** A refused record as it was signed, to be sent once more: its device may be approved by now. */
export const again = (record) => save({ ...record, state: "signed", refusal: undefined });
/** What broke a rule and took place all the same: sent once more, owned up to. */
export const ownUp = (record) =>
  save({ ...record, body: { ...record.body, confirmed: ["breaches"] }, state: "signed", refusal: undefined });
export const discard = (rid) => db.remove("records", rid);

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
    if (record.photo) await api.upload(record.photo);
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
    const receipt = await api.receipt(kindOf(record), record.body.rid);
    if (receipt.state !== "pending") return receipt;
  }
  return null;
}

async function prove(record, device) {
  const receipt = await receiptOf(record);
  if (receipt === null) return save({ ...record, pending: true }); // asked for at the next flush
  const proved = await verifyReceipt(device, record.body, receipt, kindOf(record));
  const { photo, ...kept } = record; // until now it may have had to be sent once more
  return save({ ...kept, state: "proved", pending: false, index: receipt.index, receipt, proved });
}

/** Try everything that waits; stops quietly when there is no network, and not where the server says why. */
export async function flush(device, person) {
  for (const record of await records()) {
    if (record.person !== person || !["signed", "sent"].includes(record.state)) continue;
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
  const held = (await records()).filter((one) => one.person === person && one.state === "proved");
  if (held.length === 0) return;
  const byRid = new Map(held.map((one) => [one.body.rid, one]));
  const rids = [...byRid.keys()];
  for (let at = 0; at < rids.length; at += ASKED_AT_ONCE)
    for (const told of await api.erased(rids.slice(at, at + ASKED_AT_ONCE)))
      await forget(byRid.get(told.rid), told, device);
}

/** Only where the log itself says so: a server's word alone destroys nothing here. */
async function forget(record, told, device) {
  const toldBy = await verifyErasure(device, record.proved.index, told);
  const { rid, device: kid, ts } = record.body;
  const { person, index, receipt, proved, kind } = record;
  const erased = { by: String(toldBy), receipt: told.receipt };
  await save({ body: { rid, device: kid, ts }, person, kind, index, receipt, proved, erased, state: "erased" });
}

// The form as it was left: one draft for each person.
export const draft = (person) => db.get("drafts", person);
export const saveDraft = (person, values) => db.put("drafts", person, values);
export const dropDraft = (person) => db.remove("drafts", person);
