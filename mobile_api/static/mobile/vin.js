// Vehicle identification numbers: ISO 3779 characters and the check digit of GB 16735 / 49 CFR 565.
// Mirrors origination/domain/vin.py, so that a slip shows while it is typed; the server decides.
const VALUES = Object.fromEntries([..."0123456789"].map((digit) => [digit, Number(digit)]));
[..."ABCDEFGH"].forEach((letter, i) => {
  VALUES[letter] = i + 1;
});
[..."JKLMN"].forEach((letter, i) => {
  VALUES[letter] = i + 1;
});
Object.assign(VALUES, { P: 7, R: 9 });
[..."STUVWXYZ"].forEach((letter, i) => {
  VALUES[letter] = i + 2;
});
const WEIGHTS = [8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2];

export const normalise = (text) => text.toUpperCase().replace(/[\s-]/g, "");

/** The check digit that the other sixteen characters ask for: "0"–"9" or "X". */
export function checkDigit(vin) {
  const remainder =
    [...vin].reduce((sum, character, i) => sum + VALUES[character] * WEIGHTS[i], 0) % 11;
  return remainder === 10 ? "X" : String(remainder);
}

/** Where the check digit is law: China (L) and North America (1–5). */
const isBinding = (vin) => /^[L1-5]/.test(vin);

/** {state: "short" | "characters" | "wrong" | "unusual" | "good", expected?, wrong?}. */
export function checkVin(text) {
  const vin = normalise(text);
  const wrong = [...vin].find((character) => !(character in VALUES));
  if (wrong) return { state: "characters", wrong };
  if (vin.length !== 17) return { state: "short", length: vin.length };
  const expected = checkDigit(vin);
  if (vin[8] === expected) return { state: "good" };
  return { state: isBinding(vin) ? "wrong" : "unusual", expected };
}
