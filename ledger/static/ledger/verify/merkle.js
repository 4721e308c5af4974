// RFC 6962 hashing with SHA-256: roots, inclusion, consistency and partial proofs.
import { concat, equal, need } from "./bytes.js";
import { sha256 } from "./platform.js";

const LEAF = Uint8Array.of(0);
const NODE = Uint8Array.of(1);

export const leafHash = (entry) => sha256(concat(LEAF, entry));
export const nodeHash = (left, right) => sha256(concat(NODE, left, right));

/** Merkle tree hash of leaf hashes: pairs hashed level by level, an odd last one promoted. */
export async function rootOfHashes(hashes) {
  if (hashes.length === 0) return sha256(new Uint8Array());
  let level = hashes;
  while (level.length > 1) {
    const above = [];
    for (let i = 0; i < level.length; i += 2)
      above.push(i + 1 < level.length ? await nodeHash(level[i], level[i + 1]) : level[i]);
    level = above;
  }
  return level[0];
}

/** The growing tree: one hash for each 1-bit of its size, largest subtree first. */
export class Frontier {
  size = 0;
  peaks = [];

  async append(leaf) {
    let node = leaf;
    for (let index = this.size; index % 2 === 1; index = Math.floor(index / 2))
      node = await nodeHash(this.peaks.pop(), node);
    this.peaks.push(node);
    this.size += 1;
  }

  async root() {
    if (this.size === 0) return sha256(new Uint8Array());
    let root = this.peaks.at(-1);
    for (const peak of this.peaks.slice(0, -1).reverse()) root = await nodeHash(peak, root);
    return root;
  }
}

const bitLength = (number) => (number === 0n ? 0 : number.toString(2).length);
const onesIn = (number) => [...number.toString(2)].filter((bit) => bit === "1").length;
const bit = (number, level) => ((number >> BigInt(level)) & 1n) === 1n;

/**
 * The steps from a leaf hash to the root: [{side, sibling, combined}] (section 2.1.1).
 * `index` and `size` are BigInt. Throws if the proof has not exactly the length it must have.
 */
export async function climb(index, size, leaf, proof) {
  need(index >= 0n && index < size, "there is no entry {0} in a log of {1}", index, size);
  const inner = bitLength(index ^ (size - 1n));
  need(proof.length === inner + onesIn(index >> BigInt(inner)), "the proof has the wrong length");
  const steps = [];
  let node = leaf;
  for (const [level, sibling] of proof.entries()) {
    need(sibling.length === 32, "every hash of a proof is 32 bytes");
    const left = level >= inner || bit(index, level);
    node = left ? await nodeHash(sibling, node) : await nodeHash(node, sibling);
    steps.push({ side: left ? "left" : "right", sibling, combined: node });
  }
  return steps;
}

/** Throws unless leaf hash `leaf` stands at `index` of the tree (size, root); answers the steps. */
export async function verifyInclusion(index, size, leaf, proof, root) {
  const steps = await climb(index, size, leaf, proof);
  need(equal(steps.at(-1)?.combined ?? leaf, root), "the proof does not lead to the signed root");
  return steps;
}

/**
 * Throws unless tree (second, root2) extends tree (first, root1) (section 2.1.2); sizes are BigInt.
 * Answers the climb: {start, whole, steps: [{of: "both" | "new", side, sibling, before, after}]}, where
 * `before` and `after` are the nodes on the way to the old and to the new root. `start` is the node
 * that both begin with; `whole`: it is the old root, whose tree is one subtree of the new one.
 */
export async function verifyConsistency(first, second, proof, root1, root2) {
  need(first > 0n && first <= second, "a log of {0} cannot be shown to extend one of {1}", second, first);
  need(proof.every((hash) => hash.length === 32), "every hash of a proof is 32 bytes");
  if (first === second) {
    need(proof.length === 0 && equal(root1, root2), "two different trees of the same size");
    return { start: root1, whole: true, steps: [] };
  }
  const whole = (first & (first - 1n)) === 0n; // the old tree is one subtree of the new one
  const shift = first.toString(2).length - first.toString(2).replace(/0+$/, "").length;
  const all = bitLength((first - 1n) ^ (second - 1n));
  const border = onesIn((first - 1n) >> BigInt(all));
  const inner = all - shift;
  const start = whole ? 0 : 1;
  need(proof.length > 0 && proof.length === start + inner + border, "the proof has the wrong length");
  const steps = [];
  const seed = whole ? root1 : proof[0];
  let before = seed;
  let after = before;
  for (const [level, sibling] of proof.slice(start).entries()) {
    const both = level >= inner || bit((first - 1n) >> BigInt(shift), level);
    if (both) before = await nodeHash(sibling, before);
    after = both ? await nodeHash(sibling, after) : await nodeHash(after, sibling);
    steps.push({ of: both ? "both" : "new", side: both ? "left" : "right", sibling, before, after });
  }
  need(equal(before, root1), "the proof does not lead to the root of size {0}", first);
  need(equal(after, root2), "the proof does not lead to the root of size {0}", second);
  return { start: seed, whole, steps };
}

/** The root of a tree of `size` leaves from some leaf hashes (places rising) and the hidden ones. */
export async function rootFromPartial(size, places, hashes, proof) {
  need(places.length > 0 && places.length === hashes.length, "a partial tree needs its leaves");
  need(places.every((place, i) => i === 0 || place > places[i - 1]), "the places do not rise");
  need(places.at(-1) < size && Number.isSafeInteger(size), "a place outside the tree");
  let taken = 0; // of the proof: taking from its front would copy it each time
  let known = places.map((place, i) => ({ place, hash: hashes[i] }));
  for (let width = size; width > 1; width = Math.ceil(width / 2)) {
    const above = [];
    for (let i = 0; i < known.length; i += 1) {
      const { place, hash } = known[i];
      const sibling = place % 2 === 0 ? place + 1 : place - 1;
      let combined = hash;
      if (sibling < width) {
        let other;
        if (known[i + 1]?.place === sibling) other = known[(i += 1)].hash;
        else other = proof[taken++];
        need(other !== undefined, "the partial proof is too short");
        combined = place % 2 === 0 ? await nodeHash(hash, other) : await nodeHash(other, hash);
      }
      above.push({ place: Math.floor(place / 2), hash: combined });
    }
    known = above;
  }
  need(taken === proof.length, "the partial proof is too long");
  return known[0].hash;
}
