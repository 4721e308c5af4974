// Small pieces of page: showing one screen, notices, facts, messages beside a field.
const icons = document.querySelector('meta[name="icons"]').content;

/** An element with attributes and children (text or elements). */
export function el(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

export function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  use.setAttribute("href", `${icons}#${name}`);
  svg.append(use);
  return svg;
}

export function showScreen(name) {
  for (const screen of document.querySelectorAll("[data-screen]"))
    screen.hidden = screen.dataset.screen !== name;
  const home = ["device", "home", "lock"].includes(name);
  document.querySelector("[data-back]").hidden = home;
  document.querySelector("[data-brand]").hidden = !home;
  scrollTo(0, 0);
}

/** A notice: tone, title, optional body and mend. */
export function notice(tone, title, body = "", mend = "") {
  const parts = [el("strong", {}, title)];
  if (body) parts.push(el("p", {}, body));
  if (mend) parts.push(el("p", { class: "notice__mend" }, mend));
  return el(
    "div",
    { class: `notice notice--${tone}`, ...(tone === "danger" && { role: "alert" }) },
    icon(tone),
    el("div", { class: "notice__body" }, ...parts),
  );
}

export function verdict(tone, title, body = "", iconName = tone === "success" ? "shield" : tone) {
  return el(
    "div",
    { class: `verdict verdict--${tone}` },
    icon(iconName),
    el("div", {}, el("strong", {}, title), el("p", {}, body)),
  );
}

export const showNotices = (...notices) =>
  document.getElementById("notices").replaceChildren(...notices);

/** A refusal of the server as a notice, with the errors of fields that `besides` does not show. */
export function refusalNotice(refusal, label, besides = () => false) {
  const shown = notice("danger", refusal.title, refusal.detail, refusal.mend);
  const rest = refusal.errors.filter((error) => !besides(error.field));
  if (rest.length)
    shown.lastChild.append(
      el(
        "ul",
        {},
        ...rest.map((error) =>
          el("li", {}, el("strong", {}, label(error.field)), `: ${error.detail} ${error.mend}`),
        ),
      ),
    );
  return shown;
}

/** Rows of a definition list: [label, value]. */
export function fillFacts(list, rows) {
  list.replaceChildren(
    ...rows.map(([name, value]) => el("div", {}, el("dt", {}, name), el("dd", {}, value))),
  );
}

const messagesOf = (field) => field.querySelector("[data-messages]");

/** Put one message beside a field: tone error, warning, good or help. */
export function say(field, tone, text, mend = "") {
  const shown = { error: "danger", warning: "warning", good: "success" }[tone];
  const line = shown
    ? el("span", { class: `field__${tone}` }, icon(shown), el("span", {}, text))
    : el("span", { class: "field__help" }, text);
  messagesOf(field).replaceChildren(
    line,
    ...(mend ? [el("span", { class: "field__mend" }, mend)] : []),
  );
  for (const control of field.querySelectorAll("input, select"))
    control.toggleAttribute("aria-invalid", false);
  if (tone === "error")
    for (const control of field.querySelectorAll("input, select"))
      control.setAttribute("aria-invalid", "true");
}

export function hush(field) {
  messagesOf(field).replaceChildren();
  for (const control of field.querySelectorAll("[aria-invalid]"))
    control.removeAttribute("aria-invalid");
}

/** The proof's steps as the path component of the design system. */
export function proofPath({ leaf, steps }, hex, words) {
  const node = (state, mark, title, hash) =>
    el(
      "li",
      { class: `proof__step ${state}` },
      el("span", { class: "proof__node" }, mark),
      el(
        "div",
        { class: "proof__body" },
        el("span", { class: "proof__title" }, title),
        el("span", { class: "hash" }, hash),
      ),
    );
  const short = (bytes) => `${hex(bytes).slice(0, 16)}…`;
  const root = steps.at(-1)?.combined ?? leaf;
  return [
    node("proof__step--leaf", icon("document"), words("leaf"), short(leaf)),
    ...steps.map((step, i) => node("", String(i + 1), words(step.side), short(step.sibling))),
    node("proof__step--root", icon("check"), words("root"), short(root)),
  ];
}
