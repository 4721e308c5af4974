// A title proof, title-proof/1 or /2: whether rights stood in the registry's map of an epoch.
// docs/title-registry.md; the same checks, in the same order, as ledger/verifier/title.py.
import { Refusal, decimal, equal, need, textOf, unb64 } from "./bytes.js";
import { Lie } from "./bundle.js";
import { canonicalBytes, hasNames, isMapping, textAt } from "./canonical.js";
import { beginsTitleProof, isCut, parseWhole } from "./cut.js";
import { verifyDisclosure } from "./disclosure.js";
import { alphaOf, commitmentOf, verifyMap } from "./titlemap.js";
import { checkReign, parseHandovers, parseRoot, verifyRoot } from "./titleroot.js";
import { verifyVrf } from "./vrf.js";

const [FIRST, SECOND] = ["title-proof/1", "title-proof/2"]; // the second carries hand-overs
const MARKS = [FIRST, SECOND].map((version) => `"v":"${version}"`);
/** Of a whole file. */
export const MOST_BYTES = 1 << 26;
const KIND = "registry.root";
const MOST_SIBLINGS = 256;
const MOST_ANSWERS = 20000;
const ANSWER = [
  "bitmap", "commitment", "identifier", "opening", "right", "siblings", "vrf_proof",
];

/**
 * Whether a file wants to be a title proof; of a longer one its first bytes beyond the limit do, and
 * of one that is cut short its beginning.
 */
export const isTitleProof = (bytes) => {
  const begins = beginsTitleProof(bytes);
  if (bytes.length > MOST_BYTES) return begins;
  return isMarked(bytes) || (begins && isCut(bytes));
};

function isMarked(bytes) {
  try {
    return bytes[0] === 0x7b && MARKS.some((mark) => textOf(bytes).includes(mark));
  } catch {
    return false;
  }
}

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

async function parse(bytes) {
  need(bytes.length <= MOST_BYTES, "it is longer than {0} bytes", MOST_BYTES);
  const value = parseWhole(bytes);
  const isSecond = hasNames(value, "answers", "entry", "handovers", "v");
  need(
    value.v === (isSecond ? SECOND : FIRST) && (isSecond || hasNames(value, "answers", "entry", "v")),
    "this is no title proof",
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
  const handovers = isSecond ? await parseHandovers(value.handovers) : [];
  return { answers: found, entry: canonicalBytes(entry), handovers };
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
 * and `titleKey` a key of the registry that the reader trusts; `progress` hears how many answers are
 * proven.
 */
export async function verifyTitle(
  bytes,
  { pinned = null, titleKey = null, progress = () => {} } = {},
) {
  let part = "format";
  try {
    const file = await parse(bytes);
    const entry = await verifyDisclosure(file.entry, { pinned });
    part = "root";
    need(
      entry.type === KIND && entry.hidden === 0,
      "the entry is no {0} with all its fields shown",
      KIND,
    );
    const root = await parseRoot(Object.fromEntries(entry.fields));
    await verifyRoot(root);
    await checkReign(root, file.handovers, titleKey);
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
    const { epoch, rights } = root;
    const { sealed_at: sealedAt, key: registryKey } = root.fields;
    const handedOver = file.handovers.map((item) => `in epoch ${item.epoch} to ${item.fields.key}`);
    const verdict = overall(answers.map((answer) => answer.verdict));
    return {
      origin, logKey, logKeys, index, size, cosigners, witnessed,
      verdict, epoch, rights, sealedAt, registryKey, handedOver, answers,
    };
  } catch (error) {
    if (error instanceof Refusal) throw new Lie("file", part, error);
    throw error;
  }
}
