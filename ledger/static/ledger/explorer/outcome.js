// The verdict on a page, large, and the words for it.
import { Refusal, filled } from "../verify/bytes.js";
import { Lie } from "../verify/bundle.js";
import { drawnClimb } from "./climb.js";

export const facts = JSON.parse(document.getElementById("verify-facts").textContent);
const { lang } = document.documentElement;
const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/; // as the ledger writes them
const CLOCK = {
  ...{ year: "numeric", month: "short", day: "numeric" },
  ...{ hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZoneName: "short" },
};

/** A number or an instant as the reader writes it; an instant by the browser's own clock. */
function shown(value) {
  if (["bigint", "number"].includes(typeof value)) return value.toLocaleString(lang);
  const time = INSTANT.test(value) ? Date.parse(value) : Number.NaN;
  return Number.isNaN(time) ? String(value) : new Date(time).toLocaleString(lang, CLOCK);
}
export const say = (name, values = {}) =>
  facts.words[name].replace(/\{(\w+)\}/g, (_all, value) => shown(values[value]));

const PLACES = [
  [/^entry (\d+)$/, "at_entry"],
  [/^after (\d+) entries$/, "at_after"],
  [/^checkpoint of (\d+) entries$/, "at_checkpoint"],
  [/^block from entry (\d+)$/, "at_block"],
];

/** Where in a file, in the reader's words. */
function placed(where) {
  for (const [form, name] of PLACES) {
    const found = form.exec(where);
    if (found) return say(name, { number: found[1] });
  }
  return say("at_file");
}

/** A refusal of the verifier's in the reader's words. */
export function worded({ template, values }) {
  const known = (text) => facts.refusals[text] ?? text;
  return filled(known(template), values.map(known));
}

/** What is not true, and where. */
function whyNot(error) {
  if (error instanceof Refusal) return worded(error);
  if (!(error instanceof Lie)) return error.message;
  const where = placed(error.where);
  if (error.part === "hash") return say("lie_bytes", { where, why: worded(error.refusal) });
  const part = facts.parts[error.part] ?? error.part;
  return say("lie_at", { where, part, why: worded(error.refusal) });
}

/** What the reader gave cannot be checked; that says nothing about whether it is true. */
export class Unfit extends Error {}

const element = (tag, text, className = "") =>
  Object.assign(document.createElement(tag), { textContent: text, className });

/** {tone, nodes}: a verdict, its tone as in ui/verdict.html; more nodes may follow it. */
function verdict(tone, title, ...bodies) {
  const inner = document.createElement("div");
  inner.append(element("strong", title), ...bodies.filter(Boolean).map((text) => element("p", text)));
  const card = element("div", "", `verdict verdict--${tone}`);
  card.append(inner);
  return { tone, nodes: [card] };
}

const WORST_FIRST = ["danger", "warning", "success"];

/** Shows verdicts, the worst first: the box is of its tone, whatever the others are. */
function show(box, ...verdicts) {
  const sorted = WORST_FIRST.flatMap((tone) => verdicts.filter((one) => one.tone === tone));
  const [{ tone, nodes }] = sorted;
  box.replaceChildren(...sorted.flatMap((one) => one.nodes));
  box.dataset.state = tone;
  echo(tone, nodes[0]);
}

/** A verdict against the server's word stands above it, too, and the word is no longer green. */
function echo(tone, card) {
  const place = document.querySelector("[data-echo]");
  if (!place) return;
  const bad = tone === "danger";
  place.replaceChildren(...(bad ? [card.cloneNode(true)] : []));
  const word = document.querySelector("[data-server-word] .verdict");
  word.classList.toggle("verdict--success", !bad);
  word.classList.toggle("verdict--warning", bad);
}

function working(box, progress) {
  show(box, verdict("warning", say("working"), progress));
  box.dataset.state = "working";
}

/** What an entry's kind is called. */
export const kindWord = (kind) => facts.kinds?.[kind] ?? kind;

/** An amount in minor units as our own pages show it; in words where its currency stays hidden. */
function money(minor, currency) {
  const { standard, symbols, exponents } = facts.money;
  if (currency === undefined) return say("minor_units", { amount: BigInt(minor) });
  const code = currency ?? standard;
  if (!/^[A-Z]{3}$/.test(code)) return minor;
  const digits = exponents[code] ?? 2;
  const amount = minor.replace("-", "").padStart(digits + 1, "0");
  const whole = BigInt(amount.slice(0, amount.length - digits)).toLocaleString("en");
  const rest = digits ? `.${amount.slice(-digits)}` : "";
  return `${minor.startsWith("-") ? "\u2212" : ""}${symbols[code] ?? `${code}\u00a0`}${whole}${rest}`;
}

/** The currency of shown amounts: null for the standard one, undefined if it stays hidden. */
function currencyOf(kind, fields, hidden) {
  const shown = fields.find(([name]) => name === "currency");
  if (shown) return shown[1];
  return hidden && facts.fields?.[kind]?.currency ? undefined : null;
}

