// The calculator: works a quote out as it is typed, on this phone, with or without a network.
import { institutionNow } from "../ui/relative-time.js";
import { fromMinor } from "./amounts.js";
import * as queue from "./queue.js";
import * as form from "./quote-form.js";
import { calculate } from "./quote/quote.js";
import { showNone, showQuote } from "./quote-result.js";
import { el, fillFacts, notice, showScreen } from "./screens.js";
import { facts, label, showValue, t } from "./words.js";

const DRAFT_DELAY_MS = 350;
const key = `quote:${facts.person}`;
const $ = (selector) => document.querySelector(selector);
let current = null; // {inputs, quote} for the form as it stands
let timer;

function work() {
  form.showApplying();
  const { inputs, unreadable } = form.read();
  current = null;
  try {
    if (unreadable.length) throw Object.assign(new Error("unreadable"), { errors: [] });
    current = { inputs, quote: calculate(inputs, form.fields, form.table) };
    form.showErrors([], []);
    showQuote(current.quote);
  } catch (error) {
    explain(error, unreadable);
  }
  const kept = current?.quote.within_caps ?? false;
  $("[data-quote-keep]").disabled = !kept;
  $("[data-quote-lease]").disabled = !kept || leaseValues() === null;
}

function explain(error, unreadable) {
  if (error.errors) {
    form.showErrors(error.errors, unreadable);
    const missing = error.errors.filter(({ code }) => code === "required");
    const names = missing.map(({ field }) => form.labels[field]).join(" · ");
    return showNone(el("p", { class: "muted" }, names ? t("quote_missing", { names }) : t("quote_mend")));
  }
  if (!error.code) throw error;
  form.showErrors([], []);
  showNone(notice("danger", t(error.code), t(`${error.code}_detail`, { rates: error.rates }), t(`${error.code}_mend`)));
}

const today = () => {
  const now = institutionNow();
  const two = (number) => String(number).padStart(2, "0");
  return `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`;
};

/** Open the calculator as it was left. */
export async function enter() {
  form.clear();
  form.fill({ starts_on: today(), ...(await queue.draft(key)) });
  work();
  showScreen("quote");
  $('[data-screen="quote"] h1').focus({ preventScroll: true });
}

const SHOWN = ["financed_minor", "rent_minor", "total_minor", "cost_minor", "paid_minor"];

/** The fields of `quote.recorded`: the inputs, and the figures that the lessee was shown. */
export function signedFields() {
  const { inputs, quote } = current;
  const [{ id, limit }] = quote.caps;
  return {
    ...inputs,
    ...Object.fromEntries([...SHOWN, "maturity_on", "method"].map((name) => [name, quote[name]])),
    all_in_nominal: quote.cost.nominal,
    all_in_effective: quote.cost.effective,
    implicit_nominal: quote.implicit.nominal,
    cap_rule: id,
    cap_limit: limit,
  };
}

const CONFIRMED = ["rent_minor", "total_minor", "cost_minor", "all_in_nominal", "all_in_effective"];
CONFIRMED.push("implicit_nominal", "cap_limit", "maturity_on");

/** Show what is about to be signed; answers whether it is to be. */
export function confirmed({ fields, text }) {
  const dialog = $("#quote-sign");
  fillFacts($("#quote-signed"), CONFIRMED.map((name) => [label(name), showValue(name, fields[name])]));
  $("#quote-bytes").textContent = text;
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((resolve) =>
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "sign"), { once: true }),
  );
}

const PATTERNS = ["level", "level_principal"]; // a lease on the phone knows these
const RESIDUAL_KINDS = { balloon: "balloon", purchase: "nominal_purchase", unguaranteed: "unguaranteed" };

/** The quote as typed values of the lease form; null where that form has no such lease. */
export function leaseValues() {
  const { inputs, quote } = current;
  const residuals = quote.rentals.filter((row) => row.kind !== "rent");
  if (!PATTERNS.includes(inputs.pattern) || residuals.length > 1) return null;
  const charge = (name) => BigInt(inputs[`${name}_minor`] ?? "0");
  const tied = inputs.insurance_choice === "free" ? 0n : charge("insurance");
  const values = form.typed();
  return {
    product: inputs.product,
    vehicle_price_minor: values.price_minor,
    financed_amount_minor: fromMinor(quote.financed_minor),
    deposit_minor: values.deposit_minor,
    fee_minor: fromMinor(String(charge("fee") + charge("gps") + tied)),
    residual_kind: RESIDUAL_KINDS[residuals[0]?.kind ?? "purchase"],
    residual_minor: fromMinor(residuals[0]?.amount_minor ?? "0"),
    rent_pattern: inputs.pattern,
    rent_timing: inputs.timing,
    annual_nominal_rate: values.annual_nominal_rate,
    term_months: inputs.term_months,
    originated_on: inputs.starts_on,
    first_payment_on: quote.first_payment_on,
  };
}

function keepDraft() {
  timer = undefined;
  return queue.saveDraft(key, form.typed());
}

/** Write at once what would be written a moment later: the page may go. */
export async function settle() {
  if (timer === undefined) return;
  clearTimeout(timer);
  await keepDraft();
}

/** `keep` signs and keeps the quote, `lease` begins a lease from it. */
export function start({ keep, lease }) {
  form.onInput(() => {
    work();
    clearTimeout(timer);
    timer = setTimeout(keepDraft, DRAFT_DELAY_MS);
  });
  form.onSubmit((button) => current?.quote.within_caps && keep(button));
  $("[data-quote-lease]").addEventListener("click", (event) => lease(event.currentTarget));
}
