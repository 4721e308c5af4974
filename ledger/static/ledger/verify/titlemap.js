// The title registry's map: a sparse Merkle tree of depth 256. docs/title-registry.md; the same
// checks as ledger/core/title_map.py.
import { concat, equal, need, utf8 } from "./bytes.js";
import { canonicalBytes } from "./canonical.js";
import { sha256 } from "./platform.js";

const DEPTH = 256;
const TAG = utf8("title-map/1");
const [LEAF, NODE, NONE] = [0, 1, 2].map((kind) => concat(TAG, Uint8Array.of(kind)));
const nodeHash = (left, right) => sha256(concat(NODE, left, right));

let empty;

/** Hashes of subtrees without any right, by the depth of their root. */
async function emptyHashes() {
  if (!empty) {
    const found = [await sha256(NONE)];
    while (found.length <= DEPTH) found.push(await nodeHash(found.at(-1), found.at(-1)));
    empty = found.reverse();
  }
  return empty;
}

const bitAt = (bytes, place) => (bytes[place >> 3] >> (7 - (place & 7))) & 1;

/** What the VRF is asked for a right on what an identifier names. */
export function alphaOf(right, identifier) {
  need(!right.includes("\0"), "a right has no zero byte in its name");
  return concat(utf8("title-index/1\0"), utf8(right), utf8("\0"), utf8(identifier));
}

/** What a leaf commits to: state, holder and the epoch since when, under a salt. */
export const commitmentOf = ({ salt, state, holder, since }) =>
  sha256(concat(utf8("title-state/1\0"), salt, canonicalBytes({ holder, since, state })));

/** All 256 hashes beside the way, from the top. */
function besideOf({ bitmap, siblings }, none) {
  const count = Array.from({ length: DEPTH }, (_, place) => bitAt(bitmap, place)).reduce(
    (sum, bit) => sum + bit,
    0,
  );
  need(count === siblings.length, "the bitmap names {0} hashes, {1} came", count, siblings.length);
  const given = siblings.values();
  return Array.from({ length: DEPTH }, (_, place) => {
    if (!bitAt(bitmap, place)) return none[place + 1];
    const sibling = given.next().value;
    need(!equal(sibling, none[place + 1]), "the bitmap names a hash that is an empty one");
    return sibling;
  });
}

/** Throws unless the map of this root holds just that at the index (`null`: nothing). */
export async function verifyMap(root, index, commitment, proof) {
  const none = await emptyHashes();
  const beside = besideOf(proof, none);
  let node = commitment === null ? none[DEPTH] : await sha256(concat(LEAF, index, commitment));
  for (let depth = DEPTH - 1; depth >= 0; depth -= 1)
    node = await (bitAt(index, depth) ? nodeHash(beside[depth], node) : nodeHash(node, beside[depth]));
  if (commitment === null)
    need(equal(node, root), "the map of this root does not show that nothing stands at the index");
  need(equal(node, root), "the map of this root does not hold this commitment at the index");
}
