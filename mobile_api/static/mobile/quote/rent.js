// The rent of a lease that is being written, without a network: the lease form's terms through the
// calculator's kernel, which follows the schedule that the recorded lease will have.
import { BadInputs, parse } from "./inputs.js";
import { rentals } from "./rentals.js";
import { addMonths, sum } from "./whole.js";

const FIELDS = { price_minor: "financed_amount_minor", purchase_minor: "residual_minor", starts_on: "first_payment_on" };

/** {rent_minor, total_minor, interest_minor, maturity_on}; throws `BadInputs` naming the form's fields. */
export function rentOf(lease, fields, table) {
  try {
    return worked(lease, parse(inputsOf(lease), fields, table), table);
  } catch (error) {
    if (!(error instanceof BadInputs)) throw error;
    throw new BadInputs(
      error.errors.map(({ field, code }) => ({ field: FIELDS[field] ?? field, code })),
    );
  }
}

const inputsOf = (lease) => ({
  product: "direct_lease",
  price_minor: lease.financed_amount_minor,
  pattern: lease.rent_pattern,
  timing: lease.rent_timing,
  term_months: lease.term_months,
  annual_nominal_rate: lease.annual_nominal_rate,
  starts_on: lease.first_payment_on,
  purchase_minor: lease.residual_minor,
});

function worked(lease, terms, table) {
  const rows = rentals(terms, table);
  // In arrears the last rent falls on maturity, in advance a month before it.
  const months = terms.term - (lease.rent_timing === "arrears" ? 1 : 0);
  return {
    rent_minor: String(rows[0].amount),
    total_minor: String(sum(rows.map((row) => row.amount))),
    interest_minor: String(sum(rows.map((row) => row.interest))),
    maturity_on: addMonths(lease.first_payment_on, months),
  };
}
