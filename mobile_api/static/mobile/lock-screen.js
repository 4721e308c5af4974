// The lock as a person meets it: choose a PIN, unlock, change it, and the way in where it is forgotten.
import { unb64 } from "../ledger/verify/bytes.js";
import * as api from "./api.js";
import * as db from "./db.js";
import { MAX_DIGITS, MIN_DIGITS, weakness } from "./pin.js";
import { Unopened } from "./sealing.js";
import { countOthers, countWaiting, throwAway } from "./sealed-rows.js";
import { hush, notice, say, showNotices, showScreen } from "./screens.js";
import { facts, t } from "./words.js";
import * as vault from "./vault.js";

const { person } = facts;
const $ = (selector) => document.querySelector(selector);
const pinForm = $("#pin-form");
const unlockForm = $("#unlock-form");
const fieldOf = (form, name) => form.elements[name].closest("[data-field]");
let device; // whose lock is shown
let after; // what comes once it is open
let keepPin; // what the form of a new PIN does with it

function showPart(name) {
  for (const part of document.querySelectorAll("[data-lock]")) part.hidden = part.dataset.lock !== name;
  showScreen("lock");
}

// --- The server's secret --------------------------------------------------------------------------

/** A random name of this browser profile, the same for all its people. */
async function phoneId() {
  await db.add("device", "phone", crypto.randomUUID()).catch((error) => {
    if (error?.name !== "ConstraintError") throw error;
  });
  return db.get("device", "phone");
}

const given = ({ secret, version }) => ({ kid: device.kid, version, secret: unb64(secret, 32) });
const newSecret = async () => given(await api.renewUnlock(device.kid, await phoneId()));

/** Where the server keeps another secret for this device than the lock is wrapped by. */
const isStale = ({ server }) =>
  device.unlockVersion !== undefined && (server.kid !== device.kid || server.version !== device.unlockVersion);

// --- Choosing a PIN -------------------------------------------------------------------------------

/** Ask for a new PIN; `kind` is set, again or change, `keep(pin, current)` what is done with it. */
function askForPin(kind, keep) {
  keepPin = keep;
  pinForm.reset();
  pinForm.querySelectorAll("[data-field]").forEach(hush);
  for (const part of pinForm.parentElement.querySelectorAll("[data-pin-kind]"))
    part.hidden = !part.dataset.pinKind.split(" ").includes(kind);
  showPart("pin");
  (kind === "change" ? pinForm.elements.current : pinForm.elements.pin).focus({ preventScroll: true });
}

function newPin() {
  pinForm.querySelectorAll("[data-field]").forEach(hush);
  const { pin, again } = pinForm.elements;
  const weak = weakness(pin.value);
  const places = { min: MIN_DIGITS, max: MAX_DIGITS };
  if (weak)
    return say(fieldOf(pinForm, "pin"), "error", t(`pin_${weak}`, places), t(`pin_${weak}_mend`, places));
  if (again.value !== pin.value)
    return say(fieldOf(pinForm, "again"), "error", t("pin_differs"), t("pin_differs_mend"));
  return pin.value;
}

async function submitPin() {
  const pin = newPin();
  if (!pin) return;
  try {
    await keepPin(pin, pinForm.elements.current.value);
  } catch (error) {
    if (!(error instanceof vault.WrongPin)) throw error;
    sayWrong(fieldOf(pinForm, "current"), error.left);
    return;
  }
  pinForm.reset();
}

/** Open: what waited for that goes on, and whoever shares the phone is told; `since`, in milliseconds. */
async function finish(since) {
  unlockForm.reset();
  await after();
  await tellOthers(since);
}

/** What only the server can give, where it is not reached. */
async function online(act) {
  try {
    return await act();
  } catch (error) {
    if (!(error instanceof api.Offline) || error.problem) throw error;
    showNotices(notice("warning", t("lock_offline"), "", t("lock_offline_mend")));
    return null;
  }
}

async function createLock(pin) {
  const secret = await online(newSecret);
  if (!secret) return;
  try {
    await vault.create(person, pin, secret);
  } catch (error) {
    if (error?.name === "ConstraintError") return enterLock(device, after); // another tab was first
    throw error;
  }
  await finish(0);
}

// --- Unlocking ------------------------------------------------------------------------------------

function sayWrong(field, left) {
  if (left > 0) say(field, "error", t("pin_wrong", { left }), t("pin_wrong_mend"));
  else say(field, "error", t("pin_closed"), t("pin_closed_mend"));
}

