// One record on the phone: its row in the list, its state, and its proof.
import { hex } from "../ledger/verify/bytes.js";
import { el, fillFacts, notice, proofPath, refusalNotice, showScreen, verdict } from "./screens.js";
import { factsOf, titleOf as contactTitle } from "./contact-screen.js";
import { APPLICATION, CONTACT, QUOTE } from "./record.js";
import { label, showMoney, showValue, t } from "./words.js";

const TONES = {
  signed: "warning",
  sent: "info",
  proved: "success",
  refused: "danger",
  erased: "info",
};
const STATES = ["signed", "sent", "proved"];
const SHOWN = ["contract_number", "vin", "product", "pattern", "financed_minor", "rent_minor"];
SHOWN.push("term_months", "all_in_nominal", "cap_limit", "maturity_on");
const $ = (selector) => document.querySelector(selector);

/** A row of the list; `open` is called when it is chosen. */
export function recordRow(record, open) {
  const row = $("#record-row").content.cloneNode(true).firstElementChild;
  row.querySelector("[data-name]").textContent = titleOf(record);
  row.querySelector("[data-detail]").textContent = detailOf(record);
  const pill = row.querySelector("[data-state]");
  pill.textContent = t(`state_${record.state}`);
  pill.classList.add(`pill--${TONES[record.state]}`);
  row.querySelector("button").addEventListener("click", open);
  return row;
}

function titleOf({ body, kind }) {
  if (!body.fields) return t("erased_title");
  if (kind === CONTACT) return contactTitle(body.fields);
  if (kind === APPLICATION) return t("application_of", { name: body.fields.lessee_name });
  return kind === QUOTE ? t("quote_of", { price: showMoney(body.fields.price_minor) }) : body.fields.lessee_name;
}

function detailOf({ body: { fields, rid }, kind }) {
  if (!fields) return rid;
  if (kind === CONTACT) return fields.note ?? fields.place ?? fields.at.slice(0, 10);
  if (kind === QUOTE)
    return ["pattern", "rent_minor", "all_in_nominal"].map((name) => showValue(name, fields[name])).join(" · ");
  return `${fields.vehicle_make} ${fields.vehicle_model} · ${fields.contract_number}`;
}

function stepState(record, place) {
  const reached = STATES.indexOf(record.state === "erased" ? "proved" : record.state);
  if (record.state === "refused" && place === 1) return "failed";
  if (place === 0 || place <= reached) return "done";
  return place === reached + 1 ? "current" : "todo";
}

const say = (...parts) => $("#record-verdict").replaceChildren(...parts);

function verdictOf(record) {
  if (record.state === "refused") return refusalNotice(record.refusal, label);
  if (record.state === "sent") {
    return verdict("info", t("state_sent"), t(record.pending ? "pending" : "accepted"), "clock");
  }
  if (record.state === "signed") return el("p", { class: "row busy" }, t("sending"));
  if (record.state === "erased") {
    const places = { index: String(record.index), by: record.erased.by };
    return verdict("info", t("state_erased"), t("erased_body", places), "shield");
  }
  const { index, size } = record.proved;
  const places = { index: String(index), size: String(size) };
  return verdict("success", t("proved"), t("proved_body", places));
}

/** The whole screen of a record, in whatever state it is. */
export function showRecord(record) {
  const { fields = {}, rid } = record.body;
  $("#record-title").textContent = titleOf(record);
  $("#record-rid").textContent = rid;
  for (const [place, step] of document.querySelectorAll("[data-record-step]").entries()) {
    step.className = `stepper__step stepper__step--${stepState(record, place)}`;
  }
  say(verdictOf(record));
  const shown = SHOWN.filter((name) => name in fields);
  const rows = shown.map((name) => [label(name), showValue(name, fields[name])]);
  const isContact = record.kind === CONTACT;
  fillFacts($("#record-facts"), isContact ? factsOf(fields) : rows);
  $("#record-facts").hidden = !isContact && shown.length === 0;
  $("[data-own-up]").hidden = record.refusal?.code !== "contact_not_permitted";
  $("[data-send-again]").hidden = record.state !== "refused";
  $("#record-proof").hidden = !record.proved;
  if (record.proved) {
    $("#record-path").replaceChildren(...proofPath(record.proved, hex, t));
    $("#record-checkpoint").textContent = record.receipt.checkpoint;
  }
  showScreen("record");
}

/** The server is not reached, or says why it takes nothing now: what was signed is kept here. */
export const waitingNotice = ({ problem }) =>
  problem
    ? notice("warning", problem.title, problem.detail, t("kept_waiting"))
    : notice("warning", t("offline"), t("kept"));

/** A record that waits for the network or the server: to be sent, or for its proof. */
export function showWaiting(record, error) {
  showRecord(record);
  if (error.problem) say(waitingNotice(error));
  else if (record.state === "signed")
    say(verdict("warning", t("state_signed"), t("kept"), "offline"));
}

/** The server's receipt does not hold. */
export function showBrokenProof(reason) {
  say(notice("danger", t("not_proved", { reason }), "", t("not_proved_mend")));
}
