// What is kept on the phone is sealed: AES-256-GCM under a content key, which itself is kept only wrapped.
// docs/phone.md says by what, and against whom that helps.
import { concat, utf8 } from "../ledger/verify/bytes.js";
import { canonicalBytes } from "../ledger/verify/canonical.js";

/** OWASP Password Storage Cheat Sheet (June 2026): 600,000 for PBKDF2-HMAC-SHA-256. */
export const ITERATIONS = 600_000;
const NONCE_SIZE = 12;
const AES = { name: "AES-GCM", length: 256 };
const USES = ["encrypt", "decrypt"];

/** Sealed under another key, or for another place, or changed. */
export class Unopened extends Error {}

export const random = (size) => crypto.getRandomValues(new Uint8Array(size));
const placeBytes = (place) => canonicalBytes(["lease-phone/1", ...place]);
const gcm = (iv, place) => ({ name: "AES-GCM", iv, additionalData: placeBytes(place) });

/** The key that seals a person's rows; extractable only until it is wrapped. */
export const newContentKey = () => crypto.subtle.generateKey(AES, true, USES);

/** A key that never leaves this browser profile by any script; every wrapping key goes through it. */
export const newDeviceKey = () =>
  crypto.subtle.generateKey({ name: "HMAC", hash: "SHA-256", length: 256 }, false, ["sign"]);

/** 32 bytes from a PIN, slowly. */
export async function stretch(pin, salt, iterations = ITERATIONS) {
  const key = await crypto.subtle.importKey("raw", utf8(pin), "PBKDF2", false, ["deriveBits"]);
  const how = { name: "PBKDF2", hash: "SHA-256", salt, iterations };
  return new Uint8Array(await crypto.subtle.deriveBits(how, key, 256));
}

/** The key that wraps: HMAC-SHA-256 by the device key over the place and 32 secret bytes. */
export async function wrappingKey(deviceKey, secret, place) {
  const input = concat(placeBytes(place), secret);
  const bits = await crypto.subtle.sign("HMAC", deviceKey, input);
  input.fill(0);
  return crypto.subtle.importKey("raw", bits, AES, false, ["wrapKey", "unwrapKey"]);
}

/** {iv, bytes}: the content key under a wrapping key; `place` says whose, and which way opens it. */
export async function wrap(contentKey, by, place) {
  const iv = random(NONCE_SIZE);
  const bytes = await crypto.subtle.wrapKey("raw", contentKey, by, gcm(iv, place));
  return { iv, bytes: new Uint8Array(bytes) };
}

/** The content key; throws Unopened. Extractable only to be wrapped anew. */
export const unwrap = ({ iv, bytes }, by, place, extractable = false) =>
  crypto.subtle
    .unwrapKey("raw", bytes, by, gcm(iv, place), AES, extractable, USES)
    .catch(refuse);

function refuse(error) {
  throw error.name === "OperationError" ? new Unopened("the seal does not hold") : error;
}

/** {iv, bytes}: `plain` under a fresh random nonce, bound to its place (texts: store, key, …). */
export async function seal(key, plain, place) {
  const iv = random(NONCE_SIZE);
  return { iv, bytes: new Uint8Array(await crypto.subtle.encrypt(gcm(iv, place), key, plain)) };
}

/** What was sealed for just this place; throws Unopened. */
export const unseal = async (key, { iv, bytes }, place) =>
  new Uint8Array(await crypto.subtle.decrypt(gcm(iv, place), key, bytes).catch(refuse));