async function submitUnlock() {
  const field = fieldOf(unlockForm, "pin");
  const pin = unlockForm.elements.pin.value;
  hush(field);
  if (!pin) return say(field, "error", t("required"), t("fill_in"));
  let opened;
  try {
    opened = await vault.unlock(person, pin);
  } catch (error) {
    if (!(error instanceof vault.WrongPin)) throw error;
    unlockForm.reset();
    if (error.left === 0) closePin();
    return sayWrong(field, error.left);
  }
  if (isStale(opened.lock)) renewLater(opened.renew);
  await finish(opened.lock.unlockedAt);
}

/** Not waited for: whoever unlocks with a PIN works on, with or without a network. */
async function renewLater(renew) {
  try {
    await renew(await newSecret());
  } catch (error) {
    if (!(error instanceof api.Offline || error instanceof api.Refusal)) throw error;
  }
}

function closePin() {
  unlockForm.elements.pin.disabled = true;
  $("[data-unlock]").hidden = true;
  $("[data-forgotten]").classList.add("button--primary");
}

/** Somebody else has a lock of their own here: said to each, without a name. */
async function tellOthers(since) {
  const [at, waiting] = await Promise.all([vault.othersSince(person, since), countOthers(person)]);
  if (at === null && waiting === 0) return;
  const when = at && new Date(at).toLocaleString(document.documentElement.lang);
  const said = [at && t("others_since", { when }), waiting && t("others_waiting", { count: waiting })];
  showNotices(notice("info", t("others"), said.filter(Boolean).join(" ")));
}

// --- Forgotten ------------------------------------------------------------------------------------

/** The server's secret opens it for who just signed in; then a new PIN is chosen. */
export async function forgotten() {
  try {
    const answer = await online(() => api.unlockSecret(device.kid));
    if (!answer) return;
    const { unlockedAt } = await vault.lockOf(person);
    const repin = await vault.recover(person, unb64(answer.secret, 32));
    askForPin("again", async (pin) => {
      await repin(pin);
      await finish(unlockedAt);
    });
  } catch (error) {
    if (error instanceof api.Refusal && (error.status === 401 || error.code === "sign_in_again"))
      return $("#sign-in-again").showModal();
    if (!(error instanceof Unopened || error.code === "unlock_unknown")) throw error;
    await vault.allowTries(person);
    await enterLock(device, after);
    $("[data-begin-anew]").hidden = false;
    showNotices(notice("danger", t("secret_opens_nothing"), "", t("secret_opens_nothing_mend")));
  }
}

/** Out, and in again by the door: the session alone opens nothing. */
async function signInAgain() {
  await api.signOut();
  location.assign(facts.sign_in_forgotten);
}

// --- The screen -----------------------------------------------------------------------------------

/** Ask for what opens the content of this person; `then` runs once it is open. */
export async function enterLock(current, then) {
  [device, after] = [current, then];
  const lock = await vault.lockOf(person);
  if (!lock) return askForPin("set", createLock);
  const waiting = await countWaiting(person);
  $("[data-waiting]").textContent = waiting ? t("locked_waiting", { count: waiting }) : t("locked_none");
  unlockForm.reset();
  hush(fieldOf(unlockForm, "pin"));
  const isClosed = lock.wrong >= vault.MAX_WRONG;
  unlockForm.elements.pin.disabled = isClosed;
  $("[data-unlock]").hidden = isClosed;
  $("[data-forgotten]").classList.remove("button--primary");
  showPart("unlock");
  if (isClosed) {
    closePin();
    sayWrong(fieldOf(unlockForm, "pin"), 0);
  } else unlockForm.elements.pin.focus({ preventScroll: true });
}

/** Change the PIN of an open lock; `then` runs afterwards, or when it is given up. */
export function changePin(then) {
  $("[data-pin-cancel]").onclick = then;
  askForPin("change", async (pin, current) => {
    await vault.changePin(person, current, pin);
    await then();
    showNotices(notice("success", t("pin_changed")));
  });
}

/** `guard` runs what a button asks for and says what goes wrong. */
export function start(guard) {
  const onSubmit = (form, act) =>
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      guard(act, event.submitter);
    });
  const onClick = (selector, act) =>
    $(selector).addEventListener("click", (event) => guard(act, event.currentTarget));
  onSubmit(pinForm, submitPin);
  onSubmit(unlockForm, submitUnlock);
  onClick("[data-forgotten]", forgotten);
  onClick("[data-sign-in-again]", signInAgain);
  onClick("[data-begin-anew]", () => $("#throw-away").showModal());
  onClick("[data-throw-away]", async () => {
    $("#throw-away").close();
    await throwAway(person);
    await enterLock(device, after);
  });
}
