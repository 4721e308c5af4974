// The leaf, version lease-leaf/1: what an entry hashes, and the part of it that was signed.
import { decimal, hashesOf, need, unb64 } from "./bytes.js";
import { canonicalBytes, hasNames, parseCanonical, textAt } from "./canonical.js";

const MAX_BYTES = 65535;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const CORE = ["v", "type", "rid", "tenant_log", "device", "ts", "fields_root"];
const ITEMS = ["items_root", "items_count"];

function uuidAt(members, name) {
  const text = textAt(members, name);
  need(UUID.test(text), "the member {0} is not a UUID in lower case", name);
  return text;
}

function rowOf(batch) {
  need(hasNames(batch, "rid", "index", "path"), "a row path is an index, a path and a rid");
  return {
    rid: uuidAt(batch, "rid"),
    index: decimal(textAt(batch, "index")),
    path: hashesOf(unb64(textAt(batch, "path"))),
  };
}

/** An entry's members, read strictly, and `core`: the bytes that were signed. */
export function parseLeaf(bytes) {
  need(bytes.length <= MAX_BYTES, "an entry has at most {0} bytes", MAX_BYTES);
  const members = parseCanonical(bytes);
  const withItems = "items_root" in members || "items_count" in members;
  const origin = "dev_sig" in members ? "dev_sig" : "batch";
  const names = [...CORE, ...(withItems ? ITEMS : []), "alg", "ct_sha256", "prev", origin];
  need(hasNames(members, ...names), "a member of the entry is missing or unknown");
  need(textAt(members, "v") === "lease-leaf/1", "the version is unknown");
  need(["A256GCM", "SM4GCM"].includes(textAt(members, "alg")), "the cipher is unknown");
  unb64(textAt(members, "ct_sha256"), 32);
  if (members.prev !== null) uuidAt(members, "prev");
  uuidAt(members, "rid");
  const signed = [...CORE, ...(withItems ? ITEMS : [])];
  return {
    type: textAt(members, "type"),
    rid: members.rid,
    log: textAt(members, "tenant_log"),
    device: textAt(members, "device"),
    ts: textAt(members, "ts"),
    fieldsRoot: unb64(textAt(members, "fields_root"), 32),
    itemsRoot: withItems ? unb64(textAt(members, "items_root"), 32) : null,
    itemsCount: withItems ? decimal(textAt(members, "items_count")) : 0n,
    signature: origin === "dev_sig" ? unb64(textAt(members, "dev_sig"), 64) : null,
    row: origin === "batch" ? rowOf(members.batch) : null,
    core: canonicalBytes(Object.fromEntries(signed.map((name) => [name, members[name]]))),
  };
}

/** Whether later entries may rest on this one: it tells of a key, or is a signed tape. */
export const isLandmark = (leaf) => tellsOfKey(leaf) || isTape(leaf);

export const tellsOfKey = (leaf) =>
  ["device.enrolled", "device.approved", "device.revoked", "log.key_rotated"].includes(leaf.type);

/** Whether the log's own key changes here. */
export const handsOver = (leaf) => leaf.type === "log.key_rotated";

export const isTape = (leaf) =>
  leaf.type === "tape.imported" && leaf.itemsRoot !== null && leaf.row === null;
