// Signed notes and checkpoints: C2SP signed-note, tlog-checkpoint and tlog-cosignature.
import { OtherLog, Refusal, concat, decimal, equal, hex, need, textOf, unb64, utf8 } from "./bytes.js";
import { verifyEd25519 } from "./ed25519.js";
import { mlDsa44, sha256 } from "./platform.js";

export const ED25519 = 1;
export const COSIGNATURE = 4;
export const MLDSA44 = 6;
const KEY_SIZES = { [ED25519]: 32, [COSIGNATURE]: 32, [MLDSA44]: 1312 };
const MLDSA44_SIGNATURE = 2420;
const DASH = "\u2014 ";
const MAX_LINES = 100;
const MAX_NOTE = 1 << 20; // bytes
const LATEST = 2n ** 63n - 1n;
const NO_NAME = // control characters of a note's text, and what is white space
  /[\x00-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]/;

function checkName(name) {
  need(name !== "" && !name.includes("+") && !NO_NAME.test(name), "not a key's name");
}

/** A verifier key: name+hex id+base64(type || public key); throws if its id does not fit. */
export async function parseVerifierKey(text) {
  const first = text.indexOf("+");
  const second = text.indexOf("+", first + 1);
  need(first >= 0 && second >= 0, "not a verifier key");
  const name = text.slice(0, first);
  const data = unb64(text.slice(second + 1));
  checkName(name);
  need(data.length - 1 === KEY_SIZES[data[0]], "a key of another type or size");
  const id = (await sha256(concat(utf8(`${name}\n`), data))).slice(0, 4);
  need(hex(id) === text.slice(first + 1, second), "the id of the key does not fit");
  return { name, id, type: data[0], publicKey: data.slice(1), text };
}

/** Throws `OtherLog` unless one of the keys that the reader trusts is of the log of that name; null: no matter. */
export function checkLog(pinned, origin) {
  const names = [...new Set((pinned === null ? [] : [pinned].flat()).map(nameOf))].sort();
  if (names.length && !names.includes(origin))
    throw new OtherLog("this key is of another log: {0}; the file is of {1}", names.join(", "), origin);
}

/** Throws unless the reader trusts one of the keys (texts) that are named for the log; null: no matter. */
export function checkTrusted(pinned, origin, named) {
  if (pinned === null || [pinned].flat().some((text) => named.includes(text))) return;
  checkLog(pinned, origin);
  const own = [pinned].flat().filter((text) => nameOf(text) === origin);
  if (own.every((text) => unb64(text.split("+").slice(2).join("+"))[0] === MLDSA44))
    throw new OtherLog("an ML-DSA-44 key signs beside the log's Ed25519 key: give that one");
  throw new Refusal("the log's key is not the one that you trust");
}

/** The name in a verifier key's text. */
export const nameOf = (text) => text.slice(0, text.indexOf("+"));

/** {text, lines: [{name, id, signature}]}; nothing in it is believed yet. */
export function parseNote(bytes) {
  need(bytes.length <= MAX_NOTE, "a note has at most {0} bytes", MAX_NOTE);
  const whole = textOf(bytes);
  need(!/[\x00-\x09\x0b-\x1f]/.test(whole), "a note holds no control characters");
  const blank = whole.lastIndexOf("\n\n");
  need(blank >= 0 && whole.length > blank + 2 && whole.endsWith("\n"), "not a signed note");
  const lines = whole.slice(blank + 2, -1).split("\n");
  need(lines.length <= MAX_LINES, "too many signatures");
  return { text: whole.slice(0, blank + 1), lines: lines.map(parseLine) };
}

function parseLine(line) {
  need(line.startsWith(DASH), "not a signature line");
  const rest = line.slice(DASH.length);
  const space = rest.lastIndexOf(" ");
  need(space >= 0, "not a signature line");
  const name = rest.slice(0, space);
  checkName(name);
  const raw = unb64(rest.slice(space + 1));
  need(raw.length >= 5, "a signature is too short");
  return { name, id: raw.slice(0, 4), signature: raw.slice(4) };
}

