// RFC 6962 hashing with SHA-256: tree roots and inclusion proofs, checked on the phone itself.
import { concat, equal, sha256 } from "./bytes.js";

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

const bitLength = (number) => (number === 0n ? 0 : number.toString(2).length);
const onesIn = (number) => [...number.toString(2)].filter((bit) => bit === "1").length;

/**
 * The steps from a leaf hash to the root: [{side, sibling, combined}] (section 2.1.1).
 * `index` and `size` are BigInt. Throws if the proof has not exactly the length it must have.
 */
export async function climb(index, size, leaf, proof) {
  if (index < 0n || index >= size)
    throw new Error(`there is no entry ${index} in a log of ${size}`);
  const inner = bitLength(index ^ (size - 1n));
  if (proof.length !== inner + onesIn(index >> BigInt(inner)))
    throw new Error("the proof has the wrong length");
  const steps = [];
  let node = leaf;
  for (const [level, sibling] of proof.entries()) {
    if (sibling.length !== 32) throw new Error("every hash of a proof is 32 bytes");
    const siblingIsLeft = level >= inner || ((index >> BigInt(level)) & 1n) === 1n;
    node = siblingIsLeft ? await nodeHash(sibling, node) : await nodeHash(node, sibling);
    steps.push({ side: siblingIsLeft ? "left" : "right", sibling, combined: node });
  }
  return steps;
}

/** Throws unless leaf hash `leaf` stands at `index` of the tree (size, root); answers the steps. */
export async function verifyInclusion(index, size, leaf, proof, root) {
  const steps = await climb(index, size, leaf, proof);
  if (!equal(steps.at(-1)?.combined ?? leaf, root))
    throw new Error("the proof does not lead to the signed root");
  return steps;
}
