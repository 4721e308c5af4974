// Long lists on a phone: the first rows, the rest at a press. Without this script all of it is shown.
const SHOWN = 10;
const narrow = matchMedia("(max-width: 40rem)");
const words = document.documentElement.dataset.more;

function fold(list) {
  const rest = [...list.children].slice(SHOWN);
  if (rest.length < 3) return;
  const button = document.createElement("button");
  button.type = "button";
  button.className = "button fold-more";
  button.textContent = words.replace("#", rest.length);
  const show = (hidden) => rest.forEach((row) => { row.hidden = hidden; });
  button.addEventListener("click", () => { show(false); button.remove(); });
  show(true);
  (list.closest("table") ?? list).after(button);
}

if (narrow.matches && words)
  document.querySelectorAll(".table--cards tbody, .problem-list").forEach(fold);