/** {origin, size, root} of a note text; size is BigInt. */
export function parseCheckpoint(text) {
  const lines = text.slice(0, -1).split("\n");
  need(lines.length >= 3 && lines.every((line) => line !== ""), "not a checkpoint");
  return { origin: lines[0], size: decimal(lines[1]), root: unb64(lines[2], 32) };
}

const isOf = (line, key) => line.name === key.name && equal(line.id, key.id);

function u64(number) {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, number);
  return bytes;
}

function opaque(text) {
  const bytes = utf8(text);
  need(bytes.length >= 1 && bytes.length <= 255, "a name is 1 to 255 bytes");
  return concat(Uint8Array.of(bytes.length), bytes);
}

function mlDsaMessage(key, text, time) {
  const { origin, size, root } = parseCheckpoint(text);
  need(size <= LATEST, "the tree is too large");
  const label = utf8("subtree/v1\n\0");
  return concat(label, opaque(key.name), u64(time), opaque(origin), u64(0n), u64(size), root);
}

async function verifyLine(text, line, key) {
  if (key.type === ED25519) {
    await verifyEd25519(key.publicKey, line.signature, utf8(text));
    return { key, time: null };
  }
  const size = key.type === COSIGNATURE ? 64 : MLDSA44_SIGNATURE;
  need(line.signature.length === 8 + size, "a cosignature has another length");
  const signature = line.signature.slice(8);
  const time = new DataView(line.signature.buffer, line.signature.byteOffset).getBigUint64(0);
  need(time <= LATEST, "the cosignature's time is out of range");
  if (key.type === COSIGNATURE) {
    const message = utf8(`cosignature/v1\ntime ${time}\n${text}`);
    await verifyEd25519(key.publicKey, signature, message);
  } else {
    const holds = await mlDsa44(key.publicKey, signature, mlDsaMessage(key, text, time));
    need(holds, "the signature does not match");
  }
  return { key, time };
}

/**
 * The checkpoint inside a note that the log signed: {origin, size, root, cosigned: [{key, time}],
 * signed: texts of the known keys that signed}.
 * Lines by other keys are ignored, or refused if `strict`; a known one that fails refuses all.
 */
export async function openCheckpoint(bytes, logKey, cosigners = [], { strict = false } = {}) {
  const { text, lines } = parseNote(bytes);
  const keys = [logKey, ...cosigners];
  const seen = new Set();
  const cosigned = [];
  let own = false;
  for (const line of lines) {
    const key = keys.findLast((item) => isOf(line, item));
    if (strict) {
      need(key !== undefined, "the line of {0} is by no known key", line.name);
      need(!seen.has(key.text), "{0} signed twice", line.name);
    }
    if (key !== undefined) seen.add(key.text);
  }
  need(logKey.type === ED25519, "a log signs with a plain Ed25519 key");
  for (const line of lines) {
    const key = keys.findLast((item) => isOf(line, item));
    if (key === undefined) continue;
    const verified = await verifyLine(text, line, key);
    if (verified.time !== null) cosigned.push(verified);
    own ||= key.text === logKey.text; // a header may list it among the cosigners too
  }
  need(own, "the log {0} did not sign the checkpoint", logKey.name);
  const checkpoint = parseCheckpoint(text);
  if (checkpoint.origin !== logKey.name) throw new Refusal("the checkpoint is of another log");
  return { ...checkpoint, cosigned, signed: seen };
}

/**
 * As `openCheckpoint`, of whichever of several logs' keys, of either algorithm: each of their lines
 * must hold, and one must be there.
 */
export async function openUnder(bytes, logKeys, cosigners = []) {
  const { text, lines } = parseNote(bytes);
  const checkpoint = parseCheckpoint(text);
  const ours = logKeys.filter(({ name }) => name === checkpoint.origin);
  if (ours.length === 0) throw new Refusal("the checkpoint is of another log");
  const keys = [...ours, ...cosigners];
  const cosigned = [];
  let own = false;
  for (const line of lines) {
    const key = keys.findLast((item) => isOf(line, item));
    if (key === undefined) continue;
    const verified = await verifyLine(text, line, key);
    if (verified.time !== null) cosigned.push(verified);
    own ||= ours.some((item) => item.text === key.text);
  }
  need(own, "the log {0} did not sign the checkpoint", checkpoint.origin);
  return { ...checkpoint, cosigned };
}
