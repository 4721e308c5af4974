// node cli.mjs FILE [--leaf LEAF] [--policy POLICY] [VKEY]: see USAGE. `--stream` judges many bundles from standard
// input, each u32 length || bytes, one line of JSON for each.
import { createHash, createPublicKey, verify } from "node:crypto";
import { readFileSync } from "node:fs";
import { inflateSync } from "node:zlib";
import { USAGE, parsed, sourceOf } from "./asked.mjs";
import { OtherLog, Refusal, equal, filled, hex, need } from "./bytes.js";
import { Lie, bytesSource, isBundle, verifyBundle } from "./bundle.js";
import { isDisclosure, isJson, verifyDisclosure } from "./disclosure.js";
import { checkLog, nameOf, parseVerifierKey } from "./note.js";
import { MissingLibrary, use } from "./platform.js";
import { parsePolicy } from "./policy.js";
import { isProof, verifyPath, verifyUnder } from "./proof.js";
import { MOST_BYTES, isTitleProof, verifyTitle } from "./title.js";
import { quoted, told } from "./told.mjs";

const NOT_BY_IT = "not signed by the key that you trust; where the log's key changed since, get the new one";
const START = 64; // bytes that tell what kind of file it is
const TITLE_KEY = "       The title registry's key is given by --title-key.";
const REGISTRY = "/titles"; // how the title registry's name ends

const PREFIX = Buffer.from("302a300506032b6570032100", "hex"); // RFC 8410: SubjectPublicKeyInfo
const keys = new Map();

function publicKey(bytes) {
  const name = hex(bytes);
  if (!keys.has(name)) {
    const key = Buffer.concat([PREFIX, bytes]);
    keys.set(name, createPublicKey({ key, format: "der", type: "spki" }));
  }
  return keys.get(name);
}

function inflate(bytes, maxOutputLength) {
  let done;
  try {
    done = inflateSync(bytes, { maxOutputLength, info: true });
  } catch {
    throw new Refusal("the items do not unpack");
  }
  need(done.engine.bytesWritten === bytes.length, "something follows the items");
  return new Uint8Array(done.buffer);
}

const ed25519 = (key, signature, message) => verify(null, message, publicKey(key), signature);

/** The same check, done once for each key, signature and message. */
function remembered(check) {
  const known = new Map();
  return (key, signature, message) => {
    const name = createHash("sha256").update(key).update(signature).update(message).digest("hex");
    if (!known.has(name)) known.set(name, check(key, signature, message));
    return known.get(name);
  };
}

use({
  sha256: (bytes) => new Uint8Array(createHash("sha256").update(bytes).digest()),
  ed25519,
  inflate,
});

async function loadMlDsa(isStream) {
  const { ml_dsa44: scheme } = await import("@noble/post-quantum/ml-dsa.js");
  const mlDsa44 = (key, signature, message) => scheme.verify(signature, message, key);
  use({ mlDsa44: isStream ? remembered(mlDsa44) : mlDsa44 });
}

function plain(report) {
  const { cosigners, cosignerKeys, root, witnessed, ...rest } = report;
  const texts = Object.entries(rest).map(([name, value]) => [
    name,
    typeof value === "bigint" ? String(value) : value,
  ]);
  const known = root ? { root: hex(root) } : {};
  return { ...Object.fromEntries(texts), cosigners: [...cosigners].sort(), ...known };
}

const OLDER_KEY =
  "       Was the file made before the log changed its key? It cannot know of the newer one: " +
  "trust the key that signed then, or have the file made anew.";
const TOO_FEW = { lie: { where: "file", part: "checkpoint", detail: "quorum: too few witnesses cosigned" } };

/** {lie} or {proven (plain data), cosignerKeys (texts)}. */
function held(report, policy) {
  const cosignerKeys = [...(report.cosignerKeys ?? report.witnessed)];
  if (!policy || policy.isMet(report.witnessed)) return { proven: plain(report), cosignerKeys };
  const known = policy.cosigners.map(nameOf);
  const others = cosignerKeys.filter((key) => !policy.cosigners.includes(key)).map(nameOf);
  return { ...TOO_FEW, otherKeys: [...new Set(others)].filter((name) => known.includes(name)).sort() };
}

/** What a refusal comes to: {other} where the reader's key is of another log, else {lie}. */
function refused({ where, part, detail, refusal }) {
  if (!(refusal instanceof OtherLog)) return { lie: { where, part, detail } };
  return { other: filled(refusal.template, refusal.values.map(quoted)), lie: { where, part, detail } };
}

/** The verdict on one export, disclosure or title proof as plain data. */
async function judge(source, pinned, policy = null, titleKey = null) {
  try {
    if (isJson(await source.read(0, 1))) {
      const bytes = await small(source);
      const verify = isTitleProof(bytes) ? verifyTitle : verifyDisclosure;
      return held(await verify(bytes, { pinned, titleKey }), policy);
    }
    return held(await verifyBundle(source, { pinned }), policy);
  } catch (error) {
    if (!(error instanceof Lie)) throw error;
    return refused(error);
  }
}

/** All of a small file, and of one that is none as much as shows that. */
const small = (source) => source.read(0, Math.min(MOST_BYTES + 1, source.size));

async function stream(pinned) {
  const input = readFileSync(0);
  for (let at = 0; at < input.length; ) {
    const size = input.readUInt32BE(at);
    const bytes = new Uint8Array(input.buffer, input.byteOffset + at + 4, size);
    const { proven, lie } = await judge(bytesSource(bytes), pinned);
    console.log(JSON.stringify(lie ? { lie } : { proven }));
    at += 4 + size;
  }
}

