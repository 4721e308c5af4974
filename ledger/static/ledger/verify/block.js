// A block of a bundle: many entries together, and what stands beside them. Every byte counts.
import { need } from "./bytes.js";

const HEAD = 20;
const MAX_ENTRIES = 1 << 16;
const PRINT = 4;
const RANK = { P: 0, F: 0, X: 0, I: 1, C: 2 };

/** How many entries a block says that it holds; 0 if it is too short to say. */
export const countOf = (body) =>
  body.length < HEAD ? 0 : new DataView(body.buffer, body.byteOffset).getUint32(8);

/** {start, leaves, prints, landmarks: Set, parts: Map place → {P, F, X, I, C}}, read strictly. */
export function parseBlock(body) {
  need(body.length >= HEAD, "the block is too short for its head");
  const view = new DataView(body.buffer, body.byteOffset, body.length);
  const start = view.getBigUint64(0);
  const [count, marks, shown] = [view.getUint32(8), view.getUint32(12), view.getUint32(16)];
  need(count > 0 && count <= MAX_ENTRIES, "a block holds 1 to 65,536 entries");
  need(marks <= count && shown <= 3 * count, "the block counts more than it may hold");
  const prints = HEAD + 2 * count;
  const places = prints + PRINT * count;
  const directory = places + 4 * marks;
  let at = directory + 9 * shown;
  need(body.length >= at, "the block is too short for what it counts");
  const take = (size) => {
    need(at + size <= body.length, "the lengths in the block do not add up to its size");
    at += size;
    return body.subarray(at - size, at);
  };
  const leaves = [];
  for (let i = 0; i < count; i += 1) leaves.push(take(view.getUint16(HEAD + 2 * i)));
  const landmarks = new Set();
  for (let i = 0, last = -1; i < marks; i += 1) {
    const place = view.getUint32(places + 4 * i);
    need(place > last && place < count, "the places of keys and tapes do not rise");
    landmarks.add((last = place));
  }
  const parts = new Map();
  for (let i = 0, last = -1; i < shown; i += 1) {
    const place = view.getUint32(directory + 9 * i);
    const kind = String.fromCharCode(view.getUint8(directory + 9 * i + 4));
    need(Object.hasOwn(RANK, kind) && place < count, "a part of an unknown kind or place");
    need(place * 3 + RANK[kind] > last, "the parts of the block are not in order, each once");
    last = place * 3 + RANK[kind];
    if (!parts.has(place)) parts.set(place, {});
    parts.get(place)[kind] = take(view.getUint32(directory + 9 * i + 5));
  }
  need(at === body.length, "the lengths in the block do not add up to its size");
  return { start, leaves, prints: body.subarray(prints, places), landmarks, parts };
}
