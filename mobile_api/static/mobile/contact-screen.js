// One overdue customer: what is owed, and the contact that is recorded and signed, also offline.
import { institutionNow } from "../ui/relative-time.js";
import { toMinor } from "./amounts.js";
import { stamp } from "./record.js";
import { el, fillFacts, hush, say, showScreen } from "./screens.js";
import { facts, showMoment, showMoney, t } from "./words.js";

const { outcomes, channels, outcome_words: words, promises } = facts.collect;
const $ = (selector) => document.querySelector(selector);
const form = $("#contact-form");
const field = (name) => form.querySelector(`[data-field="${name}"]`);
let work = null;
let position = null; // {latitude, longitude} in degrees, as text

const options = (select, codes, labels) =>
  select.replaceChildren(...codes.map((code) => el("option", { value: code }, labels[code])));

/** Only what belongs to the chosen channel and outcome. */
function showFields() {
  const visits = form.channel.value === "visit";
  const promised = form.outcome.value === "promised";
  field("place").hidden = !visits;
  field("promised_minor").hidden = field("promised_on").hidden = !promised;
}

/** A customer of the work list. */
export function enter(chosen) {
  [work, position] = [chosen, null];
  form.reset();
  for (const one of form.querySelectorAll("[data-field]")) hush(one);
  options(form.channel, Object.keys(outcomes), channels);
  if (outcomes[work.step]) form.channel.value = work.step;
  options(form.outcome, outcomes[form.channel.value], words);
  showFields();
  $("#contact-title").textContent = work.lessee_name;
  const told = [work.contract_number, work.vehicle, work.plate];
  $("#contact-vehicle").textContent = told.filter(Boolean).join(" · ");
  $("#contact-call").hidden = !work.phone;
  $("#contact-call").href = `tel:${work.phone}`;
  $("#contact-call span").textContent = work.phone;
  $("#contact-barred").hidden = !work.do_not_call;
  const promise = work.promise && `${promises[work.promise]} · ${showMoney(work.promised_minor)} · ${work.promised_on}`;
  const rows = [
    [t("owed"), showMoney(work.owed_minor)],
    [t("days_past_due"), String(work.days_past_due)],
    [t("promise"), promise],
    [t("step"), channels[work.step]],
    [t("next_action"), work.next_action_on],
  ];
  fillFacts($("#contact-facts"), rows.filter(([, value]) => value));
  showScreen("contact");
  $("#contact-title").focus({ preventScroll: true });
}

/** The fields of `contact.recorded`; null where something is missing, which is said beside it. */
export function signedFields() {
  const value = (name) => form[name].value.trim();
  const missing = (name, text, mend) => say(field(name), "error", t(text), t(mend));
  for (const one of form.querySelectorAll("[data-field]")) hush(one);
  const promised = value("outcome") === "promised";
  const visits = value("channel") === "visit";
  const minor = promised ? toMinor(value("promised_minor")) : "";
  let whole = true;
  const refuse = (...parts) => {
    missing(...parts);
    whole = false;
  };
  if (promised && !(Number(minor) > 0)) refuse("promised_minor", "not_amount", "not_amount_mend");
  if (promised && !value("promised_on")) refuse("promised_on", "required", "fill_in");
  if (visits && !value("place") && !position) refuse("place", "required", "place_mend");
  if (!whole) return null;
  const fields = {
    lease_rid: work.rid,
    channel: value("channel"),
    outcome: value("outcome"),
    at: stamp(institutionNow()),
    inbound: form.inbound.checked ? "true" : "",
    place: visits ? value("place") : "",
    ...(visits && position),
    note: value("note"),
    next_action_on: value("next_action_on"),
    promised_minor: minor,
    promised_on: promised ? value("promised_on") : "",
  };
  return Object.fromEntries(Object.entries(fields).filter(([, text]) => text));
}

const SHOWN = ["channel", "outcome", "at", "promised_minor", "promised_on", "place", "latitude", "longitude"];
SHOWN.push("note", "next_action_on");

/** A signed contact as rows of facts. */
export function factsOf(fields) {
  const shown = {
    channel: (code) => channels[code] ?? code,
    outcome: (code) => words[code] ?? code,
    promised_minor: showMoney,
    at: showMoment,
  };
  return SHOWN.filter((name) => name in fields).map((name) => [
    t(`contact_${name}`),
    (shown[name] ?? String)(fields[name]),
  ]);
}

export const titleOf = (fields) => `${channels[fields.channel]}: ${words[fields.outcome]}`;

/** Show what is about to be signed; answers whether it is to be. */
export function confirmed({ fields, text }) {
  const dialog = $("#contact-sign");
  fillFacts($("#contact-signed"), factsOf(fields));
  $("#contact-bytes").textContent = text;
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((resolve) =>
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "sign"), { once: true }),
  );
}

function locate() {
  const place = field("place");
  if (!navigator.geolocation) return say(place, "error", t("no_position"), t("no_position_mend"));
  navigator.geolocation.getCurrentPosition(
    ({ coords }) => {
      position = { latitude: coords.latitude.toFixed(6), longitude: coords.longitude.toFixed(6) };
      say(place, "good", `${position.latitude}, ${position.longitude}`);
    },
    () => say(place, "error", t("no_position"), t("no_position_mend")),
    { enableHighAccuracy: true, timeout: 15000 },
  );
}

/** `keep` signs and keeps the contact. */
export function start({ keep }) {
  form.channel.addEventListener("change", () => options(form.outcome, outcomes[form.channel.value], words));
  form.addEventListener("change", showFields);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    keep(event.submitter);
  });
  form.querySelector("[data-position]").addEventListener("click", locate);
}
