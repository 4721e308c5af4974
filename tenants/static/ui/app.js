// What every page has: theme, toasts, copying, relative times, htmx set-up. No page needs it to be usable.
import { startRelativeTimes } from "./relative-time.js";
import { toast, startToasts } from "./toasts.js";

const root = document.documentElement;

function currentTheme() {
  if (root.dataset.theme) return root.dataset.theme;
  return matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
}

function toggleTheme() {
  const next = currentTheme() === "dark" ? "light" : "dark";
  root.dataset.theme = next;
  localStorage.setItem("theme", next);
  document.dispatchEvent(new CustomEvent("theme-changed"));
}

async function copyText(button) {
  await navigator.clipboard.writeText(button.dataset.copy);
  if (button.dataset.copied) toast(button.dataset.copied, "success");
}

document.addEventListener("click", (event) => {
  const control = event.target.closest(
    "[data-theme-toggle], [data-copy], [data-open-dialog], [data-close-dialog]",
  );
  if (!control) return;
  if (control.matches("[data-theme-toggle]")) toggleTheme();
  else if (control.matches("[data-copy]")) copyText(control);
  else if (control.matches("[data-open-dialog]"))
    document.getElementById(control.dataset.openDialog).showModal();
  else control.closest("dialog").close();
});

// Of tabs that do not fit, the one that is shown is in sight; the page itself stays where it is.
for (const tabs of document.querySelectorAll(".tabs")) {
  const shown = tabs.querySelector("[aria-current]");
  if (!shown) continue;
  const [bar, tab] = [tabs, shown].map((one) => one.getBoundingClientRect());
  tabs.scrollLeft += tab.left - bar.left - (bar.width - tab.width) / 2;
}

// A form marked data-busy shows that it was sent, and is not sent twice.
document.addEventListener("submit", (event) => {
  const button = event.target.matches("form[data-busy]") && event.submitter;
  if (!button) return;
  button.setAttribute("aria-busy", "true");
  setTimeout(() => {
    button.disabled = true;
  });
});
addEventListener("pageshow", () => {
  for (const button of document.querySelectorAll("form[data-busy] [aria-busy]")) {
    button.removeAttribute("aria-busy");
    button.disabled = false;
  }
});

// A control marked data-submit sends its form as soon as it changes (filters).
document.addEventListener("change", (event) => {
  if (event.target.matches("[data-submit]")) event.target.form.requestSubmit();
});

// "/" goes to the search: the page's own box, or the one at the top.
document.addEventListener("keydown", (event) => {
  const typing = event.target.closest("input, textarea, select, [contenteditable]");
  if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || typing) return;
  const boxes = [...document.querySelectorAll("[data-search-box]")];
  const box = boxes.reverse().find((one) => one.checkVisibility());
  if (!box) return;
  event.preventDefault();
  box.focus();
  box.select();
});

document.addEventListener("htmx:configRequest", (event) => {
  const token = document.body.dataset.csrf;
  if (token) event.detail.headers["X-CSRFToken"] = token;
});
document.addEventListener("htmx:responseError", (event) => {
  toast(
    document.getElementById("toasts")?.dataset.failed ?? String(event.detail.xhr.status),
    "danger",
  );
});

startToasts();
startRelativeTimes();
