// The lease form: steps, live checks, what was typed turned into the fields that are signed.
import { hex } from "../ledger/verify/bytes.js";
import { sha256 } from "../ledger/verify/platform.js";
import { institutionNow } from "../ui/relative-time.js";
import { toFraction, toMinor } from "./amounts.js";
import * as queue from "./queue.js";
import { BadInputs } from "./quote/inputs.js";
import { rentOf } from "./quote/rent.js";
import { APPLICATION, LEASE } from "./record.js";
import { el, hush, say } from "./screens.js";
import { checkVin, normalise } from "./vin.js";
import { facts, showMoney, t } from "./words.js";

const QUOTE_FIELDS = [
  "financed_amount_minor",
  "residual_minor",
  "annual_nominal_rate",
  "term_months",
  "rent_pattern",
  "rent_timing",
  "first_payment_on",
];
const MAX_PHOTO_BYTES = 10 * 1024 * 1024;
const QUOTE_DELAY_MS = 350;

const form = document.getElementById("lease-form");
const fieldOf = (name) => form.querySelector(`[data-field="${name}"]`);
const stepOf = (name) => fieldOf(name)?.closest("[data-step]")?.dataset.step;
const names = [...form.querySelectorAll("[data-field][data-kind]")]
  .map((field) => field.dataset.field)
  .filter((name) => name !== "photo_sha256");

let quoted = null; // {key, rent_minor, maturity_on, …} for the terms as they stand
let photo = null; // {file, sha256}
let timer;
/** What is written: {kind}; of a next version also {rid, question, photo_sha256} of the one before. */
let purpose = { kind: LEASE };
export const purposeOf = () => purpose;
const answer = () => document.getElementById("f-answer").value.trim();

/** What stands in the form: name → text as typed. */
export const typed = () =>
  Object.fromEntries(
    names.map((name) => [name, String(new FormData(form).get(name) ?? "").trim()]),
  );

const CONVERT = {
  minor: (text) => toMinor(text),
  rate: (text) => toFraction(text),
  vin: normalise,
  identity: (text) => text.toUpperCase(),
  whole: (text) => (/^\d+$/.test(text) ? String(BigInt(text)) : null),
};
const CONVERT_ERRORS = { minor: "not_amount", rate: "not_rate", whole: "not_whole" };

function convert(name, text) {
  return (CONVERT[fieldOf(name).dataset.kind] ?? ((same) => same))(text);
}

/** Says what is wrong with one field as typed; answers whether it may stay. */
function checkField(name, text) {
  const field = fieldOf(name);
  if (text === "") {
    if (!("required" in field.dataset)) return (hush(field), true);
    say(field, "error", t("required"), t("fill_in"));
    return false;
  }
  if (name === "vin") return checkVinField(text);
  if (convert(name, text) === null) {
    const key = CONVERT_ERRORS[field.dataset.kind];
    say(field, "error", t(key), t(`${key}_mend`));
    return false;
  }
  hush(field);
  return true;
}

const vinConfirmed = () => fieldOf("vin").querySelector("[data-confirm]")?.checked ?? false;

function checkVinField(text, complete = true) {
  const field = fieldOf("vin");
  const found = checkVin(text);
  if (found.state === "good") return (say(field, "good", t("vin_good")), true);
  if (found.state === "short")
    return (say(field, complete ? "error" : "help", t("vin_short", found)), false);
  if (found.state === "characters")
    return (say(field, "error", t("vin_characters", found), t("vin_characters_mend")), false);
  if (found.state === "wrong")
    return (say(field, "error", t("vin_wrong", found), t("vin_wrong_mend")), false);
  const confirmed = vinConfirmed();
  say(field, "warning", t("vin_unusual"), complete && !confirmed ? t("vin_confirm_mend") : "");
  const box = el("input", { type: "checkbox", "data-confirm": "" });
  box.checked = confirmed;
  field
    .querySelector("[data-messages]")
    .append(el("label", { class: "choice" }, box, el("span", {}, t("vin_confirm"))));
  return confirmed;
}

/** Check every field of a step; focuses the first that is wrong. */
export function checkStep(step) {
  const values = typed();
  if (step === "photo" && purpose.question && !answer()) {
    say(fieldOf("answer"), "error", t("required"), t("fill_in"));
    document.getElementById("f-answer").focus();
    return false;
  }
  const wrong = names.filter((name) => stepOf(name) === step && !checkField(name, values[name]));
  if (wrong.length) fieldOf(wrong[0]).querySelector("input, select").focus();
  return wrong.length === 0 && (step !== "terms" || currentQuote() !== null);
}

/** The first step that has something wrong, or null. */
export const firstWrongStep = (steps) => steps.find((step) => !checkStep(step)) ?? null;

/** The fields to sign; the quote must stand. */
export function signedFields() {
  const values = typed();
  const filled = names
    .filter((name) => values[name] !== "")
    .map((name) => [name, convert(name, values[name])]);
  const { rent_minor, maturity_on } = currentQuote();
  return {
    ...Object.fromEntries(filled),
    currency: "CNY",
    rent_minor,
    maturity_on,
    ...photoHash(),
    ...(purpose.question && { answer: answer() }),
  };
}

/** The picture's hash; without a new one that of the version before. */
function photoHash() {
  const sha256 = photo?.sha256 ?? purpose.photo_sha256;
  return sha256 ? { photo_sha256: sha256 } : {};
}

/** Fields whose warnings the person confirmed. */
export const confirmedFields = () =>
  vinConfirmed() && checkVin(typed().vin).state === "unusual" ? ["vin"] : [];
