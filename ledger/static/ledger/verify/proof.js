// Offline proof files: C2SP tlog-proof v1 (.tlog-proof), with the entry's own bytes beside it.
import { Refusal, decimal, equal, need, textOf, unb64, utf8 } from "./bytes.js";
import { isCutProof } from "./cut.js";
import { leafHash, verifyInclusion } from "./merkle.js";
import { openCheckpoint, openUnder, parseCheckpoint, parseNote } from "./note.js";

const FIRST = "c2sp.org/tlog-proof@v1";
const START = utf8(`${FIRST}\n`);

/** Whether a file that begins so wants to be a proof file. */
export const isProof = (start) => equal(start.slice(0, START.length), START);

/** {index, hashes, extra (whether it brings something), checkpoint (bytes)}; nothing in it is believed yet. */
export function parseProof(bytes) {
  const text = textOf(bytes);
  const blank = text.indexOf("\n\n");
  need(blank >= 0, "not a proof file");
  const lines = text.slice(0, blank).split("\n");
  need(lines.shift() === FIRST, "not a proof file: its first line is not {0}", FIRST);
  const extra = lines[0]?.startsWith("extra ") ?? false;
  if (extra) unb64(lines.shift().slice(6));
  need(lines[0]?.startsWith("index "), "the proof names no index");
  const index = decimal(lines.shift().slice(6));
  need(lines.length <= 63, "more than 63 hashes");
  const hashes = lines.map((line) => unb64(line, 32));
  return { index, hashes, extra, checkpoint: utf8(text.slice(blank + 2)) };
}

/**
 * Throws unless `entry` leads to the root that the proof's checkpoint names. No signature is
 * verified: a proof file brings no key. Answers {index, checkpoint, lines (the note's, unbelieved)}.
 */
export async function verifyPath(bytes, entry) {
  if (isCutProof(bytes)) throw new Refusal("the file is cut short");
  const { index, hashes, checkpoint: note } = parseProof(bytes);
  const { text, lines } = parseNote(note);
  const checkpoint = parseCheckpoint(text);
  await verifyInclusion(index, checkpoint.size, await leafHash(entry), hashes, checkpoint.root);
  return { index, checkpoint, lines };
}

/** Throws unless `entry` stands in the log; answers {index, leaf, steps, checkpoint}. */
export async function verifyProof(bytes, entry, logKey, cosigners = []) {
  const { index, hashes, checkpoint: note } = parseProof(bytes);
  const checkpoint = await openCheckpoint(note, logKey, cosigners);
  const leaf = await leafHash(entry);
  const steps = await verifyInclusion(index, checkpoint.size, leaf, hashes, checkpoint.root);
  return { index, leaf, steps, checkpoint };
}

/** As `verifyProof`, under any of several keys of logs, of either algorithm: a policy's. */
export async function verifyUnder(bytes, entry, logKeys, cosigners = []) {
  const { index, hashes, checkpoint: note } = parseProof(bytes);
  const checkpoint = await openUnder(note, logKeys, cosigners);
  await verifyInclusion(index, checkpoint.size, await leafHash(entry), hashes, checkpoint.root);
  return { index, checkpoint };
}
