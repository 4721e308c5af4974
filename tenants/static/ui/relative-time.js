// <time datetime data-relative> gets "3 minutes ago" in the page's language; the full time stays as its title.
// What lies ahead of the page's clock (another clock wrote it) keeps its plain date and time.
const STEPS = [
  ["year", 31536000],
  ["month", 2592000],
  ["day", 86400],
  ["hour", 3600],
  ["minute", 60],
];
// A demo lives by its own calendar: the page says what time it is there.
const told = document.documentElement.dataset.now;
const ahead = told ? Date.parse(told) - Date.now() : 0;
const SKEW_SECONDS = 60; // clocks of two machines never agree quite
const format = new Intl.RelativeTimeFormat(document.documentElement.lang || "en", {
  numeric: "auto",
});

/** "3 minutes ago" for an age in seconds. */
function relative(ageSeconds) {
  const [unit, size] = STEPS.find(([, step]) => ageSeconds >= step) ?? ["second", 1];
  return format.format(-Math.trunc(ageSeconds / size), unit);
}

/** This instant where the reader works. */
export const institutionNow = () => new Date(Date.now() + ahead);

function refresh(scope = document) {
  const now = institutionNow().getTime();
  for (const element of scope.querySelectorAll("time[data-relative]")) {
    element.title ||= element.textContent;
    const age = (now - Date.parse(element.dateTime)) / 1000;
    element.textContent = age < -SKEW_SECONDS ? element.title : relative(Math.max(age, 0));
  }
}

export function startRelativeTimes() {
  refresh();
  setInterval(refresh, 30000);
  document.addEventListener("htmx:load", (event) =>
    refresh(event.target.parentElement ?? document),
  );
}
