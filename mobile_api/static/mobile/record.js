// A signed record: what the device signs, and how it checks what the ledger made of it.
import { b64, unb64, utf8 } from "../ledger/verify/bytes.js";
import { canonicalBytes, canonicalText, parseCanonical } from "../ledger/verify/canonical.js";
import { leafHash, verifyInclusion } from "../ledger/verify/merkle.js";
import { openCheckpoint, parseVerifierKey } from "../ledger/verify/note.js";
import { sign } from "./device-key.js";
import { drawSalts, fieldsRoot } from "./fields.js";

export const VERSION = "lease-leaf/1";
export const LEASE = "lease.recorded";
export const APPLICATION = "application.recorded";
export const QUOTE = "quote.recorded";
export const CONTACT = "contact.recorded";

/** Now, as the ledger writes instants: microseconds, of which a browser knows the first three digits. */
export const stamp = (date = new Date()) => date.toISOString().replace("Z", "000Z");

/** The members that are signed; `root` is bytes. */
export function coreOf({ kind, rid, logId, kid, ts, root }) {
  return {
    v: VERSION,
    type: kind,
    rid,
    tenant_log: logId,
    device: kid,
    ts,
    fields_root: b64(root),
  };
}

/** Draw salts and the root for `fields`; nothing is signed yet, so the person can look at it first. */
export async function prepare(
  device,
  fields,
  { kind = LEASE, rid = crypto.randomUUID(), ts = stamp(), salts = drawSalts(fields) } = {},
) {
  const core = coreOf({
    kind,
    rid,
    logId: device.logId,
    kid: device.kid,
    ts,
    root: await fieldsRoot(fields, salts),
  });
  return { core, fields, salts, text: canonicalText(core) };
}

/** Sign a prepared record: the body that is sent to the server. */
export async function signRecord(device, { core, fields, salts }) {
  const signature = await sign(device.key, canonicalBytes(core));
  const texts = Object.fromEntries(Object.entries(salts).map(([name, salt]) => [name, b64(salt)]));
  return {
    rid: core.rid,
    device: core.device,
    ts: core.ts,
    fields,
    salts: texts,
    dev_sig: b64(signature),
  };
}

export const ERASED = "payload.erased";

/**
 * Check that the log says that entry `index` was erased: the fields of the entry that says so are
 * under its leaf, and the log signed that. Answers the index of that entry; throws otherwise.
 */
export async function verifyErasure(device, index, { fields, salts, receipt }) {
  const bytes = Object.entries(salts).map(([name, salt]) => [name, unb64(salt)]);
  const root = b64(await fieldsRoot(fields, Object.fromEntries(bytes)));
  const entry = parseCanonical(unb64(receipt.leaf));
  const expected = { type: ERASED, tenant_log: device.logId, fields_root: root };
  for (const [name, value] of Object.entries(expected))
    if (entry[name] !== value) throw new Error(`the erasure says something else about ${name}`);
  if (fields.entry !== String(index)) throw new Error("another entry was erased");
  return (await verifyPlace(device, receipt)).index;
}

/** The leaf's way to the root that the log signed; throws where a step or the signature fails. */
async function verifyPlace(device, receipt) {
  const logKey = await parseVerifierKey(device.logKey);
  const checkpoint = await openCheckpoint(utf8(receipt.checkpoint), logKey);
  const index = BigInt(receipt.index);
  const leaf = await leafHash(unb64(receipt.leaf));
  const proof = receipt.proof.map((text) => unb64(text, 32));
  const { size, origin, root } = checkpoint;
  return { index, size, origin, leaf, root, steps: await verifyInclusion(index, size, leaf, proof, root) };
}

/**
 * Check a receipt against what this phone signed: the leaf is ours, the proof leads from it to the
 * root, and the log signed that root. Answers {index, size, origin, leaf, root, steps}; throws otherwise.
 */
export async function verifyReceipt(device, sent, receipt, kind = LEASE) {
  const entry = parseCanonical(unb64(receipt.leaf));
  const root = await fieldsRoot(
    sent.fields,
    Object.fromEntries(Object.entries(sent.salts).map(([name, salt]) => [name, unb64(salt)])),
  );
  const expected = coreOf({
    kind,
    rid: sent.rid,
    logId: device.logId,
    kid: sent.device,
    ts: sent.ts,
    root,
  });
  for (const [name, value] of Object.entries({ ...expected, dev_sig: sent.dev_sig })) {
    if (entry[name] !== value) throw new Error(`the leaf says something else about ${name}`);
  }
  return verifyPlace(device, receipt);
}
