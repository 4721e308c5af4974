// Salted field commitments: each field is a leaf 16 random bytes || RFC 8785 bytes of [name, value].
// Mirrors ledger/core/fields.py; without its salt a field cannot be guessed from the root.
import { concat } from "../ledger/verify/bytes.js";
import { canonicalBytes } from "../ledger/verify/canonical.js";
import { leafHash, rootOfHashes } from "../ledger/verify/merkle.js";

export const SALT_SIZE = 16;

/** A fresh salt for every field: name → bytes. */
export function drawSalts(fields) {
  return Object.fromEntries(
    Object.keys(fields).map((name) => [name, crypto.getRandomValues(new Uint8Array(SALT_SIZE))]),
  );
}

/** The root that is signed, over all fields in the order of their names. */
export async function fieldsRoot(fields, salts) {
  const names = Object.keys(fields).sort();
  if (names.length === 0) throw new Error("a record has at least one field");
  const hashes = names.map((name) => {
    if (salts[name]?.length !== SALT_SIZE)
      throw new Error(`the salt of ${name} is not ${SALT_SIZE} bytes`);
    return leafHash(concat(salts[name], canonicalBytes([name, fields[name]])));
  });
  return rootOfHashes(await Promise.all(hashes));
}
