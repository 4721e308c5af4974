// The tokens as colours that a canvas understands: light-dark() is resolved by the browser, not by us.
const NAMES = [
  "text",
  "text-muted",
  "border",
  "surface",
  "surface-raised",
  "accent",
  "danger",
  "warning",
  "success",
];

function resolve(probe, token) {
  probe.setAttribute("class", "");
  probe.style.color = `var(--${token})`;
  return getComputedStyle(probe).color;
}

/** {text, "text-muted", …, series: [8 colours], heat: [7 colours], font}. */
export function readTheme() {
  const probe = document.createElement("span");
  probe.hidden = true;
  document.body.append(probe);
  const theme = Object.fromEntries(NAMES.map((name) => [name, resolve(probe, name)]));
  theme.series = Array.from({ length: 8 }, (_, i) => resolve(probe, `chart-${i + 1}`));
  theme.heat = Array.from({ length: 7 }, (_, i) => resolve(probe, `heat-${i}`));
  theme.font = getComputedStyle(document.body).fontFamily;
  probe.remove();
  return theme;
}
