// Verifies in the reader's browser what the page shows, from raw bytes and a key that the reader
// may pin; or a file that the reader drops, which never leaves the browser.
import { Refusal, unb64, utf8 } from "../verify/bytes.js";
import { verifyConsistency } from "../verify/merkle.js";
import { openCheckpoint, parseVerifierKey } from "../verify/note.js";
import { use } from "../verify/platform.js";
import { verifyProof } from "../verify/proof.js";
import { verifyFiles } from "./files.js";
import { clear, facts, judge, refuseKey, say } from "./outcome.js";
import { pinKey, pinnedKey, standing } from "./pins.js";

use({
  mlDsa44: async (key, signature, message) => {
    const { ml_dsa44: scheme } = await import(facts.mlDsa);
    return scheme.verify(signature, message, key);
  },
});

async function fetched(url) {
  const answer = await fetch(url, { credentials: "same-origin" });
  if (!answer.ok) throw new Error(say("failed"));
  return new Uint8Array(await answer.arrayBuffer());
}

/** Which key counts: the pinned one of this log, else the one that came along. */
async function keyFor(told) {
  const key = await parseVerifierKey(told);
  return { key, ...(await standing(pinnedKey(key.name), told, facts.handovers)) };
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
  const [earlier, { key, ...pin }] = await Promise.all(answer.log_keys.map(keyFor));
  section.querySelector("form[data-pin]").dataset.origin = key.name;
  const [one, two] = [
    await openCheckpoint(utf8(answer.first), earlier.key), // a log's key may change between them
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

/** The name of the log whose key was typed; throws, in the reader's words, if it is of no use here. */
async function nameOf(text, origin) {
  const { name } = await parseVerifierKey(text).catch(() => {
    throw new Error(say("bad_key"));
  });
  if (origin && name !== origin) throw new Error(say("other_log", { name }));
  return name;
}

/**
 * The field in which the reader pins a key; `again` runs what depends on it. The form's origin is
 * the one log of its page; `found` is the log of the file that was verified last.
 */
function pinning(form, box, again) {
  const field = form.elements.key;
  if (form.dataset.origin) field.value = pinnedKey(form.dataset.origin) ?? "";
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const note = form.querySelector("[data-note]");
    const text = field.value.trim();
    const { origin, found } = form.dataset;
    try {
      const name = text ? await nameOf(text, origin) : origin || found;
      if (name) pinKey(name, text);
      delete form.dataset.filled;
      note.textContent = text ? say("saved") : "";
    } catch (error) {
      note.textContent = ""; // it stands in the box
      refuseKey(box, error.message);
      return;
    }
    again();
  });
}

/** What the reader typed; what we filled in may be another log's when another file comes. */
function typedIn(form) {
  const { value } = form.elements.key;
  return value === form.dataset.filled ? "" : value.trim();
}

/** The key that is pinned for the log of these files, unless the reader typed one, or they are of several. */
function fill(form, origins) {
  if (origins.size === 0) return;
  const [origin] = origins;
  form.dataset.found = origins.size === 1 ? origin : "";
  if (typedIn(form)) return;
  form.elements.key.value = form.dataset.filled = origins.size === 1 ? (pinnedKey(origin) ?? "") : "";
}

function start(section) {
  const box = section.querySelector("[data-outcome]");
  const form = section.querySelector("form[data-pin]");
  const work = { entry: verifyEntry, consistency: verifyBetween }[section.dataset.verify];
  if (work) {
    const again = () => judge(box, () => work(section));
    if (form) pinning(form, box, again);
    again();
    return;
  }
  const [input, policy] = ["#files", "#policy"].map((name) => section.querySelector(name));
  const again = () => {
    const files = [...input.files];
    const trust = { typed: typedIn(form), policy: policy.files[0] };
    if (files.length) judge(box, (progress) => verifyFiles(files, trust, progress), remember);
    else clear(box);
  };
  const remember = (found) => fill(form, new Set(found.map(({ origin }) => origin)));
  pinning(form, box, again);
  for (const field of [input, policy]) field.addEventListener("change", again);
  section.addEventListener("dragover", (event) => event.preventDefault());
  section.addEventListener("drop", (event) => {
    event.preventDefault();
    const field = event.target === policy ? policy : input;
    field.files = event.dataTransfer.files;
    again();
  });
}

document.querySelectorAll("[data-verify]").forEach(start);
