// How a log's key hands over to the next: the old key signs the new one's name, at one place only.
import { need, unb64, utf8 } from "./bytes.js";
import { verifyEd25519 } from "./ed25519.js";
import { ED25519, MLDSA44, parseVerifierKey } from "./note.js";

/** The key that `old` hands over to by the fields of the entry at `index`; throws if it does not. */
export async function handedOver(old, index, fields) {
  need(fields.old === old.text, "who hands over is not the log's key at this place");
  const key = await parseVerifierKey(fields.new ?? "");
  need(key.type === ED25519 && key.name === old.name, "the new key is no key of this log");
  const second = fields.new_mldsa ?? "";
  if (second !== "") {
    const { type, name } = await parseVerifierKey(second);
    need(type === MLDSA44 && name === old.name, "the second key is no key of this log");
  }
  const text = `lease-key-rotation/1\n${old.name}\n${index}\n${key.text}\n${second}\n`;
  await verifyEd25519(old.publicKey, unb64(fields.authority ?? "", 64), utf8(text));
  return key;
}

/** Whether the key `pinned` leads to `wanted` (texts) by these hand-overs, each with its index. */
export async function leadsTo(pinned, wanted, handovers) {
  if (pinned === wanted) return true;
  let key = await parseVerifierKey(pinned);
  for (const { index, ...fields } of handovers) {
    if (key.text === wanted) break;
    if (fields.old === key.text) key = await handedOver(key, index, fields);
  }
  return key.text === wanted;
}
