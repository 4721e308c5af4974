// A worked-out quote on the page: the cost against its caps first, then who pays what when.
import { el, fillFacts, notice } from "./screens.js";
import { showMoney, t } from "./words.js";

const $ = (selector) => document.querySelector(selector);
const language = document.documentElement.lang.startsWith("zh") ? "zh" : "en";

/** "0.107336" → "10.7336%", "0.240000" → "24%", by shifting the point. */
export function percent(text) {
  const [, sign, whole, part] = /^(-?)(\d+)\.(\d{6})$/.exec(text);
  const digits = `${whole}${part.slice(0, 2)}`.replace(/^0+(?=\d)/, "");
  const rest = part.slice(2).replace(/0+$/, "");
  return `${sign}${digits}${rest && `.${rest}`}%`;
}

const isBreached = (test) => !test.within;

function capNotice(test) {
  const places = { figure: percent(test.figure), limit: percent(test.limit) };
  const lpr = test.lpr ? t("cap_lpr", { lpr: percent(test.lpr), from: test.lpr_from }) : "";
  const rule = [test.title[language], test.source, lpr].filter(Boolean).join(" · ");
  const said = t(`${test.covers}_${test.within ? "within" : "above"}`, places);
  return notice(test.within ? "success" : "danger", said, rule, isBreached(test) ? t("cap_mend") : "");
}

function figures(quote) {
  const level = new Set(quote.rentals.map((row) => row.amount_minor)).size <= 3;
  const list = el("dl", { class: "facts facts--rows" });
  fillFacts(list, [
    [t("financed"), showMoney(quote.financed_minor)],
    [t("total_cost"), showMoney(quote.cost_minor)],
    [t("cash_paid"), showMoney(quote.paid_minor)],
    [t("interest"), showMoney(quote.interest_minor)],
    [t("vat_inside"), showMoney(quote.vat_minor)],
    [t("implicit"), percent(quote.implicit.nominal)],
    [t("maturity"), quote.maturity_on],
  ]);
  return el(
    "div",
    { class: "card quote" },
    el("span", { class: "muted small" }, t(level ? "rent" : "first_rent")),
    el("strong", { "data-quoted-rent": quote.rent_minor }, showMoney(quote.rent_minor)),
    el("span", { class: "muted small" }, t("all_in")),
    el("strong", { "data-quoted-cost": quote.cost.nominal }, percent(quote.cost.nominal)),
    el("p", { class: "muted small" }, t("all_in_method", { effective: percent(quote.cost.effective) })),
    list,
  );
}

function fillTable(table, rows) {
  table.hidden = false;
  const cells = (row) =>
    row.map((text, i) => el("td", i >= 2 ? { class: "num" } : {}, ...[text].flat()));
  table.querySelector("tbody").replaceChildren(...rows.map((row) => el("tr", {}, ...cells(row))));
}

/** Equal rents one after the other as one line: who pays what when, on one screen. */
function runs(payments) {
  const found = [];
  for (const payment of payments) {
    const last = found.at(-1);
    const same = last && last.what === payment.what && last.amount_minor === payment.amount_minor;
    if (same) Object.assign(last, { count: last.count + 1, until: payment.on });
    else found.push({ ...payment, count: 1 });
  }
  return found;
}

function paymentRow({ on, until, what, amount_minor, count }) {
  const name = t(`pays_${what}`);
  const days = until ? [el("span", {}, on), el("span", {}, `– ${until}`)] : [on];
  return [days, count > 1 ? `${name} × ${count}` : name, showMoney(amount_minor)];
}

function showSummary({ rent_minor, cost, caps, within_caps }) {
  const sums = [showMoney(rent_minor), percent(cost.nominal), `≤ ${percent(caps[0].limit)}`];
  if (caps.some((test) => test.covers === "rent_and_fees" && !test.within)) sums[2] = sums[2].replace("≤", ">");
  const summary = $("#quote-summary");
  summary.dataset.state = within_caps ? "within" : "above";
  summary.replaceChildren(...sums.map((text) => el("span", {}, text)));
}

export function showQuote(quote) {
  showSummary(quote);
  $("#quote-result").replaceChildren(figures(quote), ...quote.caps.map(capNotice));
  fillTable(
    $("#quote-payments"),
    runs(quote.payments).map(paymentRow),
  );
  fillTable(
    $("#quote-rentals"),
    quote.rentals.map((row) => [
      row.number,
      row.kind === "rent" ? row.due_on : [row.due_on, el("span", {}, t(`pays_${row.kind}`))],
      ...["amount", "interest", "principal", "vat"].map((of) => showMoney(row[`${of}_minor`])),
    ]),
  );
}

/** Nothing is worked out: say why, or what is still missing. */
export function showNone(...parts) {
  $("#quote-summary").replaceChildren();
  $("#quote-result").replaceChildren(...parts);
  $("#quote-payments").hidden = $("#quote-rentals").hidden = true;
}
