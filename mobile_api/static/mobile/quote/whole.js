// Whole-number arithmetic as origination/domain/quotes/whole.py does it: BigInt, never a float.
// Rates and shares are whole millionths: 0.0895 is 89500n. Divisors are positive.
export const MILLION = 10n ** 6n;

/** Division towards minus infinity, as Python's //. */
export function floorDiv(a, b) {
  const whole = a / b;
  return a < 0n && whole * b !== a ? whole - 1n : whole;
}

export const halfUp = (a, b) => floorDiv(2n * a + b, 2n * b);
export const sum = (numbers) => numbers.reduce((total, number) => total + number, 0n);

/** "0.0895" → 89500n. */
export function millionths(text) {
  const [whole, part = ""] = text.split(".");
  return BigInt(whole + part.padEnd(6, "0"));
}

/** 89500n → "0.089500". */
export function fraction(value) {
  const size = value < 0n ? -value : value;
  const text = `${size / MILLION}.${String(size % MILLION).padStart(6, "0")}`;
  return value < 0n ? `-${text}` : text;
}

/** Split by weights, largest remainder, ties to the earlier part (tenants/money.py). */
export function allocate(total, weights) {
  const whole = sum(weights);
  const parts = weights.map((weight) => (total * weight) / whole);
  const over = weights.map((weight) => (total * weight) % whole);
  const order = weights.map((_, i) => i).sort((i, j) => (over[i] === over[j] ? i - j : over[i] > over[j] ? -1 : 1));
  for (const i of order.slice(0, Number(total - sum(parts)))) parts[i] += 1n;
  return parts;
}

/** The same day so many months later, or the month's last day: "2026-01-31" + 1 → "2026-02-28". */
export function addMonths(day, months) {
  const [year, month, date] = day.split("-").map(Number);
  const at = year * 12 + month - 1 + months;
  const [y, m] = [Math.floor(at / 12), at % 12];
  const last = new Date(Date.UTC(y, m + 1, 0)).getUTCDate();
  const two = (number) => String(number).padStart(2, "0");
  return `${String(y).padStart(4, "0")}-${two(m + 1)}-${two(Math.min(date, last))}`;
}
