// Which PINs are refused: those that everybody tries first.
export const MIN_DIGITS = 6;
export const MAX_DIGITS = 12;

const isRun = (digits, step) =>
  digits.every((digit, i) => i === 0 || digit === (digits[i - 1] + step + 10) % 10);

/** 123123, 454545, 111111: something short, again and again. */
const isRepeated = (pin) => /^(\d{1,3})\1+$/.test(pin) || /^(\d{4})\1+$/.test(pin);

function isDay(year, month, day) {
  const date = new Date(Date.UTC(year, month - 1, day));
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
}

/** A birthday as people write it: YYMMDD, DDMMYY, MMDDYY, and with the whole year. */
function isDate(pin) {
  const digits = [...pin].map(Number);
  const at = (...places) => Number(places.map((place) => digits[place]).join(""));
  if (pin.length === 6)
    return (
      isDay(2000 + at(0, 1), at(2, 3), at(4, 5)) ||
      isDay(2000 + at(4, 5), at(2, 3), at(0, 1)) ||
      isDay(2000 + at(4, 5), at(0, 1), at(2, 3))
    );
  if (pin.length !== 8) return false;
  const isYear = (year) => year >= 1900 && year <= 2099;
  const [first, last] = [at(0, 1, 2, 3), at(4, 5, 6, 7)];
  return (
    (isYear(first) && isDay(first, at(4, 5), at(6, 7))) ||
    (isYear(last) && (isDay(last, at(2, 3), at(0, 1)) || isDay(last, at(0, 1), at(2, 3))))
  );
}

/** Why a PIN is refused: "characters", "length", "repeated", "run", "date"; null where it is fit. */
export function weakness(pin) {
  if (!/^\d*$/.test(pin)) return "characters";
  if (pin.length < MIN_DIGITS || pin.length > MAX_DIGITS) return "length";
  const digits = [...pin].map(Number);
  if (isRepeated(pin)) return "repeated";
  if (isRun(digits, 1) || isRun(digits, -1)) return "run";
  return isDate(pin) ? "date" : null;
}
