// Files of the reader's, verified without leaving the browser.
import { equal } from "../verify/bytes.js";
import { fileSource, isBundle, verifyBundle } from "../verify/bundle.js";
import { isDisclosure, isJson, verifyDisclosure } from "../verify/disclosure.js";
import { parseLeaf } from "../verify/leaf.js";
import { parseVerifierKey } from "../verify/note.js";
import { isProof, verifyPath, verifyProof } from "../verify/proof.js";
import { isTitleProof, verifyTitle } from "../verify/title.js";
import { Unfit, facts, kindWord, say, settled } from "./outcome.js";
import { pinnedKey, standing } from "./pins.js";

const START = 64; // bytes that tell what a file wants to be

const bytesOf = async (file) => new Uint8Array(await file.arrayBuffer());
const startOf = (file) => bytesOf(file.slice(0, START));

function isLeaf(bytes) {
  try {
    parseLeaf(bytes);
    return true;
  } catch {
    return false;
  }
}

/** The key that counts for a file of this log: the typed one, else the one pinned before. */
async function keyFor(typed, origin) {
  if (!typed) return pinnedKey(origin);
  const { name } = await parseVerifierKey(typed);
  if (name !== origin) throw new Unfit(say("other_log", { name }));
  return typed;
}

/**
 * Whether the directory says that another key took this one's place, and at which entry. Its word is
 * no proof: it only takes something away from what a key signs that somebody may have stolen since.
 */
function replaced(signer, size) {
  const change = facts.replaced?.[signer];
  return change ? { replaced: { index: change.index, beyond: size > change.index + 1 } } : {};
}

/**
 * The newest of those that, by the directory, took this key's place and that has a line here, too.
 * Until an old key is destroyed both sign; whoever stole the old one alone cannot.
 */
async function successorHere(signer, lines) {
  let [key, found] = [signer, null];
  const seen = new Set();
  while (facts.replaced?.[key] && !seen.has(key)) {
    seen.add(key);
    key = facts.replaced[key].by;
    if (hasLine(lines, await parseVerifierKey(key))) found = key;
  }
  return found;
}

const hasLine = (lines, key) => lines.some((line) => line.name === key.name && equal(line.id, key.id));

/** What the reader's key says of a file that brings the log's keys, oldest first. */
async function judged(typed, { origin, logKeys, size, entries }) {
  const pinned = await keyFor(typed, origin);
  const last = logKeys.at(-1);
  const beside = { origin, ...replaced(last, size ?? entries) };
  if (logKeys.includes(pinned)) return { ...beside, pinned, led: pinned !== last };
  return { ...beside, ...(await standing(pinned, last, facts.handovers)) };
}

/** Chosen fields of one entry: what they say, once they are proven. */
async function verifyShown(bytes, typed) {
  const found = await verifyDisclosure(bytes);
  const cosigners = [...found.cosigners].join(", ");
  const told = [say("shown", { ...found, type: kindWord(found.type) }), cosigners && say("cosigned", { names: cosigners })];
  const { type: kind, fields, hidden } = found;
  return { ...(await judged(typed, found)), kind, fields, hidden, told: told.filter(Boolean).join(" ") };
}

/** What is told of one answer of a title proof. */
function answered(answer) {
  const right = facts.words[`right_${answer.right}`] ?? answer.right;
  return say(`title_${answer.verdict}`, { ...answer, right });
}

const SHOWN_ANSWERS = 10;

function answersTold(answers) {
  if (answers.length <= SHOWN_ANSWERS) return answers.map(answered);
  const of = (verdict) => answers.filter((answer) => answer.verdict === verdict);
  const [free, held, taken] = ["free", "held", "taken"].map(of);
  const holders = [...new Set(held.map(({ holder }) => holder))].slice(0, SHOWN_ANSWERS).join(", ") || "–";
  const counts = { free: free.length, held: held.length, taken: taken.length, holders };
  return [say("title_many", { ...counts, all: answers.length }), ...taken.slice(0, SHOWN_ANSWERS).map(answered)];
}

/** Whether rights stood in the title registry's map. */
async function verifyRights(bytes, typed, progress) {
  const read = (done, all) => progress(say("read", { share: `${Math.floor((100 * done) / all)} %` }));
  const found = await verifyTitle(bytes, { progress: read });
  const told = [...answersTold(found.answers), say("title_epoch", found), say("title_not")];
  const reign = (facts.titleKeys ?? []).findLast(({ since }) => BigInt(since) <= found.epoch);
  const titleKeys = { file: found.registryKey, own: reign?.key ?? null, since: reign?.since };
  return { ...(await judged(typed, found)), titleKeys, told: told.join(" ") };
}

