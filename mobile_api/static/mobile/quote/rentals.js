// Every rental of a quote, exact to the minor unit: origination/domain/quotes/rentals.py has the
// formulas and says why.
import { BadInputs, RESIDUALS } from "./inputs.js";
import * as rules from "./rules.js";
import { addMonths, allocate, halfUp, MILLION } from "./whole.js";

const UNIT = 12n * MILLION;
const periodInterest = (balance, rate) => halfUp(balance * rate, UNIT);
const isArrears = (terms) => terms.timing === "arrears";
const least = (a, b) => (a < b ? a : b);

export function rentals(terms, table) {
  const paid = terms.weights.flatMap((weight, k) => (weight ? [k] : []));
  const left = leftAfter(terms, paid.at(-1));
  const parts = (PARTS[terms.pattern] ?? weighted)(terms, paid, left);
  if (parts.some(([interest, principal]) => interest < 0n || principal < 0n))
    throw new BadInputs([{ field: "term_months", code: "rents_do_not_repay" }]);
  const shift = isArrears(terms) ? 1 : 0;
  const first = addMonths(terms.startsOn, shift);
  const rents = paid.map((k, i) => {
    const [interest, principal] = parts[i];
    return { period: k + shift, dueOn: addMonths(first, k), interest, principal, kind: "rent" };
  });
  const setOffs = setOff(terms, rents);
  return [...rents, ...atTheEnd(terms, left)].map((row, i) => ({
    ...row,
    number: i + 1,
    amount: row.interest + row.principal,
    vat: vatIn(terms, table, row),
    setOff: setOffs[i] ?? 0n,
  }));
}

export function maturity(terms) {
  const shift = isArrears(terms) ? 1 : 0;
  return addMonths(addMonths(terms.startsOn, shift), terms.term - shift);
}

function leftAfter(terms, last) {
  if (terms.pattern === "flat_fee") return terms.residual;
  const waits = BigInt(terms.term - last - (isArrears(terms) ? 1 : 0));
  return halfUp(terms.residual * UNIT ** waits, (UNIT + terms.rate) ** waits);
}

function weighted(terms, paid, left) {
  const rents = solved(terms);
  const parts = [];
  let [principal, accrued] = [terms.financedAmount, 0n];
  for (let k = 0; k <= paid.at(-1); k++) {
    if (k || isArrears(terms)) accrued += periodInterest(principal + accrued, terms.rate);
    if (!terms.weights[k]) continue;
    const last = k === paid.at(-1);
    const interest = last ? accrued : least(rents[k], accrued);
    const repaid = last ? principal - left : rents[k] - interest;
    parts.push([interest, repaid]);
    principal -= repaid;
    accrued -= interest;
  }
  return parts;
}

function powers(base, n) {
  const found = [1n];
  for (let k = 0; k < n; k++) found.push(found[k] * base);
  return found;
}

function solved(terms) {
  const n = terms.term;
  const up = powers(UNIT + terms.rate, n);
  const down = powers(UNIT, n);
  const shift = isArrears(terms) ? 1 : 0;
  const worth = terms.financedAmount * up[n] - terms.residual * down[n];
  const each = terms.weights.reduce((all, w, k) => all + w * down[k + shift] * up[n - k - shift], 0n);
  return terms.weights.map((weight) => halfUp(worth * weight, each));
}

function levelPrincipal(terms, paid, left) {
  let balance = terms.financedAmount;
  return allocate(balance - left, Array(terms.term).fill(1n)).map((principal, k) => {
    const interest = k || isArrears(terms) ? periodInterest(balance, terms.rate) : 0n;
    balance -= principal;
    return [interest, principal];
  });
}

function flatFee(terms, paid, left) {
  const n = BigInt(terms.term);
  const repaid = terms.financedAmount - left;
  const rent = halfUp(repaid * MILLION + terms.financedAmount * terms.rate * n, n * MILLION);
  const principal = repaid / n;
  const parts = Array.from({ length: terms.term }, () => [rent - principal, principal]);
  parts.at(-1)[1] += repaid % n;
  return parts;
}

const PARTS = { level_principal: levelPrincipal, flat_fee: flatFee };

function atTheEnd(terms, left) {
  const names = RESIDUALS.filter((name) => terms.residuals[name]);
  if (!names.length) return [];
  const amounts = names.map((name) => terms.residuals[name]);
  const split = allocate(left, amounts);
  return names.map((kind, i) => ({
    period: terms.term,
    dueOn: maturity(terms),
    interest: amounts[i] - split[i],
    principal: split[i],
    kind,
  }));
}

function setOff(terms, rents) {
  let left = terms.setOff ? terms.deposit : 0n;
  return rents
    .slice()
    .reverse()
    .map(({ interest, principal }) => {
      const used = least(interest + principal, left);
      left -= used;
      return used;
    })
    .reverse();
}

function vatIn(terms, table, { dueOn, interest, principal, kind }) {
  const vat = rules.vat(table, terms.product, dueOn);
  if (kind === "unguaranteed" || !vat) return 0n;
  const base = vat.base === "interest" ? interest : interest + principal;
  return halfUp(base * vat.rate, MILLION + vat.rate);
}
