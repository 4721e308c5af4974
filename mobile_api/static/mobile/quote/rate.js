// The one monthly rate of flows, in whole numbers: origination/domain/quotes/rate.py has the proofs.
import { floorDiv, fraction, halfUp, MILLION, sum } from "./whole.js";

const SCALE = 10n ** 10n;
const HIGHEST = 10n * SCALE;
const LOWEST = -SCALE / 2n;
const GRID = [
  ...[-5000, -3000, -2000, -1000, -500, -200, -100, 0, 25, 50, 75, 100, 125, 150, 175, 200],
  ...[250, 300, 400, 500, 750, 1000, 1500, 2000, 3000, 5000, 10_000, 20_000, 50_000, 100_000],
].map((step) => (BigInt(step) * SCALE) / 10_000n);

/** The flows have no rate, or several: `code` quote_without_rate or quote_with_rates, and `rates`. */
export class NoSingleRate extends Error {
  constructor(rates) {
    super(rates.length ? "quote_with_rates" : "quote_without_rate");
    this.code = this.message;
    this.rates = rates.join(", ");
  }
}

/** {nominal, effective} in millionths a year. */
export function annualRate(flows) {
  const monthly = single(flows);
  const base = SCALE ** 12n;
  return {
    nominal: halfUp(12n * monthly * MILLION, SCALE),
    effective: halfUp(((SCALE + monthly) ** 12n - base) * MILLION, base),
  };
}

function single(flows) {
  let roots;
  if (flows[0] <= 0n || changes(flows) === 0) roots = [];
  else if (changes(flows) === 1) roots = rootsOn(flows, [LOWEST, HIGHEST]);
  else if (sum(flows) < 0n && changes(running(flows)) === 1) roots = rootsOn(flows, [0n, HIGHEST]);
  else roots = rootsOn(flows, GRID);
  if (roots.length === 1) return roots[0];
  throw new NoSingleRate(roots.map((root) => fraction(halfUp(12n * root * MILLION, SCALE))));
}

function running(flows) {
  let total = 0n;
  return flows.map((flow) => (total += flow));
}

function changes(numbers) {
  const signs = numbers.filter((number) => number !== 0n).map((number) => number > 0n);
  return signs.filter((sign, i) => i && sign !== signs[i - 1]).length;
}

function signAt(flows, rate) {
  let [total, power] = [0n, 1n];
  for (const flow of flows) {
    total = total * (SCALE + rate) + flow * power;
    power *= SCALE;
  }
  return total > 0n ? 1 : total < 0n ? -1 : 0;
}

function rootsOn(flows, grid) {
  const signs = grid.map((rate) => signAt(flows, rate));
  const roots = grid.filter((_, i) => signs[i] === 0);
  for (let i = 1; i < grid.length; i++)
    if (signs[i - 1] * signs[i] < 0) roots.push(bisect(flows, grid[i - 1], grid[i], signs[i - 1]));
  return roots.sort((a, b) => (a < b ? -1 : 1));
}

function bisect(flows, from, to, atLow) {
  let [low, high] = [from, to];
  while (high - low > 1n) {
    const middle = floorDiv(low + high, 2n);
    const sign = signAt(flows, middle);
    if (sign === 0) return middle;
    if (sign === atLow) low = middle;
    else high = middle;
  }
  return low;
}
