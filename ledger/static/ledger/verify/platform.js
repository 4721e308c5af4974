// What the surroundings give: SHA-256, SHA-512, Ed25519, ML-DSA-44 and inflating. Browsers by
// WebCrypto and DecompressionStream; `use` puts Node's own in their place (cli.mjs).
import { Refusal, need } from "./bytes.js";

const given = {};

/** Replace some of {sha256, ed25519, mlDsa44, inflate}. */
export const use = (functions) => Object.assign(given, functions);

export const sha256 = (bytes) => (given.sha256 ? given.sha256(bytes) : digest("SHA-256", bytes));
export const sha512 = (bytes) => digest("SHA-512", bytes);

async function digest(name, bytes) {
  return new Uint8Array(await crypto.subtle.digest(name, bytes));
}

const imported = new Map();

/** Whether the platform's Ed25519 accepts; undefined where it knows none. */
export async function platformEd25519(publicKey, signature, message) {
  if (given.ed25519) return given.ed25519(publicKey, signature, message);
  const name = String(publicKey);
  try {
    if (!imported.has(name))
      imported.set(
        name,
        await crypto.subtle.importKey("raw", publicKey, "Ed25519", false, ["verify"]),
      );
    return await crypto.subtle.verify("Ed25519", imported.get(name), signature, message);
  } catch (error) {
    if (error.name === "NotSupportedError") return undefined;
    return false;
  }
}

/** What a verdict needs is not here. Nothing was found untrue, so that this is no `Refusal`. */
export class MissingLibrary extends Error {}

/** Whether an ML-DSA-44 signature (pure, empty context) holds. */
export async function mlDsa44(publicKey, signature, message) {
  if (given.mlDsa44 === undefined) throw new MissingLibrary("ML-DSA-44");
  return given.mlDsa44(publicKey, signature, message);
}

/** The inflated bytes (RFC 1950), at most `limit`; whatever is cut short or follows is refused. */
export async function inflate(bytes, limit) {
  if (given.inflate) return given.inflate(bytes, limit);
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  const parts = [];
  let size = 0;
  try {
    for (const reader = stream.getReader(); ; ) {
      const { done, value } = await reader.read();
      if (done) break;
      size += value.length;
      if (size > limit) {
        await reader.cancel();
        break;
      }
      parts.push(value);
    }
  } catch {
    throw new Refusal("the items do not unpack");
  }
  need(size <= limit, "the items unpack to too much");
  return new Uint8Array(await new Blob(parts).arrayBuffer());
}
