// Log keys that the reader trusts, kept in this browser: one for each log; and what one is worth.
import { leadsTo } from "../verify/handover.js";

const place = (origin) => `ledger-key:${origin}`;

export const pinnedKey = (origin) => localStorage.getItem(place(origin));

export const pinKey = (origin, key) =>
  key ? localStorage.setItem(place(origin), key) : localStorage.removeItem(place(origin));

/**
 * What the pinned key (null: none) says of the one that signed: it is the same, it `led` there by
 * hand-overs, or the signer is an `older` one that says it handed over to it; else it `changed`.
 * Older proves nothing: anybody may make a key that hands over to another's.
 */
export async function standing(pinned, signer, handovers) {
  if (!pinned || pinned === signer) return { pinned };
  const leads = (one, other) => leadsTo(one, other, handovers).catch(() => false);
  if (await leads(pinned, signer)) return { pinned, led: true };
  return (await leads(signer, pinned)) ? { pinned, older: true } : { pinned, changed: true };
}
