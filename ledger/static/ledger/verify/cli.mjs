// node cli.mjs FILE [--leaf LEAF] [--policy POLICY] [VKEY]: see USAGE. `--stream` judges many bundles from standard
// input, each u32 length || bytes, one line of JSON for each.
import { createHash, createPublicKey, verify } from "node:crypto";
import { openAsBlob, readFileSync } from "node:fs";
import { inflateSync } from "node:zlib";
import { Refusal, equal, hex, need } from "./bytes.js";
import { Lie, bytesSource, fileSource, isBundle, verifyBundle } from "./bundle.js";
import { isDisclosure, verifyDisclosure } from "./disclosure.js";
import { parseVerifierKey } from "./note.js";
import { use } from "./platform.js";
import { parsePolicy } from "./policy.js";
import { isProof, verifyPath, verifyUnder } from "./proof.js";
import { MOST_BYTES, isTitleProof, verifyTitle } from "./title.js";
import { told } from "./told.mjs";

const USAGE = `usage: node cli.mjs FILE [--policy POLICY] [VKEY]
       node cli.mjs FILE.tlog-proof --leaf FILE.leaf [--policy POLICY] [VKEY]
       node cli.mjs FILE.title-proof [--title-key VKEY] [--policy POLICY] [VKEY]
Proves a ledger export, some fields of an entry, that an entry stands in a log, or whether a right
stood in the title registry, offline.
VKEY: the log key that you trust, after --title-key the title registry's. POLICY: a C2SP trust policy: log keys, and a quorum of cosigners. Exit code 0: proven. 1: a lie. 2: wrong use.
3: holds together, but no key was pinned.`;
const NOT_BY_IT = "not signed by the key that you trust; where the log's key changed since, get the new one";
const START = 64; // bytes that tell what kind of file it is
const DISCLOSURE = '"lease-disclosure/'; // without it a file of JSON is somebody else's

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
  const { cosigners, root, witnessed, ...rest } = report;
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
const held = (report, policy) =>
  policy && !policy.isMet(report.witnessed) ? TOO_FEW : { proven: plain(report) };

/** The verdict on one bundle as plain data. */
async function judge(source, pinned, policy = null, titleKey = null) {
  try {
    if (isDisclosure(await source.read(0, 1))) {
      const bytes = await source.read(0, source.size);
      const verify = isTitleProof(bytes) ? verifyTitle : verifyDisclosure;
      return held(await verify(bytes, { pinned, titleKey }), policy);
    }
    return held(await verifyBundle(source, { pinned }), policy);
  } catch (error) {
    if (!(error instanceof Lie)) throw error;
    return { lie: { where: error.where, part: error.part, detail: error.detail } };
  }
}

async function stream(pinned) {
  const input = readFileSync(0);
  for (let at = 0; at < input.length; ) {
    const size = input.readUInt32BE(at);
    const bytes = new Uint8Array(input.buffer, input.byteOffset + at + 4, size);
    console.log(JSON.stringify(await judge(bytesSource(bytes), pinned)));
    at += 4 + size;
  }
}

/** Which kind of file this is, or null. */
async function kindOf(source) {
  const start = await source.read(0, Math.min(START, source.size));
  if (isBundle(start)) return "bundle";
  if (isProof(start)) return "proof";
  const whole = isDisclosure(start) && Buffer.from(await source.read(0, Math.min(MOST_BYTES + 1, source.size)));
  if (whole && isTitleProof(whole)) return "title";
  return whole && whole.includes(DISCLOSURE) ? "disclosure" : null;
}

/** The verdict on a proof file and its entry. Without a key only the path is checked. */
async function judgeProof(source, entry, pinned, policy) {
  try {
    const bytes = await source.read(0, source.size);
    const { index, checkpoint, lines } = await verifyPath(bytes, entry);
    let witnessed = new Set();
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
    return { lie: { where: "file", part: "proof", detail: error.message } };
  }
}

/** {names, leaf, policy, titleKey, wrong}: the positional arguments, and what follows each option. */
function parsed(list) {
  const [names, found] = [[], { leaf: null, policy: null, titleKey: null, wrong: false }];
  const named = { "--leaf": "leaf", "--policy": "policy", "--title-key": "titleKey" };
  for (let at = 0; at < list.length; at += 1) {
    const option = named[list[at]];
    if (option && at + 1 < list.length && found[option] === null) found[option] = list[(at += 1)];
    else names.push(list[at]);
  }
  const isOption = (name) => name.startsWith("-") && name !== "--stream";
  found.wrong = names.length < 1 || names.length > 2 || names.some(isOption);
  return { names, ...found };
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
  await loadMlDsa(isStream).catch(() => {}); // told when a bundle needs it
  if (isStream) {
    use({ ed25519: remembered(ed25519) }); // bundles of one log share most of their signatures
    await stream(pinned);
    return 0;
  }
  let source;
  try {
    source = openAsBlob ? fileSource(await openAsBlob(name)) : bytesSource(readFileSync(name));
  } catch (error) {
    return wrongUse(`cannot read ${name}: ${error.message}`);
  }
  const kind = await kindOf(source);
  if (kind === null)
    return wrongUse(
      `no file for this tool: ${name} is no export (lease-export/2), no disclosure ` +
        "(lease-disclosure/1), no title proof (title-proof/1) and no .tlog-proof",
    );
  if (kind === "proof" && leaf === null)
    return wrongUse("a .tlog-proof is for one entry: give its bytes by --leaf FILE.leaf");
  if (kind !== "proof" && leaf !== null) return wrongUse("--leaf: only a .tlog-proof needs it");
  if (kind !== "title" && titleKey !== null) return wrongUse("--title-key: only a title proof needs it");
  let entry = null;
  try {
    if (leaf !== null) entry = new Uint8Array(readFileSync(leaf));
  } catch (error) {
    return wrongUse(`cannot read ${leaf}: ${error.message}`);
  }
  const { proven, lie } =
    kind === "proof" ? await judgeProof(source, entry, pinned, policy) : await judge(source, pinned, policy, titleKey);
  if (lie) {
    console.log(`LIE    ${lie.where}: ${lie.part}: ${lie.detail}`);
    if (lie.part === "header" && lie.detail.endsWith("trust")) console.log(OLDER_KEY);
    return 1;
  }
  const knows = { isPinned: pinned !== null, hasPolicy: policy !== null, hasTitleKey: titleKey !== null };
  console.log(told(kind, proven, knows).join("\n"));
  return pinned ? 0 : 3;
}

process.exitCode = await main(process.argv.slice(2));
