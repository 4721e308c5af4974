// Files of the reader's, verified without leaving the browser.
import { equal } from "../verify/bytes.js";
import { fileSource, isBundle, verifyBundle } from "../verify/bundle.js";
import { isDisclosure, verifyDisclosure } from "../verify/disclosure.js";
import { parseLeaf } from "../verify/leaf.js";
import { parseVerifierKey } from "../verify/note.js";
import { isProof, verifyPath, verifyProof } from "../verify/proof.js";
import { Unfit, kindWord, say } from "./outcome.js";
import { pinnedKey } from "./pins.js";

const START = 64; // bytes that tell what a file wants to be
const DISCLOSURE = /"v":"lease-disclosure\//;

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

/** Chosen fields of one entry: what they say, once they are proven. */
async function verifyShown(bytes, typed) {
  const found = await verifyDisclosure(bytes, { pinned: typed || null });
  const remembered = pinnedKey(found.origin);
  const pinned = typed || (found.logKeys.includes(remembered) ? remembered : null);
  const cosigners = [...found.cosigners].join(", ");
  const told = [say("shown", { ...found, type: kindWord(found.type) }), cosigners && say("cosigned", { names: cosigners })];
  const changed = !typed && remembered && !pinned;
  return { pinned, changed, kind: found.type, fields: found.fields, told: told.filter(Boolean).join(" ") };
}

/** A proof file and its leaf; it brings no key, so the reader's own alone opens its signature. */
async function verifyLoose(bytes, entry, typed) {
  const { index, checkpoint, lines } = await verifyPath(bytes, entry);
  const told = say("entry", { index, size: checkpoint.size });
  const pinned = typed || pinnedKey(checkpoint.origin);
  if (!pinned) return { told, mend: say("proof_unpinned") };
  const key = await parseVerifierKey(pinned);
  if (key.name !== checkpoint.origin) throw new Unfit(say("other_log", { name: key.name }));
  const isBy = (line) => line.name === key.name && equal(line.id, key.id);
  if (!lines.some(isBy)) return { pinned, changed: true };
  await verifyProof(bytes, entry, key);
  return { pinned, told };
}

async function verifyExport(file, typed, progress) {
  const read = (done, size) => progress(say("read", { share: `${Math.floor((100 * done) / size)} %` }));
  const report = await verifyBundle(fileSource(file), { pinned: typed || null, progress: read });
  const remembered = pinnedKey(report.origin);
  const pinned = typed || (report.logKeys.includes(remembered) ? remembered : null);
  const cosigners = [...report.cosigners].join(", ");
  const told = [say("bundle", report), cosigners && say("cosigned", { names: cosigners })];
  return { pinned, changed: !typed && remembered && !pinned, told: told.filter(Boolean).join(" ") };
}

/** An export, a disclosure, or a .tlog-proof and a leaf; throws `Unfit` for anything else. */
export async function verifyFiles(files, typed, progress) {
  if (typed)
    await parseVerifierKey(typed).catch(() => {
      throw new Unfit(say("bad_key"));
    });
  const starts = await Promise.all(files.map(startOf));
  const proof = starts.findIndex(isProof);
  if (proof >= 0) {
    const leaf = starts.findIndex((start, place) => place !== proof && isDisclosure(start));
    if (leaf < 0) throw new Unfit(say("leaf_missing"));
    return verifyLoose(await bytesOf(files[proof]), await bytesOf(files[leaf]), typed);
  }
  if (isBundle(starts[0])) return verifyExport(files[0], typed, progress);
  if (!isDisclosure(starts[0])) throw new Unfit(say("no_kind"));
  const bytes = await bytesOf(files[0]);
  if (isLeaf(bytes)) throw new Unfit(say("leaf_missing"));
  if (!DISCLOSURE.test(new TextDecoder().decode(bytes))) throw new Unfit(say("no_kind"));
  return verifyShown(bytes, typed);
}