export const photoFile = () => photo?.file;

// --- The rent, worked out here by the schedule that the lease will follow ----------------------

function quoteTerms() {
  const values = typed();
  const terms = Object.fromEntries(
    QUOTE_FIELDS.map((name) => [name, values[name] === "" ? null : convert(name, values[name])]),
  );
  return Object.values(terms).every((value) => value !== null) ? terms : null;
}

function currentQuote() {
  return quoted && quoted.key === JSON.stringify(quoteTerms()) ? quoted : null;
}

function showQuote(...parts) {
  document.getElementById("quote").replaceChildren(...parts);
}

function refreshQuote() {
  const terms = quoteTerms();
  if (!terms) return showQuote(t("quote_waiting"));
  if (currentQuote()) return;
  const { fields, table, errors } = facts.quote;
  try {
    quoted = { key: JSON.stringify(terms), ...rentOf(terms, fields, table) };
  } catch (error) {
    if (!(error instanceof BadInputs)) throw error;
    const worded = ({ field, code }) => ({ field, detail: errors[code][0], mend: errors[code][1] });
    showErrors(error.errors.map(worded));
    return showQuote(t("quote_mend"));
  }
  QUOTE_FIELDS.forEach((name) => hush(fieldOf(name)));
  const level = terms.rent_pattern === "level";
  const row = (name, value) => el("div", {}, el("dt", {}, name), el("dd", {}, value));
  showQuote(
    el("span", { class: "muted small" }, t(level ? "rent" : "first_rent")),
    el("strong", { "data-rent": quoted.rent_minor }, showMoney(quoted.rent_minor)),
    el(
      "dl",
      { class: "facts facts--rows" },
      row(t("total"), showMoney(quoted.total_minor)),
      row(t("interest"), showMoney(quoted.interest_minor)),
      row(t("maturity"), quoted.maturity_on),
    ),
  );
}

// --- The photo: hashed here, so that the record names exactly this picture --------------------

async function takePhoto(file) {
  const field = fieldOf("photo_sha256");
  const preview = document.getElementById("photo-preview");
  hush(field);
  photo = null;
  preview.hidden = true;
  if (!file) return;
  if (file.size > MAX_PHOTO_BYTES)
    return say(field, "error", t("photo_too_large"), t("photo_too_large_mend"));
  photo = { file, sha256: hex(await sha256(new Uint8Array(await file.arrayBuffer()))) };
  preview.querySelector("img").src = URL.createObjectURL(file);
  preview.querySelector("figcaption").textContent = `${t("photo_hash")}: ${photo.sha256}`;
  preview.hidden = false;
}

// --- Filling, errors, drafts --------------------------------------------------------------------

/** Errors of the server beside their fields; answers the first step concerned, if any. */
export function showErrors(errors) {
  const shown = errors.filter((error) => fieldOf(error.field));
  for (const error of shown) say(fieldOf(error.field), "error", error.detail, error.mend);
  return shown.map((error) => stepOf(error.field))[0] ?? null;
}

export const shows = (name) => fieldOf(name) !== null;

function showPurpose(given) {
  purpose = given;
  const isApplication = purpose.kind === APPLICATION;
  document.getElementById("form-question").hidden = !purpose.question;
  document.querySelector("#form-question p").textContent = purpose.question ?? "";
  fieldOf("answer").hidden = !purpose.question;
  form.querySelector("[data-sign] span").textContent = t(isApplication ? "sign_to_desk" : "sign_and_send");
}

/** An empty form for a lease, or for an application. */
export function clear(given = { kind: LEASE }) {
  form.reset();
  showPurpose(given);
  form.querySelectorAll("[data-field]").forEach(hush);
  quoted = null;
  takePhoto(null);
  const today = institutionNow();
  form.elements.originated_on.value = localDay(today);
  form.elements.first_payment_on.value = localDay(
    new Date(today.getFullYear(), today.getMonth() + 1, Math.min(today.getDate(), 28)),
  );
  refreshQuote();
}

const localDay = (date) =>
  `${date.getFullYear()}-${String(date.getMonth() + 1).padStart(2, "0")}-${String(date.getDate()).padStart(2, "0")}`;

/** Put a draft back into the form. */
export function restore(draft) {
  clear(draft.purpose);
  for (const [name, value] of Object.entries(draft.values))
    if (form.elements[name]) form.elements[name].value = value;
  if (draft.photo) takePhoto(draft.photo);
  document.getElementById("f-answer").value = draft.answer ?? "";
  refreshQuote();
}

export function start() {
  form.addEventListener("input", (event) => {
    if (event.target.type === "file") return takePhoto(event.target.files[0]);
    if (event.target.name === "vin") checkVinField(event.target.value, false);
    else if (event.target.matches("[data-confirm]")) checkVinField(typed().vin);
    else if (event.target.id === "f-answer") hush(fieldOf("answer"));
    else if (event.target.name) hush(fieldOf(event.target.name));
    clearTimeout(timer);
    timer = setTimeout(() => {
      refreshQuote();
      keepDraft();
    }, QUOTE_DELAY_MS);
  });
}

function keepDraft() {
  timer = undefined;
  const kept = { values: typed(), photo: photo?.file, purpose, answer: answer() };
  return queue.saveDraft(facts.person, kept);
}

/** Write at once what would be written a moment later: the page may go. */
export async function settle() {
  if (timer === undefined) return;
  clearTimeout(timer);
  await keepDraft();
}
