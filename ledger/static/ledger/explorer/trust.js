// Whom the reader trusts: the key that he typed or pinned, and a policy file (C2SP tlog-policy).
import { Refusal } from "../verify/bytes.js";
import { nameOf, parseVerifierKey } from "../verify/note.js";
import { parsePolicy } from "../verify/policy.js";
import { Unfit, say, worded } from "./outcome.js";
import { pinnedKey } from "./pins.js";

/** {typed (text, "" for none), policy (as parsed, or null)}; throws `Unfit` in the reader's words. */
export async function readTrust(typed, file) {
  if (typed)
    await parseVerifierKey(typed).catch(() => {
      throw new Unfit(say("bad_key"));
    });
  return { typed, policy: file ? await readPolicy(file) : null };
}

async function readPolicy(file) {
  try {
    return await parsePolicy(new Uint8Array(await file.arrayBuffer()));
  } catch (error) {
    if (!(error instanceof Refusal)) throw new Unfit(say("bad_policy", { why: say("unreadable") }));
    const why = worded(error);
    throw new Unfit(say("bad_policy", { why: error.line ? say("policy_line", { line: error.line, why }) : why }));
  }
}

/**
 * The key that counts for a file of this log: the typed one, or one that the policy names for it, of
 * `here` if it can be; else the one pinned before. A policy that names other logs alone is for other files.
 */
export async function keyFor({ typed, policy }, origin, here) {
  const named = (policy?.logs ?? []).filter((text) => nameOf(text) === origin);
  const ours = typed && nameOf(typed) === origin ? [typed, ...named] : named;
  if (ours.length) return ours.find((text) => here.includes(text)) ?? ours[0];
  if (typed) throw new Unfit(say("other_log", { name: nameOf(typed) }));
  if (policy?.logs.length) throw new Unfit(say("policy_other_log", { name: origin }));
  return pinnedKey(origin);
}

/** The policy's witnesses, for a proof that brings no keys. */
export const policyCosigners = ({ policy }) => Promise.all((policy?.cosigners ?? []).map(parseVerifierKey));

/** {unmet: true} where the newest checkpoint lacks cosignatures that the policy asks for. */
export function judgedByPolicy({ policy }, witnessed) {
  if (!policy) return {};
  return policy.isMet(witnessed) ? { met: true } : { unmet: true };
}

const namesOf = (keys) => [...new Set(keys.map(nameOf))].sort().join(", ");

/** Who cosigned: those whose keys the policy pins, and those that the file alone calls so. */
export function cosignedTold({ policy }, origin, keys) {
  const others = [...keys].filter((text) => nameOf(text) !== origin);
  const isPinned = (text) => policy?.cosigners.includes(text);
  const ours = namesOf(others.filter(isPinned));
  const rest = namesOf(others.filter((text) => !isPinned(text)));
  return [ours && say("cosigned_pinned", { names: ours }), rest && say("cosigned", { names: rest })].filter(Boolean);
}
