// The phone page: which screen is shown, and what its buttons do.
import { b64 } from "../ledger/verify/bytes.js";
import * as api from "./api.js";
import { forgetDevice, makeDevice, rememberLog, storedDevice } from "./keys.js";
import * as applicationsScreen from "./applications-screen.js";
import * as leaseForm from "./lease-form.js";
import * as lockScreen from "./lock-screen.js";
import * as locking from "./locking.js";
import * as queue from "./queue.js";
import * as quoteScreen from "./quote-screen.js";
import * as contactScreen from "./contact-screen.js";
import * as workScreen from "./work-screen.js";
import { APPLICATION, CONTACT, LEASE, prepare, QUOTE, signRecord } from "./record.js";
import { recordRow, showBrokenProof, showRecord, showWaiting, waitingNotice } from "./record-screen.js";
import { el, fillFacts, notice, refusalNotice, say, showNotices, showScreen } from "./screens.js";
import * as vault from "./vault.js";
import { facts, label, showValue, t } from "./words.js";

const STEPS = [...document.querySelectorAll("[data-step]")].map((step) => step.dataset.step);
const POLL_MS = 2000;
const LATER_MS = 60_000;
const $ = (selector) => document.querySelector(selector);
const state = { device: null, step: STEPS[0], prepared: null, record: null, poll: null };

// --- Device -------------------------------------------------------------------------------------

function showDevice(name) {
  for (const part of document.querySelectorAll("[data-device]"))
    part.hidden = part.dataset.device !== name;
  showScreen("device");
}

function describeDevice() {
  const { kid = "", label: name = "", logId = "" } = state.device ?? {};
  const parts = Object.entries({ label: name, kid, log: logId });
  for (const [part, text] of parts) {
    for (const place of document.querySelectorAll(`[data-device-${part}]`))
      place.textContent = text;
  }
}

/** Ask the server how this device stands; without a network, as it stood last. */
async function refreshDevice() {
  const answer = await api.device(state.device.kid);
  state.device = await rememberLog(facts.person, { ...state.device, status: answer.state }, answer);
}

async function enterDevice() {
  describeDevice();
  clearTimeout(state.poll);
  if (!state.device) return showDevice("none");
  try {
    await refreshDevice();
  } catch (error) {
    if (error.message === "log-key-changed")
      return showNotices(notice("danger", t("log_key_changed")));
    if (error instanceof api.Refusal && error.status === 404) return showDevice("none");
    if (!(error instanceof api.Offline)) throw error;
  }
  describeDevice();
  if (state.device.status === "approved") return isOpen() ? enterHome() : enterLock();
  showDevice(state.device.status === "revoked" ? "revoked" : "pending");
  if (state.device.status !== "revoked") state.poll = setTimeout(() => guard(enterDevice), POLL_MS);
}

async function enrol(form) {
  const field = form.querySelector("[data-field]");
  const name = form.elements.label.value.trim();
  if (!name) return say(field, "error", t("required"), t("fill_in"));
  const device = await makeDevice(facts.person, name);
  const answer = await api.enrol(b64(device.key.publicKey), name);
  state.device = await rememberLog(facts.person, { ...device, status: answer.state }, answer);
  await enterDevice();
}

// --- Lock ---------------------------------------------------------------------------------------

const isOpen = () => vault.isOpen(facts.person);

async function enterLock() {
  await lockScreen.enterLock(state.device, enterUnlocked);
  if (location.hash !== "#forgotten") return;
  history.replaceState(null, "", location.pathname);
  if (await vault.lockOf(facts.person)) await lockScreen.forgotten();
}

/** What was sealed is open: rows of before are sealed first, then what waits goes out. */
async function enterUnlocked() {
  await queue.sealOld(facts.person);
  $("#lock-minutes").value = await locking.opened();
  $("[data-lock-now]").hidden = false;
  await enterHome();
  await flush().catch((error) => {
    if (!(error instanceof api.Offline) || error.problem) throw error;
  });
}

function wireLock() {
  lockScreen.start(guard);
  locking.start(async () => {
    await leaseForm.settle();
    await quoteScreen.settle();
  });
  onClick("[data-lock-now]", locking.lockNow);
  onClick("[data-lock-here]", locking.lockNow);
  onClick("[data-change-pin]", () => lockScreen.changePin(enterHome));
  $("#lock-minutes").addEventListener("change", (event) =>
    guard(() => locking.setMinutes(Number(event.target.value))),
  );
}

// --- Home ---------------------------------------------------------------------------------------

async function enterHome() {
  showScreen("home");
  const { records, unopened } = await queue.list(facts.person);
  if (unopened.length) showNotices(unopenedNotice(unopened.length));
  $("#records").replaceChildren(
    ...records.map((record) => recordRow(record, () => guard(() => enterRecord(record)))),
  );
  $("#records").hidden = records.length === 0;
  $("#no-records").hidden = records.length > 0;
  $("[data-go-on]").hidden = !(await queue.hasDraft(facts.person));
}

