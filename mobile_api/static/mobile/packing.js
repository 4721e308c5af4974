// A value of the phone as bytes and back, to be sealed: JSON, beside it binary parts, big integers and files.
// 4 bytes length of the JSON ‖ JSON ‖ parts, which it names by {"$bytes": [from, to]}.
import { concat, utf8 } from "../ledger/verify/bytes.js";

const isPlain = (value) => Object.getPrototypeOf(value) === Object.prototype;
const escape = (name) => (name.startsWith("$") ? `$${name}` : name);
const unescape = (name) => (name.startsWith("$$") ? name.slice(1) : name);
const mapEntries = (value, change) => Object.fromEntries(Object.entries(value).map(change));

/** Bytes of a value of texts, numbers, big integers, Uint8Arrays, files, lists and plain objects. */
export async function pack(value) {
  const parts = [];
  let size = 0;
  const keepPart = (bytes) => {
    parts.push(bytes);
    size += bytes.length;
    return { $bytes: [size - bytes.length, size] };
  };
  const encode = async (item) => {
    if (typeof item === "bigint") return { $integer: String(item) };
    if (item === null || typeof item !== "object") return item;
    if (item instanceof Uint8Array) return keepPart(item);
    if (item instanceof Blob) {
      const bytes = new Uint8Array(await item.arrayBuffer());
      return { $file: [item.name ?? "", item.type, keepPart(bytes).$bytes] };
    }
    if (Array.isArray(item)) return Promise.all(item.map(encode));
    if (!isPlain(item)) throw new Error(`cannot be kept: ${item.constructor.name}`);
    const pairs = Object.entries(item).map(async ([name, inner]) => [escape(name), await encode(inner)]);
    return Object.fromEntries(await Promise.all(pairs));
  };
  const head = utf8(JSON.stringify(await encode(value)));
  const length = new Uint8Array(4);
  new DataView(length.buffer).setUint32(0, head.length);
  return concat(length, head, ...parts);
}

/** The value again. */
export function unpack(packed) {
  const length = new DataView(packed.buffer, packed.byteOffset).getUint32(0);
  const body = packed.subarray(4 + length);
  const part = ([from, to]) => body.slice(from, to);
  const decode = (item) => {
    if (item === null || typeof item !== "object") return item;
    if (Array.isArray(item)) return item.map(decode);
    if (item.$bytes) return part(item.$bytes);
    if (item.$integer) return BigInt(item.$integer);
    if (item.$file) {
      const [name, type, place] = item.$file;
      return new File([part(place)], name, { type });
    }
    return mapEntries(item, ([name, inner]) => [unescape(name), decode(inner)]);
  };
  return decode(JSON.parse(new TextDecoder().decode(packed.subarray(4, 4 + length))));
}
