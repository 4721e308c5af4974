// A disclosure file, lease-disclosure/1: some fields of one entry and all that proves them.
// docs/disclosure-format.md; the same checks, in the same order, as ledger/verifier/disclosure.py.
import { Refusal, decimal, hashesOf, need, unb64, utf8 } from "./bytes.js";
import { Lie } from "./bundle.js";
import { canonicalBytes, hasNames, isMapping, textAt } from "./canonical.js";
import { beginsDisclosure, isCut, parseWhole } from "./cut.js";
import { verifyEd25519 } from "./ed25519.js";
import { KeyRing } from "./keyring.js";
import { handsOver, isTape, parseLeaf, tellsOfKey } from "./leaf.js";
import { leafHash, verifyInclusion } from "./merkle.js";
import { checkTrusted, openCheckpoint, parseVerifierKey } from "./note.js";
import { parseProof } from "./proof.js";
import { checkFields, parseFields } from "./shown.js";

const MOST_BYTES = 1 << 24;
const MOST_BESIDE = 1000;

const MARK = '"lease-disclosure/'; // without it a file of JSON is somebody else's; it stands last

/** Whether a file that begins so is JSON: a disclosure, a title proof, a leaf, or somebody else's. */
export const isJson = (start) => start[0] === 0x7b;

/** Whether a file wants to be a disclosure; one that is cut short does by its beginning. */
export const isDisclosure = (bytes) =>
  isJson(bytes) &&
  (new TextDecoder().decode(bytes).includes(MARK) || (beginsDisclosure(bytes) && isCut(bytes)));

function shownOf(value) {
  need(isMapping(value), "shown fields are a size, fields and a proof");
  return parseFields(canonicalBytes(value));
}

function besideOf(value) {
  need(
    isMapping(value) && hasNames(value, "fields", "index", "leaf", "path"),
    "an entry beside is an index, a leaf, a path and fields",
  );
  return {
    index: decimal(textAt(value, "index")),
    leaf: utf8(textAt(value, "leaf")),
    path: hashesOf(unb64(textAt(value, "path"))),
    shown: value.fields === null ? null : shownOf(value.fields),
  };
}

function parse(bytes) {
  need(bytes.length <= MOST_BYTES, "a disclosure has at most 16 MiB");
  const value = parseWhole(bytes);
  need(
    hasNames(value, "beside", "cosigners", "fields", "leaf", "log_key", "proof", "v") &&
      value.v === "lease-disclosure/1",
    "this is no lease-disclosure/1",
  );
  const { cosigners, beside } = value;
  need(Array.isArray(cosigners) && Array.isArray(beside), "cosigners and entries are lists");
  need(cosigners.length <= MOST_BESIDE && beside.length <= MOST_BESIDE, "too many of them");
  need(
    cosigners.every((text) => typeof text === "string"),
    "a cosigner is not text",
  );
  return {
    leaf: utf8(textAt(value, "leaf")),
    shown: shownOf(value.fields),
    proof: textAt(value, "proof"),
    logKey: textAt(value, "log_key"),
    cosigners,
    beside: beside.map(besideOf),
  };
}

/** Texts of the keys that handed over, oldest first, as the file says; `learn` proves them. */
function earlierKeys(beside) {
  const changes = beside.filter(({ leaf, shown }) => shown !== null && handsOver(parseLeaf(leaf)));
  return changes.map(({ shown }) => shown.shown.find(({ name }) => name === "old")?.value ?? "");
}

class Proving {
  #keys;
  #tapes = new Map();

  constructor(checkpoint, firstKey) {
    this.checkpoint = checkpoint;
    this.#keys = new KeyRing(firstKey);
  }

  /** Texts of the log's keys, as the entries told. */
  get logKeys() {
    return this.#keys.logKeys.map(({ text }) => text);
  }

