// Proves an export bundle (lease-export/2), entry by entry, and names the first lie.
import { Refusal, decimal, equal, need, utf8 } from "./bytes.js";
import { countOf, parseBlock } from "./block.js";
import { hasNames, parseCanonical, textAt } from "./canonical.js";
import { verifyEd25519 } from "./ed25519.js";
import { KeyRing } from "./keyring.js";
import { handsOver, isLandmark, isTape, parseLeaf, tellsOfKey } from "./leaf.js";
import { Frontier, leafHash, verifyInclusion } from "./merkle.js";
import { checkTrusted, openCheckpoint, parseVerifierKey } from "./note.js";
import { checkFields, checkItems, checkPayload, parseFields, parsePayload } from "./shown.js";

const MAGIC = utf8("lease-export/2\n");
/** Whether a file that begins so wants to be an export. */
export const isBundle = (start) => equal(start.slice(0, MAGIC.length), MAGIC);

const MAX_BODY = { H: 1 << 23, B: 1 << 28, Z: 1 << 10 };
const MAX_KEYS = 1000;
const PRINT = 4;

/** The first thing in a bundle that is not true: where, which part of it, and why. */
export class Lie extends Error {
  constructor(where, part, refusal) {
    super(`${where}: ${part}: ${refusal.message}`);
    Object.assign(this, { where, part, detail: refusal.message, refusal });
  }
}

/** Runs `work`; what it refuses is a lie at this place. */
async function at(where, part, work) {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Refusal) throw new Lie(where, part, error);
    throw error;
  }
}

/** A source over bytes in memory; another one may read a File: {size, read(offset, length)}. */
export const bytesSource = (bytes) => ({
  size: bytes.length,
  read: (offset, length) => bytes.subarray(offset, offset + length),
});

export const fileSource = (file) => ({
  size: file.size,
  read: async (offset, length) =>
    new Uint8Array(await file.slice(offset, offset + length).arrayBuffer()),
});

class Reader {
  constructor(source) {
    this.source = source;
    this.offset = 0;
  }

  async take(length) {
    need(this.offset + length <= this.source.size, "the file is cut short");
    this.offset += length;
    return this.source.read(this.offset - length, length);
  }

  /** The next record: {kind, body()}. */
  async record() {
    need(this.offset < this.source.size, "the file ends before its end record");
    const frame = await this.take(5);
    const kind = String.fromCharCode(frame[0]);
    const length = new DataView(frame.buffer, frame.byteOffset).getUint32(1);
    need(length <= (MAX_BODY[kind] ?? -1), "a record's kind or length is damaged");
    return { kind, body: () => this.take(length) };
  }
}

/**
 * Prove a bundle. `pinned`: the log key that the reader trusts, or several; without it the bundle's own is
 * taken, and the reader must compare `logKeys[0]`. Answers what was proven, throws `Lie`.
 * `progress(read, size)` is called now and then.
 */
export async function verifyBundle(source, { pinned = null, progress = () => {} } = {}) {
  const reader = new Reader(source);
  const header = await at("file", "format", async () => {
    need(equal(await reader.take(Math.min(MAGIC.length, source.size)), MAGIC), "no ledger export");
    const { kind, body } = await reader.record();
    need(kind === "H", "the header does not stand first");
    return body();
  });
  const log = await at("header", "header", () => openHeader(header, pinned));
  const walk = new Walk(log);
  const told = () => `after ${walk.claimed} entries`;
  for (;;) {
    const { kind, body } = await at(told(), "format", async () => {
      const record = await reader.record();
      need(record.kind !== "H", "a second header");
      const found = { kind: record.kind, body: await record.body() };
      if (record.kind === "Z") need(reader.offset === source.size, "something follows the end");
      return found;
    });
    if (kind === "Z") {
      await at("end", "end", () => walk.finish(body));
      return walk.report;
    }
    await walk.block(body);
    progress(reader.offset, source.size);
  }
}

async function openHeader(bytes, pinned) {
  const header = parseCanonical(bytes);
  need(hasNames(header, "cosigners", "log_id", "log_keys", "origin"), "the header is incomplete");
  const origin = textAt(header, "origin");
  const id = textAt(header, "log_id");
  for (const name of ["log_keys", "cosigners"]) {
    const list = header[name];
    need(Array.isArray(list) && list.length <= MAX_KEYS, "the header's keys are no list");
    need(list.every((item) => typeof item === "string"), "a key is not text");
    need(new Set(list).size === list.length, "a key stands twice");
  }
  need(header.log_keys.length > 0, "the header names no key of the log");
  const keys = await Promise.all(header.log_keys.map(parseVerifierKey));
  need(keys.every((key) => key.name === origin), "a key of the log has another name");
  checkTrusted(pinned, origin, header.log_keys);
  return { origin, id, keys, cosigners: await Promise.all(header.cosigners.map(parseVerifierKey)) };
}

class Walk {
  #frontier = new Frontier();
  #keys;
  #tapes = new Map();
  #covered = 0;
  claimed = 0;

  constructor(log) {
    this.log = log;
    this.#keys = new KeyRing(log.keys[0]);
    this.report = {
      origin: log.origin,
      logKeys: log.keys.map((key) => key.text),
      entries: 0,
      signatures: 0,
      tapeRows: 0,
      payloads: 0,
      shownFields: 0,
      items: 0,
      checkpoints: 0,
      cosignatures: 0,
      cosigners: new Set(),
      cosignerKeys: new Set(),
      erased: [],
      root: null,
    };
  }

