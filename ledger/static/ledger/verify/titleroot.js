// What the registry says of its map in an epoch, and how one of its keys hands over to the next.
// docs/title-registry.md; the same checks as ledger/core/title_root.py and title_keys.py.
import { Refusal, decimal, equal, need, unb64, utf8 } from "./bytes.js";
import { isMapping, textAt } from "./canonical.js";
import { verifyEd25519 } from "./ed25519.js";
import { ED25519, parseVerifierKey } from "./note.js";

const FIELDS = ["epoch", "root", "rights", "vrf_key", "previous", "sealed_at", "key", "signature"];
const OLD_FIELDS = ["old_key", "old_vrf_key", "old_signature"];
const MOST_HANDOVERS = 1000;
const INSTANT = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)\.\d{6}Z$/;

/** A moment that is in the calendar, years 1 to 9999. */
function isInstant(text) {
  const found = INSTANT.exec(text);
  if (found === null) return false;
  const [year, month, day, hour, minute, second] = found.slice(1).map(Number);
  const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  const days = [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1] ?? 0;
  return year >= 1 && day >= 1 && day <= days && hour <= 23 && minute <= 59 && second <= 59;
}

const haveNames = (fields, names) =>
  Object.keys(fields).length === names.length && names.every((name) => Object.hasOwn(fields, name));

/** The root that fields say; `old` is null unless it hands over. Nothing in it is believed yet. */
export async function parseRoot(fields) {
  const handsOver = haveNames(fields, [...FIELDS, ...OLD_FIELDS]);
  need(handsOver || haveNames(fields, FIELDS), "an entry of the registry's root has other fields");
  const key = await parseVerifierKey(fields.key);
  need(isInstant(fields.sealed_at), "the root was sealed at no instant");
  const [epoch, rights] = [decimal(fields.epoch), decimal(fields.rights)];
  const [root, vrfKey] = [unb64(fields.root, 32), unb64(fields.vrf_key, 32)];
  unb64(fields.previous, 32);
  let old = null;
  if (handsOver)
    old = {
      key: await parseVerifierKey(fields.old_key),
      vrfKey: unb64(fields.old_vrf_key, 32),
      signature: unb64(fields.old_signature, 64),
    };
  need(epoch >= 1n, "the first epoch is 1");
  return { fields, key, epoch, rights, root, vrfKey, signature: unb64(fields.signature, 64), old };
}

function textOfRoot({ fields, key, epoch, rights, old }) {
  const lines = [
    old === null ? "title-root/1" : "title-root/2",
    key.name,
    `epoch ${epoch}`,
    `root ${fields.root}`,
    `rights ${rights}`,
    `vrf ${fields.vrf_key}`,
    `previous ${fields.previous}`,
    `sealed ${fields.sealed_at}`,
  ];
  if (old !== null)
    lines.push(`key ${fields.key}`, `old-key ${fields.old_key}`, `old-vrf ${fields.old_vrf_key}`);
  return utf8(`${lines.join("\n")}\n`);
}

const changesKey = ({ fields, old }) => old !== null && fields.old_key !== fields.key;

/** Throws unless its key signed it, and, where it hands over, the key of before. */
export async function verifyRoot(signed) {
  const { key, old, signature, vrfKey } = signed;
  need(key.type === ED25519, "the registry's key is no Ed25519 key");
  const text = textOfRoot(signed);
  await verifyEd25519(key.publicKey, signature, text);
  if (old === null) return;
  need(
    old.key.type === ED25519 && old.key.name === key.name,
    "the key before is no Ed25519 key of the registry",
  );
  need(changesKey(signed) || !equal(old.vrfKey, vrfKey), "the hand-over changes no key");
  need(
    !changesKey(signed) || !equal(old.key.id, key.id),
    "both keys of the hand-over have one id in a note",
  );
  need(changesKey(signed) || equal(old.signature, signature), "one key signed the hand-over twice");
  try {
    await verifyEd25519(old.key.publicKey, old.signature, text);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    throw new Refusal("the registry's key of before did not sign the hand-over");
  }
}

/** The roots in which the registry's key changed, as a file lists them. */
export async function parseHandovers(list) {
  need(
    Array.isArray(list) && list.length >= 1 && list.length <= MOST_HANDOVERS,
    "the hand-overs are a list of 1 to {0}",
    MOST_HANDOVERS,
  );
  need(list.every(isMapping), "a hand-over is the fields of a root");
  const found = [];
  for (const item of list) {
    const names = Object.keys(item);
    found.push(await parseRoot(Object.fromEntries(names.map((name) => [name, textAt(item, name)]))));
  }
  return found;
}

/** Throws unless the key of a root reigned in its epoch, and the one that the reader trusts leads to it. */
export async function checkReign(signed, handovers, trusted) {
  const reigns = [];
  for (const item of handovers) {
    await verifyRoot(item);
    need(changesKey(item), "the hand-over changes no key");
    if (reigns.length === 0) reigns.push({ since: 0n, key: item.fields.old_key });
    const { since, key } = reigns.at(-1);
    need(
      item.epoch > since && item.fields.old_key === key,
      "the hand-overs of the registry's key do not follow each other",
    );
    reigns.push({ since: item.epoch, key: item.fields.key });
  }
  if (reigns.length === 0) reigns.push({ since: 0n, key: signed.fields.key });
  const { key } = reigns.findLast(({ since }) => since <= signed.epoch);
  const after = handovers.find(({ epoch }) => epoch > signed.epoch);
  need(key === signed.fields.key, "in epoch {0} another key of the registry reigned", signed.epoch);
  need(
    after === undefined || signed.fields.sealed_at <= after.fields.sealed_at, // one form: as texts
    "it was sealed after epoch {0}, in which its key handed over",
    after?.epoch,
  );
  need(
    trusted === null || reigns.some((reign) => reign.key === trusted),
    "the registry's key is not the one that you trust",
  );
}
