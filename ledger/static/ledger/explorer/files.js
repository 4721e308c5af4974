// Files of the reader's, verified without leaving the browser.
import { equal } from "../verify/bytes.js";
import { fileSource, isBundle, verifyBundle } from "../verify/bundle.js";
import { isDisclosure, isJson, verifyDisclosure } from "../verify/disclosure.js";
import { parseLeaf } from "../verify/leaf.js";
import { parseVerifierKey } from "../verify/note.js";
import { isProof, verifyPath, verifyUnder } from "../verify/proof.js";
import { isTitleProof, verifyTitle } from "../verify/title.js";
import { Unfit, facts, kindWord, say, settled } from "./outcome.js";
import { standing } from "./pins.js";
import { cosignedTold, judgedByPolicy, keyFor, policyCosigners, readTrust } from "./trust.js";

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

/** What the reader's keys and policy say of a file that brings the log's keys, oldest first. */
async function judged(trust, { origin, logKeys, size, entries, witnessed }) {
  const pinned = await keyFor(trust, origin, logKeys);
  const last = logKeys.at(-1);
  const beside = { origin, signer: last, ...replaced(last, size ?? entries), ...judgedByPolicy(trust, witnessed) };
  if (logKeys.includes(pinned)) return { ...beside, pinned, led: pinned !== last };
  return { ...beside, ...(await standing(pinned, last, facts.handovers)) };
}

/** Chosen fields of one entry: what they say, once they are proven. */
async function verifyShown(bytes, trust) {
  const found = await verifyDisclosure(bytes);
  const told = [say("shown", { ...found, type: kindWord(found.type) }), ...cosignedTold(trust, found.origin, found.witnessed)];
  const { type: kind, fields, hidden } = found;
  return { ...(await judged(trust, found)), kind, fields, hidden, told: told.join(" ") };
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
async function verifyRights(bytes, trust, progress) {
  const read = (done, all) => progress(say("read", { share: `${Math.floor((100 * done) / all)} %` }));
  const found = await verifyTitle(bytes, { progress: read });
  const told = [...answersTold(found.answers), say("title_epoch", found), say("title_not")];
  told.push(...cosignedTold(trust, found.origin, found.witnessed));
  const reign = (facts.titleKeys ?? []).findLast(({ since }) => BigInt(since) <= found.epoch);
  const titleKeys = { file: found.registryKey, own: reign?.key ?? null, since: reign?.since };
  return { ...(await judged(trust, found)), titleKeys, told: told.join(" ") };
}

/** A proof file and its leaf; it brings no key, so the reader's own alone opens its signature. */
async function verifyLoose(bytes, entry, trust) {
  const { index, checkpoint, lines } = await verifyPath(bytes, entry);
  const { origin } = checkpoint;
  const told = say("entry", { index, size: checkpoint.size });
  const here = async (text) => hasLine(lines, await parseVerifierKey(text));
  const pinned = await keyFor(trust, origin, await filtered(trust.policy?.logs ?? [], here));
  if (!pinned) return { origin, told, mend: say("proof_unpinned") };
  const known = facts.handovers.flatMap((change) => [change.old, change.new]);
  for (const text of [pinned, ...known.reverse()]) {
    if (!(await here(text))) continue;
    const under = (signer) => witnessedUnder(bytes, entry, signer, trust);
    const witnessed = await under(text);
    const beside = { origin, ...(await standing(pinned, text, facts.handovers)) };
    Object.assign(beside, judgedByPolicy(trust, witnessed));
    beside.told = [told, ...cosignedTold(trust, origin, witnessed)].join(" ");
    const successor = await successorHere(text, lines);
    if (!successor) return { ...beside, ...replaced(text, checkpoint.size) };
    await under(successor);
    return { ...beside, ...replaced(successor, checkpoint.size), both: pinned === text };
  }
  return { origin, pinned, changed: true };
}

async function filtered(texts, holds) {
  const found = [];
  for (const text of texts) if (await holds(text)) found.push(text);
  return found;
}

/** The keys (texts) of the reader's policy that cosigned, if this key signed and the entry stands there. */
async function witnessedUnder(bytes, entry, signer, trust) {
  const keys = [await parseVerifierKey(signer)];
  const { checkpoint } = await verifyUnder(bytes, entry, keys, await policyCosigners(trust));
  return new Set(checkpoint.cosigned.map(({ key }) => key.text));
}

async function verifyExport(file, trust, progress) {
  const read = (done, size) => progress(say("read", { share: `${Math.floor((100 * done) / size)} %` }));
  const report = await verifyBundle(fileSource(file), { progress: read });
  const told = [say(report.tapeRows ? "bundle_tapes" : "bundle", report), ...cosignedTold(trust, report.origin, report.cosignerKeys)];
  return { ...(await judged(trust, report)), told: told.join(" ") };
}

/** What is done with one file, or with a proof and its leaf: {name, work(progress)}. */
const job = (name, work) => ({ name, work });
const unfit = (name, why) => job(name, () => Promise.reject(new Unfit(say(why))));

/** The job that a file is by itself; a proof and a leaf wait for each other: {proof} or {leaf}. */
async function sorted(file, trust) {
  const { name } = file;
  const start = await startOf(file);
  if (isBundle(start)) return job(name, (progress) => verifyExport(file, trust, progress));
  if (isProof(start)) return { proof: { name, bytes: await bytesOf(file) } };
  if (!isJson(start)) return unfit(name, "no_kind");
  const bytes = await bytesOf(file);
  if (isTitleProof(bytes))
    return job(name, async (progress) => verifyRights(await bytesOf(file), trust, progress));
  if (isDisclosure(bytes)) return job(name, async () => verifyShown(await bytesOf(file), trust));
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
async function paired(proofs, leaves, trust) {
  const [jobs, used] = [[], new Set()];
  const isSpare = (leaf) => !used.has(leaf);
  for (const proof of proofs) {
    const isOnly = proofs.length === 1 && leaves.length === 1;
    const leaf = (await leafFor(proof, leaves, isSpare)) ?? (isOnly ? leaves[0] : undefined);
    if (leaf) used.add(leaf);
    const work = () => verifyLoose(proof.bytes, leaf.bytes, trust);
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
 * {name, error}. Throws `Unfit` if the typed key is none, or the policy cannot be read.
 */
export async function verifyFiles(files, { typed, policy }, progress) {
  const trust = await readTrust(typed, policy);
  const all = [];
  for (const file of files) all.push(await sorted(file, trust).catch(() => unfit(file.name, "unreadable")));
  const [proofs, leaves] = ["proof", "leaf"].map((kind) => all.flatMap((one) => one[kind] ?? []));
  const jobs = [...all.filter(({ work }) => work), ...(await paired(proofs, leaves, trust))];
  const outcomes = [];
  for (const { name, work } of jobs) {
    const told = (share) => progress(`${name}: ${share}`);
    outcomes.push({ name, ...(await settled(() => work(told).catch(unreadable))) });
  }
  return outcomes;
}