const unopenedNotice = (count) =>
  notice("danger", t("rows_unopened", { count }), t("rows_unopened_detail"), t("rows_unopened_mend"));

// --- Form ---------------------------------------------------------------------------------------

async function enterStep(step) {
  state.step = step;
  const place = STEPS.indexOf(step);
  for (const [i, name] of STEPS.entries()) {
    $(`[data-step="${name}"]`).hidden = name !== step;
    $(`[data-step-mark="${name}"]`).className =
      `stepper__step stepper__step--${i < place ? "done" : i === place ? "current" : "todo"}`;
  }
  $("[data-previous]").hidden = place === 0;
  $("[data-next]").hidden = step === STEPS.at(-1);
  $("[data-sign]").hidden = step !== STEPS.at(-1);
  showScreen("form");
  $(`[data-step="${step}"] h1`).focus({ preventScroll: true });
  if (step === "sign") await enterSigning();
}

async function enterSigning() {
  const [fields, { kind, rid }] = [leaseForm.signedFields(), leaseForm.purposeOf()];
  state.prepared = await prepare(state.device, fields, { kind, rid });
  fillFacts(
    $("#summary"),
    Object.keys(facts.labels)
      .filter((name) => name in fields)
      .map((name) => [label(name), showValue(name, fields[name])]),
  );
  $("#signed-bytes").textContent = state.prepared.text;
}

async function nextStep() {
  if (leaseForm.checkStep(state.step)) await enterStep(STEPS[STEPS.indexOf(state.step) + 1]);
}

async function signAndSend() {
  const body = {
    ...(await signRecord(state.device, state.prepared)),
    confirmed: leaseForm.confirmedFields(),
  };
  const [photo, { kind }] = [leaseForm.photoFile(), leaseForm.purposeOf()];
  await enterRecord(await queue.keep(body, photo, facts.person, kind, leaseForm.typed()));
}

// --- One record ---------------------------------------------------------------------------------

async function enterRecord(record) {
  state.record = record;
  showRecord(record);
  if (["proved", "refused", "erased"].includes(record.state)) return;
  try {
    const now = await queue.advance(record, state.device);
    const isFormed = queue.isFormed(now);
    if (isFormed && now.state === "refused" && now.refusal.errors.length) return mend(now);
    if (isFormed && now.state !== "refused") await queue.dropDraft(facts.person);
    state.record = now;
    showRecord(now);
  } catch (error) {
    if (error instanceof api.Refusal) throw error;
    if (!(error instanceof api.Offline)) return showBrokenProof(error.message);
    if (queue.isFormed(record)) await queue.dropDraft(facts.person);
    showWaiting(await queue.record(record.body.rid), error);
    if (error.problem) sendLater();
  }
}

/** The server found something wrong with fields: back to the form, with its words beside them. */
async function mend(record) {
  await queue.discard(record.body.rid);
  const step = leaseForm.showErrors(record.refusal.errors);
  showNotices(refusalNotice(record.refusal, label, leaseForm.shows));
  await enterStep(step ?? STEPS[0]);
  if (step) leaseForm.showErrors(record.refusal.errors);
}

// --- Wiring -------------------------------------------------------------------------------------

/** Run what a button asks for; whatever goes wrong is said, and the button comes back. */
async function guard(act, button) {
  button?.setAttribute("aria-busy", "true");
  if (button) button.disabled = true;
  try {
    showNotices();
    await act();
  } catch (error) {
    if (error instanceof api.Offline) {
      showNotices(waitingNotice(error));
      if (error.problem && isOpen()) sendLater();
    } else if (error instanceof api.Refusal && error.status === 401)
      showNotices(
        notice("warning", t("sign_in_again")),
        el("a", { class: "button button--wide", href: facts.sign_in }, t("sign_in_again")),
      );
    else if (error instanceof api.Refusal) showNotices(refusalNotice(error, label));
    else if (error.code === "other_tab") showNotices(notice("warning", t("other_tab")));
    else showNotices(notice("danger", t("unexpected", { reason: error.message })));
  } finally {
    button?.removeAttribute("aria-busy");
    if (button) button.disabled = false;
  }
}

const onClick = (selector, act) =>
  $(selector).addEventListener("click", (event) => guard(act, event.currentTarget));

function goBack() {
  const inForm = !$('[data-screen="form"]').hidden && STEPS.indexOf(state.step) > 0;
  return inForm ? enterStep(STEPS[STEPS.indexOf(state.step) - 1]) : enterHome();
}

function watchNetwork() {
  const sign = $("#network");
  const show = () => {
    sign.dataset.state = navigator.onLine ? "on" : "off";
    sign.title = sign.ariaLabel = t(navigator.onLine ? "online" : "offline");
  };
  addEventListener("offline", show);
  addEventListener("online", () => {
    show();
    if (isOpen()) guard(flush);
  });
  show();
}

