// A whole quote, worked out on the phone: the same record, digit for digit, that the server's
// origination/domain/quotes/quote.py makes of the same inputs.
import { CHARGES, PASSED_ON, parse } from "./inputs.js";
import { annualRate } from "./rate.js";
import { maturity, rentals } from "./rentals.js";
import { caps } from "./rules.js";
import { fraction, sum } from "./whole.js";

const DAYS_A_YEAR = 365n;
const isDebt = (row) => row.kind !== "unguaranteed";

/** The record of a quote; throws `BadInputs` or `NoSingleRate`. `fields` and `table` come with the page. */
export function calculate(inputs, fields, table) {
  const terms = parse(inputs, fields, table);
  const rows = rentals(terms, table);
  const flows = lesseeFlows(terms, rows);
  const cost = annualRate(flows);
  const payments = paymentsOf(terms, rows);
  const tests = capTests(terms, cost, table);
  const debts = rows.filter(isDebt);
  const total = (of) => String(sum(debts.map(of)));
  return {
    financed_minor: String(terms.financedAmount),
    down_payment_minor: String(terms.down),
    rent_minor: String(rows[0].amount),
    total_minor: total((row) => row.amount),
    interest_minor: total((row) => row.interest),
    vat_minor: total((row) => row.vat),
    cost_minor: String(-sum(flows)),
    paid_minor: String(sum(payments.map((payment) => payment.amount))),
    maturity_on: maturity(terms),
    first_payment_on: rows[0].dueOn,
    method: "irr_monthly",
    implicit: rateRecord(annualRate(lessorFlows(terms, rows))),
    cost: rateRecord(cost),
    caps: tests,
    within_caps: tests.every((test) => test.within),
    rentals: rows.map(rentalRecord),
    payments: payments.map(({ on, what, amount }) => ({ on, what, amount_minor: String(amount) })),
  };
}

function lesseeFlows(terms, rows) {
  const flows = Array(terms.term + 1).fill(0n);
  flows[0] = terms.price - terms.down - terms.deposit;
  for (const name of CHARGES) {
    if (terms.tied[name] && !terms.financed[name]) flows[0] -= terms.charges[name];
    else if (terms.financed[name] && !terms.tied[name]) flows[0] += terms.charges[name];
  }
  for (const row of rows) flows[row.period] -= row.amount - row.setOff;
  flows[terms.term] += depositLeft(terms, rows);
  return flows;
}

function lessorFlows(terms, rows) {
  const flows = Array(terms.term + 1).fill(0n);
  flows[0] = terms.price + terms.initialDirectCosts - terms.down;
  for (const name of CHARGES) {
    if (!PASSED_ON.includes(name)) flows[0] -= terms.financed[name] ? 0n : terms.charges[name];
    else if (terms.financed[name]) flows[0] += terms.charges[name];
  }
  for (const row of rows) flows[row.period] -= row.amount;
  return flows;
}

const depositLeft = (terms, rows) => terms.deposit - sum(rows.map((row) => row.setOff));

function paymentsOf(terms, rows) {
  const atStart = [
    ["first_payment", terms.down],
    ...CHARGES.filter((name) => !terms.financed[name]).map((name) => [name, terms.charges[name]]),
    ["deposit", terms.deposit],
  ].filter(([, amount]) => amount);
  const paid = atStart.map(([what, amount]) => ({ on: terms.startsOn, what, amount }));
  for (const row of rows.filter(isDebt))
    paid.push({ on: row.dueOn, what: row.kind, amount: row.amount - row.setOff });
  const back = depositLeft(terms, rows);
  if (back) paid.push({ on: maturity(terms), what: "deposit_back", amount: -back });
  return paid;
}

function capTests(terms, cost, table) {
  const late = terms.lateRateDaily * DAYS_A_YEAR;
  return caps(table, terms.startsOn).flatMap((cap) => {
    const found = [];
    if (cap.covers.includes("rent_and_fees"))
      found.push(testRecord(cap, "rent_and_fees", cost[cap.basis]));
    if (cap.covers.includes("late_charges") && late) found.push(testRecord(cap, "late_charges", late));
    return found;
  });
}

const testRecord = (cap, covers, figure) => ({
  id: cap.id,
  covers,
  basis: cap.basis,
  limit: fraction(cap.limit),
  figure: fraction(figure),
  within: figure <= cap.limit,
  title: cap.title,
  source: cap.source,
  lpr: cap.lpr === null ? "" : fraction(cap.lpr),
  lpr_from: cap.lprFrom,
});

const rateRecord = ({ nominal, effective }) => ({
  nominal: fraction(nominal),
  effective: fraction(effective),
});

const rentalRecord = (row) => ({
  number: String(row.number),
  due_on: row.dueOn,
  kind: row.kind,
  amount_minor: String(row.amount),
  interest_minor: String(row.interest),
  principal_minor: String(row.principal),
  vat_minor: String(row.vat),
  set_off_minor: String(row.setOff),
});
