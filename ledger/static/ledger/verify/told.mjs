// What the command line says of a file that holds: lines for a reader, and what he must not take for proven.

import { nameOf } from "./note.js";

const UNSEEN = /[\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g;
const escaped = (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, "0")}`;

/** Text in quotes, with nothing in it that moves a terminal's cursor or turns the line. */
export const quoted = (text) => JSON.stringify(text).replace(UNSEEN, escaped);

const LISTED = 10;

/** An answer of a title proof; its texts are its maker's. */
function answered({ verdict, right, identifier, holder, state, since }) {
  const what = `${quoted(right)} on ${quoted(identifier)}`;
  if (verdict === "held") return `${quoted(holder)} held ${what}, ${quoted(state)}, since epoch ${since}`;
  return `${verdict === "free" ? "nobody" : "somebody"} held ${what}`;
}

/** A line for each answer; of many the counts, and those that are taken. */
function answersTold(answers) {
  if (answers.length <= LISTED) return answers.map(answered);
  const count = (verdict) => answers.filter((answer) => answer.verdict === verdict).length;
  const counts = ["free", "held", "taken"].filter(count).map((verdict) => `${count(verdict)} ${verdict}`);
  const taken = answers.filter(({ verdict }) => verdict === "taken").map(answered);
  const more = taken.length > LISTED ? [`… ${taken.length - LISTED} more`] : [];
  const holders = [...new Set(answers.map(({ holder }) => holder).filter(Boolean))].sort();
  const held = holders.length ? [`held by ${holders.slice(0, LISTED).map(quoted).join(", ")}`] : [];
  return [`${answers.length}: ${counts.join(", ")}`, ...held, ...taken.slice(0, LISTED), ...more];
}

const NOT_CHECKED = {
  bundle: ["entries after the last checkpoint, if there are any"],
  disclosure: [
    "whether the signer's key was revoked before it signed",
    "whether a later entry corrects this one",
    "the fields that are not shown, or whether one of them has the name of one that is",
  ],
  title: [
    "later epochs",
    "whether the platform put every held right into its map (its holder looks in each epoch)",
    "other identifiers of the same vehicle",
  ],
  proof: ["who signed the entry, and by which right", "what its hashes stand for"],
};

/**
 * Cosigners by name, each with whether the reader's policy pins a key of that name that cosigned, and
 * whether it pins all of them. A name that only came with the file is told as the file's word.
 */
function cosignersOf(keys, origin, witnesses) {
  const [names, others] = [new Map(), keys.filter((key) => nameOf(key) !== origin)];
  for (const key of others)
    names.set(nameOf(key), names.get(nameOf(key)) || witnesses.includes(key));
  return { names: [...names].sort(), areAllPinned: others.every((key) => witnesses.includes(key)) };
}

function unchecked(kind, { names, areAllPinned }, { isPinned, hasTitleKey }) {
  const found = [...NOT_CHECKED[kind]];
  if (kind === "title" && !hasTitleKey)
    found.unshift("whether the registry's key is the platform's (no --title-key)");
  if (!areAllPinned)
    found.unshift("who cosigned: the names are the file's word (pin their keys by --policy)");
  if (names.length === 0) {
    const why = kind === "proof" ? "no cosigner is pinned" : "nobody cosigned";
    found.unshift(`whether others were shown the same log (${why})`);
  }
  if (!isPinned && kind === "proof") found.unshift("whose log this is, and any signature (no VKEY)");
  else if (!isPinned) found.unshift("whose log this is: compare the key with the institution's");
  return found;
}

/**
 * Lines about a `kind` of file ("bundle", "disclosure", "title", "proof") that holds, and what the reader
 * `knows`: {isPinned, hasPolicy, hasTitleKey, witnesses (texts of the cosigners' keys that a policy pins)}.
 */
export function told(kind, proven, knows) {
  const { origin, cosigners: keys, fields = [], erased = [], answers = [], ...facts } = proven;
  const cosigners = cosignersOf(keys, origin, knows.witnesses);
  const lines = [`${knows.isPinned ? "PROVEN" : "HOLDS TOGETHER"} ${origin}`];
  const line = (what, value) => lines.push(`  ${what.padEnd(13)} ${value}`);
  for (const [what, value] of Object.entries(facts))
    for (const one of [value].flat()) line(what, one);
  if (erased.length) line("erased", `${erased.length} payloads, says the exporter: ${erased.join(", ")}`);
  for (const words of answersTold(answers)) line("answer", words);
  for (const [name, value] of fields) line("field", `${name} = ${quoted(value)}`);
  for (const [name, isKnown] of cosigners.names)
    lines.push(`  cosigned by ${isKnown ? "" : "a key that the file calls "}${quoted(name)}`);
  if (knows.hasPolicy) line("quorum", "met, by the policy's own keys");
  for (const words of unchecked(kind, cosigners, knows)) line("not checked", words);
  return lines;
}
