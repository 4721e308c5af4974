// The calculator's form: what stands in it, which inputs the product has, what is wrong with them.
import { toFraction, toMinor } from "./amounts.js";
import { applies } from "./quote/inputs.js";
import { hush, say } from "./screens.js";
import { facts, t } from "./words.js";

export const { fields, table, errors, labels, codes } = facts.quote;
const form = document.getElementById("quote-form");
const fieldOf = (name) => form.querySelector(`[data-field="${name}"]`);

function composed(spec) {
  const field = fieldOf(spec.name);
  if (spec.kind === "season")
    return [...field.querySelectorAll("[data-month]")].map((select) => select.value).join(",");
  return [...field.querySelectorAll(".steps__row")]
    .map((row) => [...row.querySelectorAll("input")].map((input) => input.value.trim()))
    .filter(([months, weight]) => months || weight)
    .map((pair) => pair.join(":"))
    .join(",");
}

function decompose(spec, text) {
  const field = fieldOf(spec.name);
  const parts = text.split(",");
  if (spec.kind === "season")
    field.querySelectorAll("[data-month]").forEach((select, i) => (select.value = parts[i] ?? "100"));
  else
    field.querySelectorAll(".steps__row").forEach((row, i) => {
      const pair = (parts[i] ?? "").split(":");
      row.querySelectorAll("input").forEach((input, j) => (input.value = pair[j] ?? ""));
    });
}

const isComposed = (spec) => spec.kind === "season" || spec.kind === "steps";

/** What stands in the form: name → text as typed, for a draft. */
export const typed = () =>
  Object.fromEntries(
    fields.map((spec) => [
      spec.name,
      isComposed(spec) ? composed(spec) : String(new FormData(form).get(spec.name) ?? "").trim(),
    ]),
  );

const CONVERT = { minor: toMinor, rate: toFraction };
const UNREADABLE = { minor: "not_amount", rate: "not_rate" };

/** {inputs, unreadable}: the fields that the product has, as `calculate` takes them. */
export function read() {
  const values = typed();
  const inputs = {};
  const unreadable = [];
  for (const spec of fields) {
    const text = values[spec.name];
    if (!applies(spec, values) || text === "") continue;
    const value = CONVERT[spec.kind] ? CONVERT[spec.kind](text) : text;
    if (value === null) unreadable.push(spec);
    else inputs[spec.name] = value;
  }
  return { inputs, unreadable };
}

/** Show only the inputs that the product has. */
export function showApplying() {
  const values = typed();
  for (const spec of fields) {
    const field = fieldOf(spec.name);
    const charge = /^(fee|gps|insurance|tax|deposit)_(paid|choice|use)$/.exec(spec.name)?.[1];
    const idle = charge && !/[1-9]/.test(values[`${charge}_minor`]);
    field.hidden = !applies(spec, values) || Boolean(idle);
  }
}

/** Messages beside fields; empty required ones are only counted while the form is being filled. */
export function showErrors(found, unreadable) {
  fields.forEach((spec) => hush(fieldOf(spec.name)));
  for (const spec of unreadable) {
    const key = UNREADABLE[spec.kind];
    say(fieldOf(spec.name), "error", t(key), t(`${key}_mend`));
  }
  for (const { field, code, detail, mend } of found) {
    if (code === "required" || !fieldOf(field)) continue;
    const [text, hint] = detail ? [detail, mend] : errors[code];
    say(fieldOf(field), "error", text, hint);
    fieldOf(field).closest("details").open = true;
  }
}

/** Put typed texts back. */
export function fill(values) {
  for (const spec of fields) {
    if (!(spec.name in values)) continue;
    if (isComposed(spec)) decompose(spec, values[spec.name]);
    else form.elements[spec.name].value = values[spec.name];
  }
}

export const clear = () => form.reset();
export const onInput = (act) => form.addEventListener("input", act);
export const onSubmit = (act) =>
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    act(event.submitter);
  });
