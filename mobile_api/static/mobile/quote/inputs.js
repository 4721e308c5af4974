// A quote's inputs checked and read, as origination/domain/quotes/inputs.py does it. The list of
// fields comes from there, with the page.
import * as rules from "./rules.js";
import { halfUp, millionths, MILLION, sum } from "./whole.js";

export const CHARGES = ["fee", "gps", "insurance", "tax"];
export const PASSED_ON = ["insurance", "tax"];
export const RESIDUALS = ["balloon", "purchase", "unguaranteed"];
const AMOUNT_LIMIT = 10n ** 11n;
const WEIGHT_LIMIT = 1000;
const TERM_LIMIT = 120;
const FORMS = {
  minor: /^(0|[1-9][0-9]{0,11})$/,
  rate: /^[01](\.[0-9]{1,6})?$/,
  months: /^[1-9][0-9]{0,2}$/,
  date: /^20[0-9]{2}-[0-9]{2}-[0-9]{2}$/,
  steps: /^[1-9][0-9]{0,2}:[0-9]{1,4}(,[1-9][0-9]{0,2}:[0-9]{1,4}){0,11}$/,
  season: /^[0-9]{1,4}(,[0-9]{1,4}){11}$/,
};

/** The inputs cannot make a quote: [{field, code}], all at once. */
export class BadInputs extends Error {
  constructor(errors) {
    super("quote_invalid");
    this.errors = errors;
  }
}

/** Whether a field exists for the product and pattern chosen so far. */
export const applies = (spec, values) =>
  Object.entries(spec.only).every(([name, codes]) => codes.includes(values[name]));

export function parse(inputs, fields, table) {
  const { values, errors } = read(inputs, fields);
  if (errors.length) throw new BadInputs(errors);
  const terms = termsOf(values);
  const found = compare(terms, values, table);
  if (found.length) throw new BadInputs(found);
  return terms;
}

function read(inputs, fields) {
  const values = {};
  const errors = [];
  const note = (field, code) => code && errors.push({ field, code });
  for (const spec of fields) {
    const text = inputs[spec.name] ?? "";
    if (!applies(spec, values)) {
      note(spec.name, text && "not_of_product");
      continue;
    }
    note(spec.name, text ? written(spec, text) : spec.default === null && "required");
    values[spec.name] = text || (spec.default ?? "");
  }
  const known = new Set(fields.map((spec) => spec.name));
  for (const name of Object.keys(inputs)) note(name, !known.has(name) && "unknown_field");
  return { values, errors };
}

function written(spec, text) {
  const { kind } = spec;
  if (kind === "code") return spec.codes.includes(text) ? "" : "unknown_code";
  const fits = FORMS[kind].test(text);
  if (kind === "minor") {
    if (!fits) return "not_minor";
    const low = spec.default === null ? 1n : 0n;
    return BigInt(text) >= low && BigInt(text) < AMOUNT_LIMIT ? "" : "out_of_range";
  }
  if (kind === "rate") {
    if (!fits) return "not_rate";
    const high = spec.name === "first_payment_ratio" ? MILLION - 1n : MILLION;
    return millionths(text) > high ? "out_of_range" : "";
  }
  if (kind === "months") return fits && Number(text) <= TERM_LIMIT ? "" : "not_term";
  if (kind === "date") return fits && isDate(text) ? "" : "not_date";
  if (!fits || weightsIn(text).some((weight) => weight > WEIGHT_LIMIT)) return `not_${kind}`;
  return weightsIn(text).some(Boolean) ? "" : "no_rent";
}

const weightsIn = (text) => text.split(",").map((part) => Number(part.split(":").at(-1)));

function isDate(text) {
  const day = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(text);
}

const keyed = (names, value) => Object.fromEntries(names.map((name) => [name, value(name)]));

function termsOf(values) {
  const price = BigInt(values.price_minor);
  const flat = values.pattern === "flat_fee";
  const amount = (name) => BigInt(values[`${name}_minor`] ?? "0");
  const terms = {
    product: values.product,
    pattern: values.pattern,
    timing: values.timing,
    price,
    down: halfUp(price * millionths(values.first_payment_ratio), MILLION),
    term: Number(values.term_months),
    rate: millionths(flat ? values.flat_rate_monthly : values.annual_nominal_rate),
    startsOn: values.starts_on,
    weights: weights(values),
    residuals: keyed(RESIDUALS, amount),
    charges: keyed(CHARGES, amount),
    financed: keyed(CHARGES, (name) => values[`${name}_paid`] === "financed"),
    tied: { fee: true, gps: true, insurance: values.insurance_choice === "tied", tax: false },
    deposit: amount("deposit"),
    setOff: values.deposit_use === "set_off",
    lateRateDaily: millionths(values.late_rate_daily),
    initialDirectCosts: amount("initial_direct_costs"),
  };
  const along = CHARGES.filter((name) => terms.financed[name]).map((name) => terms.charges[name]);
  return {
    ...terms,
    financedAmount: price - terms.down + sum(along),
    residual: sum(Object.values(terms.residuals)),
  };
}

function weights(values) {
  const term = Number(values.term_months);
  if (values.pattern === "step")
    return values.steps.split(",").flatMap((part) => {
      const [months, weight] = part.split(":").map(Number);
      return Array(months).fill(BigInt(weight));
    });
  if (values.pattern === "seasonal") {
    const season = weightsIn(values.season);
    const first = Number(values.starts_on.slice(5, 7)) - 1 + (values.timing === "arrears" ? 1 : 0);
    return Array.from({ length: term }, (_, k) => BigInt(season[(first + k) % 12]));
  }
  return Array(term).fill(100n);
}

function compare(terms, values, table) {
  const errors = [];
  const note = (field, code) => errors.push({ field, code });
  if (terms.weights.length !== terms.term) note("steps", "steps_unlike_term");
  else if (!terms.weights.some((weight) => weight > 0n)) note("season", "no_rent");
  if (terms.residual > terms.financedAmount)
    note(`${RESIDUALS.find((name) => terms.residuals[name])}_minor`, "residual_above_financed");
  if (terms.deposit > terms.financedAmount) note("deposit_minor", "deposit_above_financed");
  const limit = rules.financedLimit(table, terms.product, terms.startsOn);
  const vat = rules.vat(table, terms.product, terms.startsOn);
  if (limit === null || vat === null || !rules.caps(table, terms.startsOn).length)
    note("starts_on", "no_rule_in_force");
  else if (terms.financedAmount * MILLION > limit * terms.price)
    note("price_minor", "financed_above_value");
  return errors;
}