/** Which kind of file this is, or null. */
async function kindOf(source) {
  const start = await source.read(0, Math.min(START, source.size));
  if (isBundle(start)) return "bundle";
  if (isProof(start)) return "proof";
  if (!isJson(start)) return null;
  const whole = await small(source);
  if (isTitleProof(whole)) return "title";
  return isDisclosure(whole) ? "disclosure" : null;
}

/** The verdict on a proof file and its entry. Without a key only the path is checked. */
async function judgeProof(source, entry, pinned, policy) {
  try {
    const bytes = await small(source);
    const { index, checkpoint, lines } = await verifyPath(bytes, entry);
    let witnessed = new Set();
    checkLog(pinned, checkpoint.origin);
    if (pinned) {
      const keys = await Promise.all([pinned].flat().map(parseVerifierKey));
      const isIts = (key) => lines.some(({ name, id }) => name === key.name && equal(id, key.id));
      need(keys.some(isIts), NOT_BY_IT);
      const cosigners = await Promise.all((policy?.cosigners ?? []).map(parseVerifierKey));
      const { cosigned } = (await verifyUnder(bytes, entry, keys, cosigners)).checkpoint;
      witnessed = new Set(cosigned.map((one) => one.key.text));
    }
    const { origin, size, root } = checkpoint;
    return held({ origin, entry: `${index} of ${size}`, root, cosigners: [], witnessed }, policy);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return refused(new Lie("file", "proof", error));
  }
}

function wrongUse(words) {
  console.error(words);
  return 2;
}

async function main(list) {
  if (list.includes("--help") || list.includes("-h")) {
    console.log(USAGE);
    return 0;
  }
  const { names, leaf, policy: policyFile, titleKey, wrong } = parsed(list);
  if (wrong) return wrongUse(USAGE);
  const [name, own = null] = names;
  let [policy, pinned] = [null, null];
  try {
    for (const key of [own, titleKey]) if (key !== null) await parseVerifierKey(key);
    if (policyFile !== null) policy = await parsePolicy(new Uint8Array(readFileSync(policyFile)));
    const trusted = [...(own === null ? [] : [own]), ...(policy?.logs ?? [])];
    if (policy !== null && trusted.length === 0) return wrongUse("the policy names no log: give its key as VKEY");
    pinned = trusted.length ? trusted : null;
  } catch (error) {
    if (!(error instanceof Refusal)) return wrongUse(`cannot read ${policyFile}: ${error.message}`);
    return wrongUse(`VKEY, --title-key or --policy: ${error.message}`);
  }
  const isStream = name === "--stream";
  await loadMlDsa(isStream).catch(() => {}); // told by a file that needs it
  if (isStream) {
    use({ ed25519: remembered(ed25519) }); // bundles of one log share most of their signatures
    await stream(pinned);
    return 0;
  }
  let source;
  try {
    source = await sourceOf(name);
  } catch (error) {
    return wrongUse(`cannot read ${name}: ${error.message}`);
  }
  const kind = await kindOf(source);
  if (kind === null)
    return wrongUse(
      `no file for this tool: ${name} is no export (lease-export/2), no disclosure ` +
        "(lease-disclosure/1), no title proof (title-proof/1 or /2) and no .tlog-proof",
    );
  if (kind === "proof" && leaf === null)
    return wrongUse("a .tlog-proof is for one entry: give its bytes by --leaf FILE.leaf");
  if (kind !== "proof" && leaf !== null) return wrongUse("--leaf: only a .tlog-proof needs it");
  if (kind !== "title" && titleKey !== null) return wrongUse("--title-key: only a title proof needs it");
  let entry = null;
  try {
    if (leaf !== null) entry = await small(await sourceOf(leaf));
  } catch (error) {
    return wrongUse(`cannot read ${leaf}: ${error.message}`);
  }
  const { proven, cosignerKeys, lie, other, otherKeys = [] } =
    kind === "proof" ? await judgeProof(source, entry, pinned, policy) : await judge(source, pinned, policy, titleKey);
  if (other) {
    const isRegistrys = pinned.some((key) => nameOf(key).endsWith(REGISTRY));
    return wrongUse(`VKEY or --policy: ${other}${isRegistrys ? `\n${TITLE_KEY}` : ""}`);
  }
  if (lie) {
    console.log(`LIE    ${lie.where}: ${lie.part}: ${lie.detail}`);
    if (lie.part === "header" && lie.detail.endsWith("trust")) console.log(OLDER_KEY);
    for (const name of otherKeys)
      console.log(`       ${name} cosigned with a key that the policy does not name: did it change its key?`);
    return 1;
  }
  const knows = {
    isPinned: pinned !== null,
    hasPolicy: policy !== null,
    hasTitleKey: titleKey !== null,
    witnesses: policy?.cosigners ?? [],
  };
  console.log(told(kind, { ...proven, cosigners: cosignerKeys }, knows).join("\n"));
  return pinned ? 0 : 3;
}

/** A file that went away or changed while it was read is wrong use: nothing was found untrue. */
const unreadable = (error) => {
  if (error instanceof MissingLibrary)
    return wrongUse(
      "the file carries ML-DSA-44 signatures, and node finds nothing to check them with: run " +
        "`npm install @noble/post-quantum` in the folder of cli.mjs or one above it",
    );
  if (error?.name !== "NotReadableError") throw error;
  return wrongUse(`cannot read the file to its end: ${error.message}`);
};

process.exitCode = await main(process.argv.slice(2)).catch(unreadable);
