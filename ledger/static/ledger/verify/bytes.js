// Bytes and their texts: UTF-8, strict base64 (RFC 4648 section 4), hex; and what a refusal is.

const LONGEST = 200; // characters of a value in a refusal: a hostile file is not told again

const shortened = (value) =>
  typeof value === "string" && value.length > LONGEST ? `${value.slice(0, LONGEST)}…` : value;

/** `template` with the values in the place of {0}, {1}. */
export const filled = (template, values) =>
  template.replace(/\{(\d)\}/g, (_all, place) => String(values[place]));

/**
 * Bytes that do not follow the format, or a claim that is false. The message says what; a page
 * words `template` and `values` in its reader's language.
 */
export class Refusal extends Error {
  constructor(template, ...given) {
    const values = given.map(shortened);
    super(filled(template, values));
    Object.assign(this, { template, values });
  }
}

/** The reader's keys are of other logs than the file: he took another file, or another key. */
export class OtherLog extends Refusal {}

export function need(condition, template, ...values) {
  if (!condition) throw new Refusal(template, ...values);
}

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const VALUE_OF = new Map([...ALPHABET].map((sign, value) => [sign, value]));

export const utf8 = (text) => encoder.encode(text);

/** Strictly decoded text. */
export function textOf(bytes) {
  try {
    return decoder.decode(bytes);
  } catch {
    throw new Refusal("not UTF-8");
  }
}

export function concat(...parts) {
  const whole = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
  let place = 0;
  for (const part of parts) {
    whole.set(part, place);
    place += part.length;
  }
  return whole;
}

export const equal = (one, other) =>
  one.length === other.length && one.every((byte, place) => byte === other[place]);

export const hex = (bytes) =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

export function b64(bytes) {
  let text = "";
  for (let at = 0; at < bytes.length; at += 3) {
    const [a, b = 0, c = 0] = bytes.subarray(at, at + 3);
    const four = [a >> 2, ((a & 3) << 4) | (b >> 4), ((b & 15) << 2) | (c >> 6), c & 63];
    const kept = Math.min(bytes.length - at, 3) + 1;
    text += four.map((value, place) => (place < kept ? ALPHABET[value] : "=")).join("");
  }
  return text;
}

/** Inverse of `b64`: one spelling for one value, of `size` bytes if given. */
export function unb64(text, size) {
  const bare = text.endsWith("==") ? text.slice(0, -2) : text.endsWith("=") ? text.slice(0, -1) : text;
  need(text.length % 4 === 0 && bare.length % 4 !== 1, "not base64");
  const bytes = new Uint8Array((bare.length * 3) >> 2);
  let [held, bits, place] = [0, 0, 0];
  for (const sign of bare) {
    const value = VALUE_OF.get(sign);
    need(value !== undefined, "not base64");
    held = ((held << 6) | value) & 0xffff;
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      bytes[place++] = (held >> bits) & 0xff;
    }
  }
  need((held & ((1 << bits) - 1)) === 0, "not canonical base64");
  if (size !== undefined) need(bytes.length === size, "{0} bytes expected, {1} found", size, bytes.length);
  return bytes;
}

/** An ASCII decimal without leading zeros, below 2^63, as BigInt. */
export function decimal(text) {
  need(/^(0|[1-9][0-9]{0,18})$/.test(text), "not a decimal number");
  need(BigInt(text) < 1n << 63n, "the number is too large");
  return BigInt(text);
}

/** Whole hashes of 32 bytes, out of their concatenation. */
export function hashesOf(bytes) {
  need(bytes.length % 32 === 0, "a proof is of whole hashes");
  return Array.from({ length: bytes.length / 32 }, (_, i) => bytes.subarray(32 * i, 32 * i + 32));
}
