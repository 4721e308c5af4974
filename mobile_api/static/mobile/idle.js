// Tells when nobody touched the page for a while. In the background timers sleep: coming back counts too.
const SIGNS = ["pointerdown", "keydown", "input", "scroll"];

/** Watch from now on for so many minutes; `act` is called once. Answers how to stop. */
export function watchIdle(minutes, act) {
  let last = Date.now();
  let timer;
  const check = () => {
    const left = last + minutes * 60_000 - Date.now();
    clearTimeout(timer);
    if (left > 0) timer = setTimeout(check, left);
    else {
      stop();
      act();
    }
  };
  const touch = () => {
    if (Date.now() - last >= minutes * 60_000) return check(); // before a late timer
    last = Date.now();
  };
  const stop = () => {
    clearTimeout(timer);
    for (const sign of SIGNS) removeEventListener(sign, touch, { capture: true });
    document.removeEventListener("visibilitychange", check);
  };
  for (const sign of SIGNS) addEventListener(sign, touch, { capture: true, passive: true });
  document.addEventListener("visibilitychange", check);
  check();
  return stop;
}
