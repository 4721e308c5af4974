// Toasts: short news that goes away by itself; errors stay until dismissed.
const STAY_MS = 7000;
const AT_ONCE = 3; // more would cover the page; the oldest goes first

function arm(element) {
  if (element.classList.contains("toast--danger")) return;
  setTimeout(() => element.remove(), STAY_MS);
}

function closeButton(label) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "toast__close";
  button.dataset.dismiss = "";
  button.setAttribute("aria-label", label);
  button.textContent = "×";
  return button;
}

/** Show `text` in one of the tones neutral, info, success, warning, danger. */
export function toast(text, tone = "info") {
  const list = document.getElementById("toasts");
  if (!list) return;
  const element = document.createElement("div");
  element.className = `toast toast--${tone}`;
  const paragraph = document.createElement("p");
  paragraph.textContent = text;
  element.append(paragraph, closeButton(list.dataset.dismiss ?? "×"));
  list.append(element);
  while (list.children.length > AT_ONCE) list.firstElementChild.remove();
  arm(element);
}

export function startToasts() {
  for (const element of document.querySelectorAll("[data-toast]")) arm(element);
  document.addEventListener("click", (event) =>
    event.target.closest("[data-dismiss]")?.parentElement.remove(),
  );
}
