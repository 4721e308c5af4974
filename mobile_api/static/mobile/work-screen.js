// The officer's overdue customers, as the server told them last: kept here for a day without a network.
import * as api from "./api.js";
import * as queue from "./queue.js";
import { showScreen } from "./screens.js";
import { facts, showMoment, showMoney, t } from "./words.js";

const key = `work:${facts.person}`;
const $ = (selector) => document.querySelector(selector);

/** The list from the server, or from the last time where there is no network. */
const told = async () => (await queue.toldLast(key, api.worklist)) ?? { as_of: null, rows: [] };

function rowOf(work, open) {
  const row = $("#work-row").content.cloneNode(true).firstElementChild;
  row.querySelector("[data-name]").textContent = work.lessee_name;
  const province = facts.codes.province?.[work.province] ?? work.province;
  const parts = [showMoney(work.owed_minor), province, work.plate || work.vehicle];
  row.querySelector("[data-detail]").textContent = parts.filter(Boolean).join(" · ");
  const pill = row.querySelector("[data-days]");
  pill.textContent = t("days_late", { days: String(work.days_past_due) });
  pill.classList.add(work.days_past_due > 30 ? "pill--danger" : "pill--warning");
  row.querySelector("button").addEventListener("click", () => open(work));
  return row;
}

/** Show the list; `open` is called with the customer that is chosen. */
export async function enter(open) {
  const list = await told();
  $("#work-rows").replaceChildren(...list.rows.map((work) => rowOf(work, open)));
  $("#work-rows").hidden = list.rows.length === 0;
  $("#no-work").hidden = list.rows.length > 0;
  $("#work-age").textContent = list.as_of ? t("work_as_of", { at: showMoment(list.as_of) }) : "";
  showScreen("work");
}
