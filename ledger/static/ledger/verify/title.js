// A title proof, title-proof/1: whether rights stood in the registry's map of an epoch.
// docs/title-registry.md; the same checks, in the same order, as ledger/verifier/title.py.
import { Refusal, decimal, equal, need, textOf, unb64, utf8 } from "./bytes.js";
import { Lie } from "./bundle.js";
import { canonicalBytes, hasNames, isMapping, parseCanonical, textAt } from "./canonical.js";
import { verifyDisclosure } from "./disclosure.js";
import { verifyEd25519 } from "./ed25519.js";
import { ED25519, parseVerifierKey } from "./note.js";
import { alphaOf, commitmentOf, verifyMap } from "./titlemap.js";
import { verifyVrf } from "./vrf.js";

const MARK = '"v":"title-proof/1"';
const START = utf8('{"answers":'); // canonical: the names are in order
/** Of a whole file. */
export const MOST_BYTES = 1 << 26;
const KIND = "registry.root";
const MOST_SIBLINGS = 256;
const MOST_ANSWERS = 20000;
const ANSWER = [
  "bitmap", "commitment", "identifier", "opening", "right", "siblings", "vrf_proof",
];
const FIELDS = ["epoch", "root", "rights", "vrf_key", "previous", "sealed_at", "key", "signature"];
const INSTANT = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)\.\d{6}Z$/;

/** Whether a file wants to be a title proof; of a longer one its first bytes beyond the limit do. */
export const isTitleProof = (bytes) => {
  if (bytes.length > MOST_BYTES) return equal(bytes.subarray(0, START.length), START);
  try {
    return bytes[0] === 0x7b && textOf(bytes).includes(MARK);
  } catch {
    return false;
  }
};

function openingOf(value) {
  if (value === null) return null;
  need(
    isMapping(value) && hasNames(value, "holder", "salt", "since", "state"),
    "what is told of the holder is a salt, a state, a holder and an epoch",
  );
  const since = textAt(value, "since");
  return {
    salt: unb64(textAt(value, "salt"), 32),
    state: textAt(value, "state"),
    holder: textAt(value, "holder"),
    since: String(decimal(since)),
  };
}

function answerOf(value) {
  need(isMapping(value) && hasNames(value, ...ANSWER), "an answer has other members");
  const { siblings, commitment } = value;
  need(
    Array.isArray(siblings) && siblings.length <= MOST_SIBLINGS,
    "the hashes beside the way are a list of at most {0}",
    MOST_SIBLINGS,
  );
  return {
    right: textAt(value, "right"),
    identifier: textAt(value, "identifier"),
    vrfProof: unb64(textAt(value, "vrf_proof"), 80),
    map: {
      bitmap: unb64(textAt(value, "bitmap"), 32),
      siblings: siblings.map((hash) => unb64(textAt({ hash }, "hash"), 32)),
    },
    commitment: commitment === null ? null : unb64(textAt(value, "commitment"), 32),
    opening: openingOf(value.opening),
  };
}

function parse(bytes) {
  need(bytes.length <= MOST_BYTES, "it is longer than {0} bytes", MOST_BYTES);
  const value = parseCanonical(bytes);
  need(
    hasNames(value, "answers", "entry", "v") && value.v === "title-proof/1",
    "this is no title-proof/1",
  );
  const { answers, entry } = value;
  need(
    Array.isArray(answers) && answers.length >= 1 && answers.length <= MOST_ANSWERS,
    "the answers are a list of 1 to {0}",
    MOST_ANSWERS,
  );
  need(isMapping(entry), "the entry is a disclosure");
  const found = answers.map(answerOf);
  const names = new Set(found.map(({ right, identifier }) => JSON.stringify([right, identifier])));
  need(names.size === found.length, "a right on a vehicle is answered for twice");
  return { answers: found, entry: canonicalBytes(entry) };
}

/** Whether a text is a moment that is in the calendar, years 1 to 9999. */
function isInstant(text) {
  const found = INSTANT.exec(text);
  if (found === null) return false;
  const [year, month, day, hour, minute, second] = found.slice(1).map(Number);
  const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  const days = [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1] ?? 0;
  return year >= 1 && day >= 1 && day <= days && hour <= 23 && minute <= 59 && second <= 59;
}