/** A proof file and its leaf; it brings no key, so the reader's own alone opens its signature. */
async function verifyLoose(bytes, entry, typed) {
  const { index, checkpoint, lines } = await verifyPath(bytes, entry);
  const told = say("entry", { index, size: checkpoint.size });
  const { origin } = checkpoint;
  const pinned = await keyFor(typed, origin);
  if (!pinned) return { origin, told, mend: say("proof_unpinned") };
  const known = facts.handovers.flatMap((change) => [change.old, change.new]);
  for (const text of [pinned, ...known.reverse()]) {
    const key = await parseVerifierKey(text);
    if (!hasLine(lines, key)) continue;
    await verifyProof(bytes, entry, key);
    const beside = { origin, told, ...(await standing(pinned, text, facts.handovers)) };
    const successor = await successorHere(text, lines);
    if (!successor) return { ...beside, ...replaced(text, checkpoint.size) };
    await verifyProof(bytes, entry, await parseVerifierKey(successor));
    return { ...beside, ...replaced(successor, checkpoint.size), both: pinned === text };
  }
  return { origin, pinned, changed: true };
}

async function verifyExport(file, typed, progress) {
  const read = (done, size) => progress(say("read", { share: `${Math.floor((100 * done) / size)} %` }));
  const report = await verifyBundle(fileSource(file), { progress: read });
  const cosigners = [...report.cosigners].join(", ");
  const told = [say(report.tapeRows ? "bundle_tapes" : "bundle", report), cosigners && say("cosigned", { names: cosigners })];
  return { ...(await judged(typed, report)), told: told.filter(Boolean).join(" ") };
}

/** What is done with one file, or with a proof and its leaf: {name, work(progress)}. */
const job = (name, work) => ({ name, work });
const unfit = (name, why) => job(name, () => Promise.reject(new Unfit(say(why))));

/** The job that a file is by itself; a proof and a leaf wait for each other: {proof} or {leaf}. */
async function sorted(file, typed) {
  const { name } = file;
  const start = await startOf(file);
  if (isBundle(start)) return job(name, (progress) => verifyExport(file, typed, progress));
  if (isProof(start)) return { proof: { name, bytes: await bytesOf(file) } };
  if (!isJson(start)) return unfit(name, "no_kind");
  const bytes = await bytesOf(file);
  if (isTitleProof(bytes))
    return job(name, async (progress) => verifyRights(await bytesOf(file), typed, progress));
  if (isDisclosure(bytes)) return job(name, async () => verifyShown(await bytesOf(file), typed));
  return { leaf: { name, bytes, isLeaf: isLeaf(bytes) } };
}

const stem = (name) => name.replace(/\.[^.]*$/, "");

/** The leaf that leads to a proof's root; else the one that is meant: of the same name, or that none needs. */
async function leafFor({ name, bytes }, leaves, isSpare) {
  for (const leaf of leaves) if (!(await settled(() => verifyPath(bytes, leaf.bytes))).error) return leaf;
  const isMeant = (leaf) => stem(leaf.name) === stem(name);
  return leaves.find(isMeant) ?? leaves.find((leaf) => leaf.isLeaf && isSpare(leaf));
}

/** A job for each proof with its leaf, and for each that has none. */
async function paired(proofs, leaves, typed) {
  const [jobs, used] = [[], new Set()];
  const isSpare = (leaf) => !used.has(leaf);
  for (const proof of proofs) {
    const isOnly = proofs.length === 1 && leaves.length === 1;
    const leaf = (await leafFor(proof, leaves, isSpare)) ?? (isOnly ? leaves[0] : undefined);
    if (leaf) used.add(leaf);
    const work = () => verifyLoose(proof.bytes, leaf.bytes, typed);
    jobs.push(leaf ? job(`${proof.name} + ${leaf.name}`, work) : unfit(proof.name, "leaf_missing"));
  }
  const alone = leaves.filter(isSpare).map(({ name, isLeaf: is }) => unfit(name, is ? "leaf_missing" : "no_kind"));
  return [...jobs, ...alone];
}

/** A file that went away, or is a folder: nothing was found untrue. */
const unreadable = (error) => {
  throw ["NotReadableError", "NotFoundError"].includes(error.name) ? new Unfit(say("unreadable")) : error;
};

/**
 * Exports, disclosures, title proofs, and .tlog-proofs with their leaves: for each {name, found}, or
 * {name, error}. Throws `Unfit` if the typed key is none.
 */
export async function verifyFiles(files, typed, progress) {
  if (typed)
    await parseVerifierKey(typed).catch(() => {
      throw new Unfit(say("bad_key"));
    });
  const all = [];
  for (const file of files) all.push(await sorted(file, typed).catch(() => unfit(file.name, "unreadable")));
  const [proofs, leaves] = ["proof", "leaf"].map((kind) => all.flatMap((one) => one[kind] ?? []));
  const jobs = [...all.filter(({ work }) => work), ...(await paired(proofs, leaves, typed))];
  const outcomes = [];
  for (const { name, work } of jobs) {
    const told = (share) => progress(`${name}: ${share}`);
    outcomes.push({ name, ...(await settled(() => work(told).catch(unreadable))) });
  }
  return outcomes;
}
