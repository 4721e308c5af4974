// The page's facts and words, as the server wrote them into the page.
export const facts = JSON.parse(document.getElementById("phone-facts").textContent);

/** A word of the page with its {places} filled. */
export function t(key, places = {}) {
  return Object.entries(places).reduce(
    (text, [name, value]) => text.replaceAll(`{${name}}`, value),
    facts.words[key],
  );
}

export const label = (field) => facts.labels[field] ?? facts.quote.labels[field] ?? field;

const money = new Intl.NumberFormat(document.documentElement.lang, {
  style: "currency",
  currency: "CNY",
  currencyDisplay: "narrowSymbol",
});

/** Minor units (text) as money; exact for any lease that fits a phone's form. */
export const showMoney = (minor) => money.format(Number(minor) / 100);

const moment = new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: "medium", timeStyle: "short" });

/** An instant as the clock of this phone tells it. */
export const showMoment = (text) => moment.format(new Date(text));

/** A signed value as a person reads it. */
export function showValue(field, value) {
  if (field.endsWith("_minor")) return showMoney(value);
  if (/_rate$|_ratio$|_nominal$|_effective$|_limit$|^flat_rate|^late_rate/.test(field))
    return `${(Number(value) * 100).toFixed(4).replace(/\.?0+$/, "")}%`;
  return facts.codes[field]?.[value] ?? facts.quote.codes[field]?.[value] ?? value;
}
