// Canonical JSON (RFC 8785) of what is signed here: text, null, lists and mappings; no numbers.
//
// The reader accepts canonical bytes only, so that nothing can be written in two ways.
import { need, textOf, utf8 } from "./bytes.js";

const MAX_DEPTH = 32;
// What one text of JSON may hold: more than any honest file, and little enough to keep.
const MAX_BYTES = 1 << 26;
const MAX_NESTED = 1 << 18; // lists and mappings
const MAX_TEXTS = 1 << 22; // names among them
const RUN = 4096;
const SHORT = { '"': '"', "\\": "\\", b: "\b", f: "\f", n: "\n", r: "\r", t: "\t" };
const NEEDS_SHORT = new Set("\b\f\n\r\t");

/** The canonical text; throws on anything that cannot be signed. */
export function canonicalText(value) {
  if (value === null) return "null";
  if (typeof value === "string") {
    need(isWellFormed(value), "a lone surrogate cannot be signed");
    return JSON.stringify(value);
  }
  if (Array.isArray(value)) return `[${value.map(canonicalText).join(",")}]`;
  need(typeof value === "object", "a {0} cannot be signed; write it as text", typeof value);
  const names = Object.keys(value).sort();
  return `{${names.map((name) => `${canonicalText(name)}:${canonicalText(value[name])}`).join(",")}}`;
}

/** The bytes that are hashed or signed. */
export const canonicalBytes = (value) => utf8(canonicalText(value));

const isWellFormed = (text) =>
  text.isWellFormed
    ? text.isWellFormed()
    : !/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/.test(text);

/** The JSON object whose canonical bytes these are. Mappings have no prototype. */
export function parseCanonical(bytes) {
  need(bytes.length <= MAX_BYTES, "JSON of more than {0} bytes", MAX_BYTES);
  const reader = new Reader(textOf(bytes));
  const value = reader.value(0);
  need(reader.at === reader.text.length, "something follows the JSON");
  need(isMapping(value), "not a JSON object");
  return value;
}

export const isMapping = (value) =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Whether a mapping has exactly these names. */
export const hasNames = (value, ...names) =>
  isMapping(value) &&
  Object.keys(value).length === names.length &&
  names.every((name) => Object.hasOwn(value, name));

/** A member that is text. */
export function textAt(members, name) {
  need(typeof members[name] === "string", "the member {0} is not text", name);
  return members[name];
}

class Reader {
  constructor(text) {
    this.text = text;
    this.at = this.texts = this.nested = 0;
  }

  counted() {
    const isBounded = this.texts <= MAX_TEXTS && this.nested <= MAX_NESTED;
    need(isBounded, "JSON of more than {0} texts or {1} lists and mappings", MAX_TEXTS, MAX_NESTED);
  }

  take(sign) {
    need(this.text[this.at] === sign, "{0} expected at character {1}", sign, this.at);
    this.at += 1;
  }

  value(depth) {
    need(depth < MAX_DEPTH, "nested too deeply");
    const sign = this.text[this.at];
    if (sign === '"') return this.string();
    if (sign === "{") return this.mapping(depth);
    if (sign === "[") return this.list(depth);
    need(this.text.startsWith("null", this.at), "no text, list or mapping at character {0}", this.at);
    this.at += 4;
    return null;
  }

  list(depth) {
    const found = [];
    this.take("[");
    this.nested += 1;
    this.counted();
    if (this.text[this.at] !== "]") {
      found.push(this.value(depth + 1));
      while (this.text[this.at] === ",") {
        this.at += 1;
        found.push(this.value(depth + 1));
      }
    }
    this.take("]");
    return found;
  }

  mapping(depth) {
    const found = Object.create(null);
    let last;
    this.take("{");
    this.nested += 1;
    this.counted();
    while (this.text[this.at] !== "}" || last !== undefined) {
      if (last !== undefined) {
        if (this.text[this.at] === "}") break;
        this.take(",");
      }
      const name = this.string();
      need(last === undefined || last < name, "the name {0} is out of order, or stands twice", name);
      last = name;
      this.take(":");
      found[name] = this.value(depth + 1);
    }
    this.take("}");
    return found;
  }

  string() {
    this.take('"');
    this.texts += 1;
    this.counted();
    let [found, run] = [[], []]; // texts, joined now and then: their sums would all be kept
    for (;;) {
      const start = this.at;
      while (this.at < this.text.length && !'"\\'.includes(this.text[this.at])) {
        need(this.text[this.at] >= " ", "a control character in a text");
        this.at += 1;
      }
      run.push(this.text.slice(start, this.at));
      need(this.at < this.text.length, "a text does not end");
      this.at += 1;
      const isEnd = this.text[this.at - 1] === '"';
      if (isEnd && found.length === 0) return run.length === 1 ? run[0] : run.join("");
      if (isEnd || run.length > RUN) {
        found.push(run.join(""));
        run = [];
      }
      if (isEnd) return found.join("");
      run.push(this.escaped());
    }
  }

  escaped() {
    const sign = this.text[this.at];
    this.at += 1;
    if (sign in SHORT) return SHORT[sign];
    const code = this.text.slice(this.at, this.at + 4);
    need(sign === "u" && /^00[01][0-9a-f]$/.test(code), "an escape that is not canonical");
    this.at += 4;
    const found = String.fromCharCode(Number.parseInt(code, 16));
    need(!NEEDS_SHORT.has(found), "an escape that is not canonical");
    return found;
  }
}
