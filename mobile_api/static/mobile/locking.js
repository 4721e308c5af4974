// Locks the page: by the button, untouched for too long, in favour of another person or tab, or left behind.
// The page is emptied and loaded anew, so that nothing of the content stays in it or in its memory.
import { watchIdle } from "./idle.js";
import { facts } from "./words.js";
import * as vault from "./vault.js";

const tabs = "BroadcastChannel" in globalThis ? new BroadcastChannel("lease-phone") : null;
let settle = async () => {};
let minutes = vault.DEFAULT_MINUTES;
let stopWatching;

function wipe() {
  vault.forget();
  for (const dialog of document.querySelectorAll("dialog[open]")) dialog.close();
  document.getElementById("main").replaceChildren();
}

/** What was typed is kept first. */
async function lock() {
  stopWatching?.();
  await settle().catch(() => {}); // nothing is open any more, or the disk is full: locked all the same
  wipe();
  location.reload();
}

/** Lock this tab and every other of this browser. */
export async function lockNow() {
  tabs?.postMessage({ lock: true });
  await lock();
}

function watch() {
  stopWatching?.();
  stopWatching = watchIdle(minutes, lock);
}

export async function setMinutes(count) {
  minutes = count;
  watch();
  await vault.setMinutes(facts.person, count);
}

/** From now on content is open here: one person at a time on this phone. */
export async function opened() {
  tabs?.postMessage({ person: facts.person });
  ({ minutes } = await vault.lockOf(facts.person));
  watch();
  return minutes;
}

/** `keep` writes at once what was typed. */
export function start(keep) {
  settle = keep;
  if (tabs)
    tabs.onmessage = ({ data }) => {
      if (vault.isOpen(facts.person) && (data.lock || data.person !== facts.person)) lock();
    };
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden" && vault.isOpen(facts.person)) settle().catch(() => {});
  });
  // Kept by the browser for going back, the page keeps nothing: signing out leaves it behind, too.
  addEventListener("pagehide", ({ persisted }) => persisted && wipe());
  addEventListener("pageshow", ({ persisted }) => persisted && location.reload());
}