/** The server is there and takes nothing now: asked again by itself. */
function sendLater() {
  clearTimeout(state.later);
  state.later = setTimeout(() => guard(flush), LATER_MS);
}

async function flush() {
  if (!isOpen()) return;
  await queue.flush(state.device, facts.person);
  await queue.forgetErased(state.device, facts.person).catch((error) => {
    if (!(error instanceof api.Offline)) throw error;
  });
  if (!$('[data-screen="home"]').hidden) await enterHome();
}

/** A draft goes only when the person says so. */
function wireDraft() {
  const question = $("#draft-kept");
  const goOn = async () => {
    question.close();
    leaseForm.restore(await queue.draft(facts.person));
    await enterStep(STEPS[0]);
  };
  const beginAnew = async () => {
    question.close();
    await queue.dropDraft(facts.person);
    leaseForm.clear({ kind: state.wanted });
    await enterStep(STEPS[0]);
  };
  const begin = (kind) => async () => {
    state.wanted = kind;
    return (await queue.hasDraft(facts.person)) ? question.showModal() : beginAnew();
  };
  onClick("[data-new-lease]", begin(LEASE));
  onClick("[data-new-application]", begin(APPLICATION));
  onClick("[data-go-on]", goOn);
  onClick("[data-draft-go-on]", goOn);
  onClick("[data-draft-anew]", beginAnew);
}

function wire() {
  $("#enrol-form").addEventListener("submit", (event) => {
    event.preventDefault();
    guard(() => enrol(event.target), event.submitter);
  });
  $("#lease-form").addEventListener("submit", (event) => {
    event.preventDefault();
    guard(state.step === "sign" ? signAndSend : nextStep, event.submitter);
  });
  onClick("[data-enrol-again]", async () => {
    await forgetDevice(facts.person);
    state.device = null;
    await enterDevice();
  });
  wireDraft();
  wireLock();
  onClick("[data-previous]", goBack);
  onClick("[data-back]", goBack);
  onClick("[data-home]", enterHome);
  onClick("[data-new-quote]", quoteScreen.enter);
  onClick("[data-work]", () => workScreen.enter(contactScreen.enter));
  onClick("[data-applications]", () =>
    applicationsScreen.enter((application) => guard(() => openApplication(application))),
  );
  onClick("[data-own-up]", async () => enterRecord(await queue.ownUp(state.record)));
  onClick("[data-flush]", flush);
  onClick("[data-send-again]", async () => enterRecord(await queue.again(state.record)));
}

/** The quote as it stands, signed and in the queue; it goes out when there is a network. */
async function keepQuote() {
  const prepared = await prepare(state.device, quoteScreen.signedFields(), { kind: QUOTE });
  if (!(await quoteScreen.confirmed(prepared))) return;
  const body = { ...(await signRecord(state.device, prepared)), confirmed: [] };
  await enterRecord(await queue.keep(body, undefined, facts.person, QUOTE));
}

/** Sign the contact as it stands, keep it, and send it when there is a network. */
async function keepContact() {
  const fields = contactScreen.signedFields();
  if (!fields) return;
  const prepared = await prepare(state.device, fields, { kind: CONTACT });
  if (!(await contactScreen.confirmed(prepared))) return;
  const body = { ...(await signRecord(state.device, prepared)), confirmed: [] };
  await enterRecord(await queue.keep(body, undefined, facts.person, CONTACT));
}

/** One of the desk's questions is answered with the next version; any other is looked at. */
async function openApplication(application) {
  const kept = await queue.record(application.rid);
  if (!kept?.body.fields) return applicationsScreen.notHere(application);
  if (application.state !== "questioned" || !kept.typed) return enterRecord(kept);
  const { rid, question } = application;
  const draft = await queue.draft(facts.person);
  const isBegun = draft?.purpose?.rid === rid && draft.purpose.question === question;
  const purpose = { kind: APPLICATION, rid, question, photo_sha256: kept.body.fields.photo_sha256 };
  leaseForm.restore(isBegun ? draft : { values: kept.typed, purpose });
  await enterStep(STEPS[0]);
}

/** A lease begins with the terms of the quote; the rest of the form is as it was. */
async function leaseFromQuote() {
  const draft = (await queue.draft(facts.person)) ?? { values: {} };
  leaseForm.restore({ ...draft, values: { ...draft.values, ...quoteScreen.leaseValues() } });
  await queue.saveDraft(facts.person, { ...draft, values: leaseForm.typed() });
  await enterStep(STEPS[0]);
}

async function start() {
  leaseForm.start();
  quoteScreen.start({
    keep: (button) => guard(keepQuote, button),
    lease: (button) => guard(leaseFromQuote, button),
  });
  contactScreen.start({ keep: (button) => guard(keepContact, button) });
  wire();
  watchNetwork();
  navigator.serviceWorker?.register(facts.worker).catch(() => {}); // only offline opening depends on it
  state.device = (await storedDevice(facts.person)) ?? null;
  await enterDevice();
}

guard(start);