  async block(body) {
    const first = this.report.entries;
    const block = await at(`block from entry ${first}`, "block", () => {
      const found = parseBlock(body);
      need(found.start === BigInt(first), "it begins with entry {0}", found.start);
      return found;
    });
    this.claimed += countOf(body);
    for (const [place, leaf] of block.leaves.entries()) {
      const index = first + place;
      const shown = block.parts.get(place) ?? {};
      const hash = await leafHash(leaf);
      await at(`entry ${index}`, "hash", () => {
        const print = block.prints.subarray(PRINT * place, PRINT * (place + 1));
        need(equal(hash.subarray(0, PRINT), print), "its bytes are not those that were exported");
      });
      await this.#entry(index, leaf, shown, block.landmarks.has(place));
      await this.#frontier.append(hash);
      this.report.entries += 1;
      if (shown.C) {
        const where = `checkpoint of ${this.report.entries} entries`;
        await at(where, "checkpoint", () => this.#checkpoint(shown.C));
      }
    }
  }

  async #entry(index, bytes, shown, listed) {
    const { report } = this;
    const check = (part, work) => at(`entry ${index}`, part, work);
    const leaf = await check("leaf", () => parseLeaf(bytes));
    await check("index", () =>
      need(isLandmark(leaf) === listed, "the list of keys and tapes is wrong about it"),
    );
    await check("tenant_log", () => need(leaf.log === this.log.id, "it belongs to another log"));
    await check("erased", () => need(!shown.X?.length, "an erasure says nothing more"));
    const payload = await check("payload", () => (shown.P ? parsePayload(shown.P) : null));
    const fields = await check("fields", () => (shown.F ? parseFields(shown.F) : null));
    await check("fields_root", async () => {
      if (payload) await checkPayload(payload, leaf.fieldsRoot);
      if (fields) await checkFields(fields, leaf.fieldsRoot);
    });
    await check("device", async () => {
      if (!tellsOfKey(leaf)) return;
      need(payload !== null, "an entry that tells of a key must show its fields");
      await this.#keys.learn(BigInt(index), leaf.type, payload.fields);
    });
    if (leaf.row) await check("batch", () => this.#row(leaf));
    else await check("dev_sig", () => this.#signature(index, leaf));
    if (shown.I)
      await check("items", async () => {
        need(leaf.itemsRoot !== null, "items stand beside an entry that has none");
        report.items += await checkItems(shown.I, leaf.itemsRoot, leaf.itemsCount);
      });
    await check("checkpoint", () =>
      need(!handsOver(leaf) || shown.C, "the log's key changes, and no checkpoint of its own follows"),
    );
    report[leaf.row ? "tapeRows" : "signatures"] += 1;
    report.payloads += payload ? 1 : 0;
    report.shownFields += fields ? fields.shown.length : 0;
    if (shown.X) report.erased.push(index);
  }

  async #signature(index, leaf) {
    await verifyEd25519(this.#keys.keyAt(BigInt(index), leaf.device), leaf.signature, leaf.core);
    if (isTape(leaf)) {
      const { device, itemsRoot: root, itemsCount: count } = leaf;
      this.#tapes.set(leaf.rid, { device, root, count });
    }
  }

  async #row({ row, device, core }) {
    const tape = this.#tapes.get(row.rid);
    need(tape !== undefined, "no tape {0} stands before it", row.rid);
    need(tape.device === device, "it names another key than its tape");
    await verifyInclusion(row.index, tape.count, await leafHash(core), row.path, tape.root);
  }

  async #checkpoint(note) {
    const { report, log } = this;
    const ring = this.#keys;
    const current = log.keys[ring.logKeys.length - 1];
    need(current?.text === ring.logKey.text, "the log's key is not the one the header names");
    const others = [...log.keys.filter((key) => key !== current), ...log.cosigners];
    const checkpoint = await openCheckpoint(note, current, others, { strict: true });
    if (ring.rotated === BigInt(report.entries - 1)) {
      const before = log.keys[ring.logKeys.length - 2];
      need(checkpoint.signed.has(before.text), "the key that was replaced did not sign it");
    }
    need(checkpoint.size === BigInt(report.entries), "it is of size {0}", checkpoint.size);
    const root = await this.#frontier.root();
    need(
      equal(root, checkpoint.root),
      "entries {0} to {1} do not lead to the root that was signed", this.#covered, report.entries - 1,
    );
    const names = new Set(checkpoint.cosigned.map(({ key }) => key.name));
    names.delete(log.origin); // its ML-DSA-44 line is the log's own, no one else's
    report.checkpoints += 1;
    report.cosignatures += names.size;
    for (const name of names) report.cosigners.add(name);
    for (const { key } of checkpoint.cosigned) report.cosignerKeys.add(key.text);
    this.#covered = report.entries;
    report.root = root;
    report.witnessed = new Set(checkpoint.cosigned.map(({ key }) => key.text));
  }

  finish(bytes) {
    const end = parseCanonical(bytes);
    need(hasNames(end, "checkpoints", "entries"), "the end is two counts");
    const { entries, checkpoints } = this.report;
    need(decimal(textAt(end, "entries")) === BigInt(entries), "another number of entries");
    need(decimal(textAt(end, "checkpoints")) === BigInt(checkpoints), "of checkpoints");
    need(this.#keys.logKeys.length === this.log.keys.length, "the header names other log keys");
    need(entries > 0 && this.#covered === entries, "the last entries are under no checkpoint");
  }
}
