// What became of the officer's applications, as the server told it last: kept for a day without a network.
import * as api from "./api.js";
import * as queue from "./queue.js";
import { el, notice, showNotices, showScreen } from "./screens.js";
import { facts, showMoment, t } from "./words.js";

const key = `applications:${facts.person}`;
const $ = (selector) => document.querySelector(selector);

/** {as_of, rows} from the server, or from the last time where there is no network. */
async function told() {
  const ask = async () => ({ as_of: new Date().toISOString(), rows: await api.applications() });
  return (await queue.toldLast(key, ask)) ?? { as_of: null, rows: [] };
}

function rowOf(application, open) {
  const row = $("#application-row").content.cloneNode(true).firstElementChild;
  const [tone, words] = facts.application_states[application.state];
  row.querySelector("[data-name]").textContent = application.contract_number;
  row.querySelector("[data-detail]").textContent = application.question || showMoment(application.moved_at);
  const pill = row.querySelector("[data-state]");
  pill.textContent = words;
  pill.classList.add(`pill--${tone}`);
  row.querySelector("button").addEventListener("click", () => open(application));
  return row;
}

/** Show them; `open` is called with the one that is chosen. */
export async function enter(open) {
  const list = await told();
  $("#application-rows").replaceChildren(...list.rows.map((one) => rowOf(one, open)));
  $("#application-rows").hidden = list.rows.length === 0;
  $("#no-applications").hidden = list.rows.length > 0;
  $("#applications-age").textContent = list.as_of ? t("work_as_of", { at: showMoment(list.as_of) }) : "";
  showScreen("applications");
}

/** It was written on another phone, or at the desk: the desk's page has it. */
export function notHere(application) {
  showNotices(
    notice("info", t("application_elsewhere"), application.question),
    el("a", { class: "button button--wide", href: `/applications/${application.rid}/` }, t("application_page")),
  );
}
