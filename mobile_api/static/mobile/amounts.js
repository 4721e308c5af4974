// What a person types and what is signed: yuan ↔ minor units, per cent ↔ fraction. Text only, no floats.

function shift(text, places, integral) {
  const clean = text.trim().replaceAll(",", "");
  const match = /^(\d*)(?:\.(\d*))?$/.exec(clean);
  if (!match || clean === "" || clean === ".") return null;
  const [, whole, part = ""] = match;
  if (places > 0) {
    if (integral && part.replace(/0+$/, "").length > places) return null;
    const digits = `${whole}${part.padEnd(places, "0").slice(0, places)}`.replace(/^0+(?=\d)/, "");
    return digits || "0";
  }
  const digits = whole.padStart(1 - places, "0");
  const cut = digits.length + places;
  const fraction = `${digits.slice(cut)}${part}`.replace(/0+$/, "");
  const head = digits.slice(0, cut).replace(/^0+(?=\d)/, "");
  return fraction ? `${head}.${fraction}` : head;
}

/** "128,400.50" → "12840050"; null when it is not an amount of whole minor units. */
export const toMinor = (text, exponent = 2) => shift(text, exponent, true);

/** "6.85" (per cent) → "0.0685"; null when it is not a number. */
export const toFraction = (text) => shift(text, -2, false);

/** "12840050" → "128400.50", for showing. */
export function fromMinor(minor, exponent = 2) {
  const digits = minor.padStart(exponent + 1, "0");
  return exponent ? `${digits.slice(0, -exponent)}.${digits.slice(-exponent)}` : digits;
}
