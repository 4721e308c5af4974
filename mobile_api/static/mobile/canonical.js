// Canonical JSON: RFC 8785, restricted to what is signed here: text, null, lists and mappings.
//
// ECMAScript's own sort() compares UTF-16 code units and JSON.stringify escapes a string exactly as
// RFC 8785 asks, so nothing is left but to order the names and to refuse what may not be signed.
import { utf8 } from "./bytes.js";

/** The canonical text; throws on numbers, booleans and lone surrogates. */
export function canonicalText(value) {
  if (value === null) return "null";
  if (typeof value === "string") {
    if (!value.isWellFormed()) throw new Error("a lone surrogate cannot be signed");
    return JSON.stringify(value);
  }
  if (Array.isArray(value)) return `[${value.map(canonicalText).join(",")}]`;
  if (typeof value !== "object")
    throw new Error(`a ${typeof value} cannot be signed; write it as text`);
  const members = Object.keys(value)
    .sort()
    .map((name) => `${canonicalText(name)}:${canonicalText(value[name])}`);
  return `{${members.join(",")}}`;
}

/** The bytes that are hashed or signed. */
export const canonicalBytes = (value) => utf8(canonicalText(value));