/** The root that the shown fields of a registry.root entry say, once its key signed it. */
async function signedRoot(fields, titleKey) {
  const names = Object.keys(fields);
  need(
    names.length === FIELDS.length && FIELDS.every((name) => Object.hasOwn(fields, name)),
    "an entry of the registry's root has other fields",
  );
  const key = await parseVerifierKey(fields.key);
  need(isInstant(fields.sealed_at), "the root was sealed at no instant");
  const [epoch, rights] = [decimal(fields.epoch), decimal(fields.rights)];
  const [root, vrfKey] = [unb64(fields.root, 32), unb64(fields.vrf_key, 32)];
  unb64(fields.previous, 32);
  need(epoch >= 1n, "the first epoch is 1");
  const signature = unb64(fields.signature, 64);
  need(key.type === ED25519, "the registry's key is no Ed25519 key");
  need(
    titleKey === null || titleKey === fields.key,
    "the registry's key is not the one that you trust",
  );
  const lines = [
    "title-root/1",
    key.name,
    `epoch ${epoch}`,
    `root ${fields.root}`,
    `rights ${rights}`,
    `vrf ${fields.vrf_key}`,
    `previous ${fields.previous}`,
    `sealed ${fields.sealed_at}`,
  ];
  await verifyEd25519(key.publicKey, signature, utf8(`${lines.join("\n")}\n`));
  return { epoch, rights, root, vrfKey, sealedAt: fields.sealed_at, registryKey: fields.key };
}

/** `free`, `taken` or `held`; throws if the answer does not hold under this root. */
async function verdictOf(answer, { root, vrfKey, epoch }) {
  const { right, identifier, commitment, opening } = answer;
  const output = await verifyVrf(vrfKey, alphaOf(right, identifier), answer.vrfProof);
  await verifyMap(root, output.slice(0, 32), commitment, answer.map);
  if (opening === null) return commitment === null ? "free" : "taken";
  need(
    commitment !== null && equal(await commitmentOf(opening), commitment),
    "what is told of the holder is not what the map commits to",
  );
  const since = BigInt(opening.since);
  need(since <= epoch, "epoch {0} holds a right since epoch {1}", epoch, since);
  return "held";
}

/** One word for all: `taken` if anything is, `mixed` where some are held and others free. */
function overall(verdicts) {
  const found = new Set(verdicts);
  if (found.has("taken")) return "taken";
  return found.size === 1 ? [...found][0] : "mixed";
}

/**
 * Proves a title proof; throws `Lie` for the first part that does not hold. `pinned` is the log key
 * and `titleKey` the registry's key that the reader trusts; `progress` hears how many answers are
 * proven.
 */
export async function verifyTitle(
  bytes,
  { pinned = null, titleKey = null, progress = () => {} } = {},
) {
  let part = "format";
  try {
    const file = parse(bytes);
    const entry = await verifyDisclosure(file.entry, { pinned });
    part = "root";
    need(
      entry.type === KIND && entry.hidden === 0,
      "the entry is no {0} with all its fields shown",
      KIND,
    );
    const root = await signedRoot(Object.fromEntries(entry.fields), titleKey);
    part = "map";
    const answers = [];
    for (const answer of file.answers) {
      const { right, identifier, opening } = answer;
      const verdict = await verdictOf(answer, root);
      const holder = opening && { holder: opening.holder, state: opening.state, since: opening.since };
      answers.push({ verdict, right, identifier, ...holder });
      progress(answers.length, file.answers.length);
    }
    const { origin, logKey, logKeys, index, size, cosigners, witnessed } = entry;
    const { epoch, rights, sealedAt, registryKey } = root;
    const verdict = overall(answers.map((answer) => answer.verdict));
    return {
      origin, logKey, logKeys, index, size, cosigners, witnessed,
      verdict, epoch, rights, sealedAt, registryKey, answers,
    };
  } catch (error) {
    if (error instanceof Refusal) throw new Lie("file", part, error);
    throw error;
  }
}