  /** The leaf of an entry that stands at `index` under the checkpoint. */
  async entry(index, bytes, path) {
    const leaf = parseLeaf(bytes);
    const { origin, size, root } = this.checkpoint;
    need(leaf.log === origin.slice(origin.lastIndexOf("/") + 1), "it belongs to another log");
    await verifyInclusion(index, size, await leafHash(bytes), path, root);
    return leaf;
  }

  async learn(beside) {
    let before = -1n;
    for (const { index, leaf: bytes, path, shown } of beside) {
      const leaf = await this.entry(index, bytes, path);
      need(before < index, "the entries beside are not in order");
      before = index;
      if (shown !== null) {
        need(tellsOfKey(leaf), "entry {0} says nothing of keys", index);
        await checkFields(shown, leaf.fieldsRoot);
        const fields = Object.fromEntries(shown.shown.map(({ name, value }) => [name, value]));
        await this.#keys.learn(index, leaf.type, fields);
      } else need(isTape(leaf), "entry {0} is neither of a key nor a signed tape", index);
      await this.signed(index, leaf);
      if (isTape(leaf)) {
        const { device, itemsRoot: root, itemsCount: count } = leaf;
        this.#tapes.set(leaf.rid, { device, root, count });
      }
    }
  }

  /** Throws unless a key that may sign at `index` signed this entry, or its tape. */
  async signed(index, { row, device, signature, core }) {
    if (!row) {
      await verifyEd25519(this.#keys.keyAt(index, device), signature, core);
      return;
    }
    const tape = this.#tapes.get(row.rid);
    need(tape !== undefined, "the tape {0} does not stand beside it", row.rid);
    need(tape.device === device, "it names another key than its tape");
    await verifyInclusion(row.index, tape.count, await leafHash(core), row.path, tape.root);
  }
}

/**
 * Proves a disclosure file; throws `Lie` for the first part that does not hold. `pinned` is the
 * log key that the reader trusts; without it the file's own is taken, and must be compared.
 */
export async function verifyDisclosure(bytes, { pinned = null } = {}) {
  let part = "format";
  try {
    const file = parse(bytes);
    part = "header";
    const logKey = await parseVerifierKey(file.logKey);
    const cosigners = [];
    for (const text of file.cosigners) cosigners.push(await parseVerifierKey(text));
    const named = [...earlierKeys(file.beside), file.logKey];
    checkTrusted(pinned, logKey.name, named);
    const firstKey = await parseVerifierKey(named[0]);
    part = "checkpoint";
    const { index, hashes, extra, checkpoint: note } = parseProof(utf8(file.proof));
    need(!extra, "the proof brings something extra");
    const checkpoint = await openCheckpoint(note, logKey, cosigners, { strict: true });
    part = "leaf";
    const proving = new Proving(checkpoint, firstKey);
    const leaf = await proving.entry(index, file.leaf, hashes);
    part = "fields";
    await checkFields(file.shown, leaf.fieldsRoot);
    part = "device";
    await proving.learn(file.beside);
    const isLed = JSON.stringify(proving.logKeys) === JSON.stringify(named);
    need(isLed, "the entries beside do not lead to the log's key");
    part = leaf.row ? "batch" : "dev_sig";
    await proving.signed(index, leaf);
    const names = new Set(checkpoint.cosigned.map(({ key }) => key.name));
    names.delete(logKey.name);
    const { shown, size } = file.shown;
    return {
      origin: logKey.name,
      logKey: file.logKey,
      logKeys: named,
      index,
      size: checkpoint.size,
      type: leaf.type,
      rid: leaf.rid,
      ts: leaf.ts,
      cosigners: names,
      witnessed: new Set(checkpoint.cosigned.map(({ key }) => key.text)),
      fields: shown.map(({ name, value }) => [name, value]),
      hidden: size - shown.length,
    };
  } catch (error) {
    if (error instanceof Refusal) throw new Lie("file", part, error);
    throw error;
  }
}
