// The dated table of caps, LPR, VAT and limits (origination/domain/quotes/rules.json), read for one day.
import { halfUp, millionths, MILLION } from "./whole.js";

function latest(rows, day) {
  const known = rows.filter((row) => row.valid_from <= day);
  return known.reduce((best, row) => (best && best.valid_from >= row.valid_from ? best : row), null);
}

const ofProduct = (rows, product) => rows.filter((row) => row.product === product);

export function vat({ data }, product, day) {
  const row = latest(ofProduct(data.vat, product), day);
  return row && { rate: millionths(row.figure), base: row.base };
}

export function financedLimit({ data }, product, day) {
  const row = latest(ofProduct(data.financed_limits, product), day);
  return row && millionths(row.figure);
}

/** The regime's caps in force on a day, the lowest first. */
export function caps({ data, regime }, day) {
  const inForce = (row) => row.valid_from <= day && (!row.valid_until || day < row.valid_until);
  return data.regimes[regime]
    .map((id) => latest(data.caps.filter((row) => row.id === id && inForce(row)), day))
    .map((row) => row && capOn(row, data.lpr, day))
    .filter(Boolean)
    .sort((a, b) => (a.limit === b.limit ? (a.id < b.id ? -1 : 1) : a.limit < b.limit ? -1 : 1));
}

function capOn(row, rates, day) {
  const cap = { ...row, limit: millionths(row.figure), lpr: null, lprFrom: "" };
  if (row.kind !== "lpr_multiple") return cap;
  const known = latest(rates, day);
  if (!known) return null;
  const lpr = millionths(known.figure);
  return { ...cap, limit: halfUp(cap.limit * lpr, MILLION), lpr, lprFrom: known.valid_from };
}
