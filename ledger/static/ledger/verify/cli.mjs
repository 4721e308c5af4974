// node cli.mjs FILE [VKEY]: proves an export, or a disclosure. Exit code 0: proven. 1: a lie. 2: wrong use.
// 3: holds together, but no key was pinned. `--stream` judges many bundles from standard input,
// each u32 length || bytes, one line of JSON for each.
import { createHash, createPublicKey, verify } from "node:crypto";
import { openAsBlob, readFileSync } from "node:fs";
import { inflateSync } from "node:zlib";
import { Refusal, hex, need } from "./bytes.js";
import { Lie, bytesSource, fileSource, verifyBundle } from "./bundle.js";
import { isDisclosure, verifyDisclosure } from "./disclosure.js";
import { parseVerifierKey } from "./note.js";
import { use } from "./platform.js";

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
  const { cosigners, root, ...rest } = report;
  const texts = Object.entries(rest).map(([name, value]) => [
    name,
    typeof value === "bigint" ? String(value) : value,
  ]);
  const known = root ? { root: hex(root) } : {};
  return { ...Object.fromEntries(texts), cosigners: [...cosigners].sort(), ...known };
}

/** The verdict on one bundle as plain data. */
async function judge(source, pinned) {
  try {
    if (isDisclosure(await source.read(0, 1))) {
      const bytes = await source.read(0, source.size);
      return { proven: plain(await verifyDisclosure(bytes, { pinned })) };
    }
    return { proven: plain(await verifyBundle(source, { pinned })) };
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

async function main([name, pinned = null]) {
  if (!name) {
    console.error("usage: node cli.mjs FILE [VKEY]");
    return 2;
  }
  try {
    if (pinned !== null) await parseVerifierKey(pinned);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    console.error(`VKEY: ${error.message}`);
    return 2;
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
    console.error(`cannot read ${name}: ${error.message}`);
    return 2;
  }
  const { proven, lie } = await judge(source, pinned);
  if (lie) {
    console.log(`LIE    ${lie.where}: ${lie.part}: ${lie.detail}`);
    return 1;
  }
  console.log(`${pinned ? "PROVEN" : "HOLDS TOGETHER"} ${proven.origin}`);
  const { cosigners = [], ...facts } = proven;
  for (const [what, value] of Object.entries(facts)) console.log(`  ${what.padEnd(13)} ${value}`);
  for (const name of cosigners) console.log(`  cosigned by a key that the file calls ${JSON.stringify(name)}`);
  if (cosigners.length) console.log("  not checked   who cosigned: the names are the file's word");
  if (!pinned) console.log("  not checked   whose log this is: compare the key with the institution's");
  return pinned ? 0 : 3;
}

process.exitCode = await main(process.argv.slice(2));
