// Bytes and their texts: UTF-8, strict base64 (RFC 4648 section 4), hex, SHA-256.

const encoder = new TextEncoder();

export const utf8 = (text) => encoder.encode(text);

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
  one.length === other.length && one.every((byte, i) => byte === other[i]);

export const hex = (bytes) =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

export function b64(bytes) {
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
}

/** Strict inverse of `b64`; throws on any other spelling, and on a length other than `size`. */
export function unb64(text, size) {
  let bytes;
  try {
    bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  } catch {
    throw new Error("not base64");
  }
  if (b64(bytes) !== text) throw new Error("not canonical base64");
  if (size !== undefined && bytes.length !== size)
    throw new Error(`${size} bytes expected, ${bytes.length} found`);
  return bytes;
}

export async function sha256(bytes) {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
}
