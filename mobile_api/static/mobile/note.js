// Signed notes and checkpoints: C2SP signed-note v1.0.0 and tlog-checkpoint v1.0.0, Ed25519.
import { concat, equal, sha256, unb64, utf8 } from "./bytes.js";
import { verifySignature } from "./ed25519.js";

const ED25519 = 1;
const DASH = "\u2014 ";

/** A verifier key: name+hex id+base64(type || public key); throws if its id does not fit. */
export async function parseVerifierKey(text) {
  const [name, id, ...rest] = text.split("+");
  const data = unb64(rest.join("+"), 33);
  const digest = await sha256(concat(utf8(`${name}\n`), data));
  if (data[0] !== ED25519) throw new Error("the log's key is not a plain Ed25519 key");
  if (Array.from(digest.slice(0, 4), (byte) => byte.toString(16).padStart(2, "0")).join("") !== id)
    throw new Error("the id of the log's key does not fit");
  return { name, id: digest.slice(0, 4), publicKey: data.slice(1) };
}

/** {text, lines: [{name, id, signature}]}; nothing in it is believed yet. */
export function parseNote(note) {
  const blank = note.lastIndexOf("\n\n");
  if (blank < 0 || !note.endsWith("\n")) throw new Error("not a signed note");
  const lines = note
    .slice(blank + 2, -1)
    .split("\n")
    .map((line) => {
      const space = line.lastIndexOf(" ");
      if (!line.startsWith(DASH) || space <= DASH.length) throw new Error("not a signature line");
      const raw = unb64(line.slice(space + 1));
      return { name: line.slice(DASH.length, space), id: raw.slice(0, 4), signature: raw.slice(4) };
    });
  return { text: note.slice(0, blank + 1), lines };
}

function parseDecimal(text) {
  if (!/^(0|[1-9][0-9]{0,18})$/.test(text)) throw new Error("not a decimal number");
  return BigInt(text);
}

/** {origin, size, root} of a note text. */
export function parseCheckpoint(text) {
  const [origin, size, root, ...rest] = text.slice(0, -1).split("\n");
  if (!origin || rest.some((line) => line === "")) throw new Error("not a checkpoint");
  return { origin, size: parseDecimal(size), root: unb64(root, 32) };
}

/** The checkpoint inside `note`, once the log's own signature holds; throws otherwise. */
export async function openCheckpoint(note, verifierKey) {
  const key = await parseVerifierKey(verifierKey);
  const { text, lines } = parseNote(note);
  const own = lines.filter((line) => line.name === key.name && equal(line.id, key.id));
  if (own.length === 0) throw new Error("the log did not sign this checkpoint");
  for (const line of own) {
    if (!(await verifySignature(key.publicKey, line.signature, utf8(text))))
      throw new Error("the log's signature does not hold");
  }
  const checkpoint = parseCheckpoint(text);
  if (checkpoint.origin !== key.name) throw new Error("the checkpoint is of another log");
  return checkpoint;
}