/** Names and values that were proven, in the reader's words, with what was signed beside them. */
function listed(kind, fields, hidden) {
  const currency = currencyOf(kind, fields, hidden);
  const list = element("dl", "", "facts facts--rows");
  for (const [name, value] of fields) {
    const row = element("div", "");
    const [label, codes] = facts.fields?.[kind]?.[name] ?? facts.fields?.[""]?.[name] ?? [name, {}];
    const isMoney = name.endsWith("_minor") && /^-?\d{1,18}$/.test(value);
    const word = codes[value] ?? (isMoney ? money(value, currency) : value);
    const [dt, dd] = [element("dt", `${label} `), element("dd", word)];
    if (label !== name) dt.append(element("span", name, "mono small muted"));
    if (word !== value) dd.append(" ", element("span", value, "mono small muted"));
    row.append(dt, dd);
    list.append(row);
  }
  return list;
}

/** Names and keys (null: none is known), one below the other. */
function keys(pairs) {
  const list = element("dl", "", "facts facts--rows");
  for (const [name, key] of pairs) {
    const row = element("div", "");
    row.append(element("dt", say(name)), element("dd", key ?? say("title_key_none"), key ? "mono" : ""));
    list.append(row);
  }
  return list;
}

/** The title registry's key that signed, with the platform's own beside it. */
function besideOwn({ file, own, since }) {
  const list = keys([["title_key_file", file], ["title_key_own", own]]);
  if (own === null) return [list];
  const words = [file === own && say("title_key_same"), since > 1 && say("title_key_since", { since })];
  return [list, ...words.filter(Boolean).map((text) => element("p", text, "muted"))];
}

const latest = new WeakMap(); // box -> the work whose verdict counts

/** The key that the reader typed is of no use: what was found before no longer stands. */
export function refuseKey(box, why) {
  latest.delete(box);
  show(box, verdict("warning", why, say("bad_key_mend")));
}

/** Nothing is being verified: no verdict stands. */
export function clear(box) {
  latest.delete(box);
  box.replaceChildren();
  delete box.dataset.state;
}

/** {found}: what `work` comes to; {error}: why it does not. */
export async function settled(work) {
  try {
    return { found: await work() };
  } catch (error) {
    return { error };
  }
}

/**
 * Runs `work(progress)` and shows what it found, then `after` with all that was found; later work on the
 * box silences it. Work on several things answers a list: each {name, found} or {name, error}.
 */
export async function judge(box, work, after = () => {}) {
  const isLatest = () => latest.get(box) === work;
  latest.set(box, work);
  working(box);
  const outcome = await settled(() => work((progress) => isLatest() && working(box, progress)));
  if (!isLatest()) return;
  const each = Array.isArray(outcome.found) ? outcome.found : [outcome];
  show(box, ...each.map(judged));
  after(each.flatMap(({ found }) => found ?? []));
}

/** The verdict on one thing, under its name if it has one. */
function judged({ name, found, error }) {
  const told = found ? toldOf(found) : refused(error);
  if (name) told.nodes[0].firstChild.prepend(element("p", name, "small mono"));
  return told;
}

function refused(error) {
  if (error instanceof Unfit) return verdict("warning", say("unfit"), error.message);
  const known = error instanceof Refusal || error instanceof Lie;
  return verdict("danger", known ? say("lie") : say("failed"), whyNot(error));
}

function toldOf(found) {
  const { titleKeys, climb, kind, fields, hidden } = found;
  const told = weighed(found);
  if (titleKeys) told.nodes.push(...besideOwn(titleKeys));
  if (climb) told.nodes.push(drawnClimb(climb, say));
  if (fields) told.nodes.push(listed(kind, fields, hidden), element("p", say("shown_not"), "muted"));
  return told;
}

/** What holds together, weighed by whose key signed it. */
function weighed(found) {
  const { pinned, led, both, older, replaced, changed, told, titleKeys, unmet, met } = found;
  const { mend = say("unpinned_mend") } = found;
  const isOthers = titleKeys && titleKeys.own !== null && titleKeys.file !== titleKeys.own;
  if (changed) return verdict("danger", say("changed"), say("changed_mend"));
  if (isOthers) return verdict("danger", say("title_key_other"), told, say("title_key_other_mend"));
  if (unmet) return verdict("danger", say("policy_unmet"), told, say("policy_unmet_mend"));
  if (older) return verdict("warning", say("older"), told, say("older_mend"));
  if (replaced?.beyond) return verdict("danger", say("beyond", replaced), say("beyond_mend"));
  if (replaced) return verdict("warning", say("replaced", replaced), told, say("replaced_mend"));
  const bySigner = say(led ? "led" : both ? "both" : "pinned");
  if (pinned) return verdict("success", say("proven"), told, bySigner, met && say("policy_met"));
  const unknown = verdict("warning", say("unpinned"), told, mend);
  const { origin, signer } = found;
  const pairs = [["log_name", origin], ["log_key", signer]].filter(([, text]) => text);
  if (pairs.length) unknown.nodes.push(keys(pairs)); // what to compare with what one was given
  return unknown;
}
