// Verifies in the reader's browser what the page shows, from raw bytes and a key that the reader
// may pin; or a file that the reader drops, which never leaves the browser.
import { Refusal, unb64, utf8 } from "../verify/bytes.js";
import { Lie, fileSource, verifyBundle } from "../verify/bundle.js";
import { isDisclosure, verifyDisclosure } from "../verify/disclosure.js";
import { verifyConsistency } from "../verify/merkle.js";
import { openCheckpoint, parseVerifierKey } from "../verify/note.js";
import { use } from "../verify/platform.js";
import { verifyProof } from "../verify/proof.js";
import { drawnClimb } from "./climb.js";
import { pinKey, pinnedKey } from "./pins.js";

const { words, mlDsa } = JSON.parse(document.getElementById("verify-facts").textContent);
const say = (name, values = {}) =>
  words[name].replace(/\{(\w+)\}/g, (_all, value) => String(values[value]));

use({
  mlDsa44: async (key, signature, message) => {
    const { ml_dsa44: scheme } = await import(mlDsa);
    return scheme.verify(signature, message, key);
  },
});

async function fetched(url) {
  const answer = await fetch(url, { credentials: "same-origin" });
  if (!answer.ok) throw new Error(say("failed"));
  return new Uint8Array(await answer.arrayBuffer());
}

const element = (tag, text, className = "") =>
  Object.assign(document.createElement(tag), { textContent: text, className });

/** The verdict, large; tone as in ui/verdict.html. */
function show(box, tone, title, ...bodies) {
  const inner = document.createElement("div");
  inner.append(element("strong", title), ...bodies.filter(Boolean).map((text) => element("p", text)));
  const verdict = element("div", "", `verdict verdict--${tone}`);
  verdict.append(inner);
  box.replaceChildren(verdict);
  box.dataset.state = tone;
}

/** While the sum is done; `progress` is a word about how far. */
function working(box, progress) {
  show(box, "warning", say("working"), progress);
  box.dataset.state = "working";
}

/** Which key counts: the pinned one of this log, else the one that came along. */
async function keyFor(told) {
  const key = await parseVerifierKey(told);
  const pinned = pinnedKey(key.name);
  return { key, pinned, changed: pinned !== null && pinned !== told };
}

async function judge(box, work) {
  working(box);
  try {
    const { pinned, changed, told, climb, fields } = await work();
    if (changed) show(box, "danger", say("changed"), say("changed_mend"));
    else if (pinned) show(box, "success", say("proven"), told, say("pinned"));
    else show(box, "warning", say("unpinned"), told, say("unpinned_mend"));
    if (climb) box.append(drawnClimb(climb, say));
    if (fields) box.append(listed(fields), element("p", say("shown_not"), "muted"));
  } catch (error) {
    const known = error instanceof Refusal || error instanceof Lie;
    show(box, "danger", known ? say("lie") : say("failed"), error.message);
  }
}

/** Names and values that were proven. */
function listed(fields) {
  const list = element("dl", "", "facts facts--rows");
  for (const [name, value] of fields) {
    const row = element("div", "");
    row.append(element("dt", name, "mono"), element("dd", value));
    list.append(row);
  }
  return list;
}

async function verifyEntry(section) {
  const { proof, leaf, key: told } = section.dataset;
  const [file, entry, { key, ...pin }] = [await fetched(proof), await fetched(leaf), await keyFor(told)];
  const { index, checkpoint } = await verifyProof(file, entry, key);
  if (String(index) !== section.dataset.index) throw new Refusal(`${index} ≠ ${section.dataset.index}`);
  return { ...pin, told: say("entry", { index, size: checkpoint.size }) };
}

async function verifyBetween(section) {
  const answer = JSON.parse(new TextDecoder().decode(await fetched(section.dataset.url)));
  const { key, ...pin } = await keyFor(answer.log_key);
  const [one, two] = [
    await openCheckpoint(utf8(answer.first), key),
    await openCheckpoint(utf8(answer.second), key),
  ];
  const asked = new URL(section.dataset.url, location.href).searchParams;
  if (String(one.size) !== asked.get("first") || String(two.size) !== asked.get("second"))
    throw new Refusal(say("no_size"));
  const proof = answer.proof.map((text) => unb64(text, 32));
  const found = await verifyConsistency(one.size, two.size, proof, one.root, two.root);
  const climb = { ...found, one, two };
  return { ...pin, climb, told: say("extends", { first: one.size, second: two.size }) };
}

/** Chosen fields of one entry: what they say, once they are proven. */
async function verifyShown(file, typed) {
  const bytes = new Uint8Array(await file.arrayBuffer());
  const found = await verifyDisclosure(bytes, { pinned: typed || null });
  const remembered = pinnedKey(found.origin);
  const pinned = typed || (remembered === found.logKey ? remembered : null);
  const cosigners = [...found.cosigners].join(", ");
  const told = [say("shown", found), cosigners && say("cosigned", { names: cosigners })];
  const changed = !typed && remembered && !pinned;
  return { pinned, changed, fields: found.fields, told: told.filter(Boolean).join(" ") };
}

/** An export, a disclosure, or a .tlog-proof and a leaf. */
async function verifyFiles(box, files, typed) {
  const proof = files.find((file) => file.name.endsWith(".tlog-proof"));
  if (proof) {
    const leaf = files.find((file) => file !== proof);
    if (!leaf) throw new Refusal(say("leaf_missing"));
    const [bytes, entry] = await Promise.all(
      [proof, leaf].map(async (file) => new Uint8Array(await file.arrayBuffer())),
    );
    if (!typed) throw new Refusal(say("bad_key"));
    const { index, checkpoint } = await verifyProof(bytes, entry, await parseVerifierKey(typed));
    return { pinned: typed, told: say("entry", { index, size: checkpoint.size }) };
  }
  const start = new Uint8Array(await files[0].slice(0, 1).arrayBuffer());
  if (isDisclosure(start)) return verifyShown(files[0], typed);
  const progress = (read, size) =>
    working(box, say("read", { share: `${Math.floor((100 * read) / size)} %` }));
  const report = await verifyBundle(fileSource(files[0]), { pinned: typed || null, progress });
  const remembered = pinnedKey(report.origin);
  const pinned = typed || (report.logKeys.includes(remembered) ? remembered : null);
  const cosigners = [...report.cosigners].join(", ");
  const told = [say("bundle", report), cosigners && say("cosigned", { names: cosigners })];
  return { pinned, changed: !typed && remembered && !pinned, told: told.filter(Boolean).join(" ") };
}

/** The field in which the reader pins a key; `again` runs what depends on it. */
async function pinning(form, again) {
  const field = form.elements.key;
  const { origin } = form.dataset;
  if (origin) field.value = pinnedKey(origin) ?? "";
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const note = form.querySelector("[data-note]");
    const text = field.value.trim();
    try {
      const name = text ? (await parseVerifierKey(text)).name : origin;
      if (name) pinKey(name, text);
      note.textContent = say("saved");
    } catch {
      note.textContent = say("bad_key");
      return;
    }
    again();
  });
}

function start(section) {
  const box = section.querySelector("[data-outcome]");
  const form = section.querySelector("form[data-pin]");
  const work = { entry: verifyEntry, consistency: verifyBetween }[section.dataset.verify];
  if (work) {
    const again = () => judge(box, () => work(section));
    if (form) pinning(form, again);
    again();
    return;
  }
  const input = section.querySelector("input[type=file]");
  const again = () => {
    const files = [...input.files];
    if (files.length) judge(box, () => verifyFiles(box, files, form.elements.key.value.trim()));
  };
  pinning(form, again);
  input.addEventListener("change", again);
  section.addEventListener("dragover", (event) => event.preventDefault());
  section.addEventListener("drop", (event) => {
    event.preventDefault();
    input.files = event.dataTransfer.files;
    again();
  });
}

document.querySelectorAll("[data-verify]").forEach(start);
