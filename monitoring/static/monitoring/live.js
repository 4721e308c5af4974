// The live connection of a monitoring page: alerts into #alerts, what is for information only into
// #notices, figures into [data-figure].
// Resumes from the last alert it has shown, so nothing is missed while it was away.
import { toast } from "../ui/toasts.js";

const page = document.getElementById("live");
const alerts = document.getElementById("alerts");
const notices = document.getElementById("notices");
const template = document.getElementById("alert-template");
const language = page.dataset.language;
const FIRST_WAIT_MS = 500, LONGEST_WAIT_MS = 15000;
let cursor = page.dataset.cursor;
let wait = FIRST_WAIT_MS;

const SCALES = language.startsWith("zh")
  ? [[1e8, "亿"], [1e4, "万"]]
  : [[1e9, "\u00a0bn"], [1e6, "\u00a0m"], [1e3, "\u00a0k"]];

/** Three figures, as the server writes them (`tenants/formatting.py`). */
function short(value) {
  const [size, unit] = SCALES.find(([size]) => value >= size) ?? [1, ""];
  const scaled = value / size;
  const places = unit === "" ? (Number.isInteger(scaled) ? 0 : 2) : scaled < 9.995 ? 2 : scaled < 99.95 ? 1 : 0;
  return new Intl.NumberFormat("en", { minimumFractionDigits: places, maximumFractionDigits: places }).format(scaled) + unit;
}

function money(minor, currency) {
  const format = new Intl.NumberFormat("en", { style: "currency", currency, currencyDisplay: "narrowSymbol" });
  const digits = format.resolvedOptions().maximumFractionDigits;
  const symbol = format.formatToParts(0).find((part) => part.type === "currency").value;
  return symbol + short(minor / 10 ** digits);
}

function shown(key, value, figures) {
  if (value === "" || value === undefined) return "–";
  if (key.endsWith("_minor")) return money(value, figures.currency);
  if (key.startsWith("delinquency_") || key.endsWith("_rate")) return `${(Number(value) * 100).toFixed(2)}%`;
  return typeof value === "number" ? new Intl.NumberFormat(language).format(value) : value;
}

function showFigures(figures) {
  for (const element of document.querySelectorAll("[data-figure]")) {
    const text = shown(element.dataset.figure, figures[element.dataset.figure], figures);
    if (element.textContent === text) continue;
    element.textContent = text;
    element.classList.remove("flash");
    requestAnimationFrame(() => element.classList.add("flash"));
  }
}

function titleOf(alert) {
  const folder = page.dataset[`${alert.subject_kind}Url`];
  const link = document.createElement("a");
  link.href = `${folder}${alert.subject_id}/`;
  link.textContent = alert.title;
  return link;
}

/** The row with this alert: a new one, or the one that stood for its like before. */
function lineOf(alert, list) {
  const old = list.querySelector(`[data-row="${alert.row}"]`);
  const line = template.content.firstElementChild.cloneNode(true);
  const count = 1 + Number(old?.dataset.count ?? 0);
  const part = (name) => line.querySelector(`[data-part="${name}"]`);
  Object.assign(line.dataset, { alert: alert.id, row: alert.row, severity: alert.severity, count });
  line.classList.add(`alert-line--${alert.severity}`);
  part("title").append(titleOf(alert));
  part("count").hidden = count === 1;
  part("count").textContent = `×${new Intl.NumberFormat(language).format(count)}`;
  part("body").textContent = alert.body;
  part("at").dateTime = alert.at;
  part("at").textContent = alert.at.slice(0, 16).replace("T", " ");
  if (alert.ledger_index !== null) part("entry").textContent = ` · ${page.dataset.entry} ${alert.ledger_index}`;
  old?.remove();
  return line;
}

const RANKS = ["info", "warning", "danger"];
const rank = (severity) => RANKS.indexOf(severity);

/** The gravest first, then the newest. */
function put(line, list) {
  const graver = (other) => rank(other.dataset.severity) > rank(line.dataset.severity);
  const next = [...list.children].find((other) => !graver(other));
  list.insertBefore(line, next ?? null);
  const limit = Number(list.dataset.limit);
  while (list.children.length > limit) list.lastElementChild.remove();
}

function showAlert(alert) {
  cursor = String(alert.id);
  const quiet = alert.severity === "info";
  const list = quiet ? notices : alerts;
  if (!list && !quiet) toast(`${alert.title}. ${alert.body}`, alert.severity);
  if (!list || list.querySelector(`[data-alert="${alert.id}"]`)) return;
  put(lineOf(alert, list), list);
  if (!quiet) document.getElementById("no-alerts")?.setAttribute("hidden", "");
}

function setState(state) {
  page.dataset.state = state;
  page.textContent = page.dataset[state];
}

function open() {
  const scheme = location.protocol === "https:" ? "wss" : "ws";
  const socket = new WebSocket(`${scheme}://${location.host}/ws/monitoring/?after=${cursor}&lang=${language}`);
  socket.onopen = () => { wait = FIRST_WAIT_MS; setState("on"); };
  socket.onmessage = (event) => {
    const message = JSON.parse(event.data);
    if (message.type === "alert") showAlert(message);
    else if (message.type === "figures") showFigures(message.figures);
  };
  socket.onclose = (event) => {
    setState("off");
    if (event.code === 4403) return;
    setTimeout(open, wait + Math.random() * wait);
    wait = Math.min(wait * 2, LONGEST_WAIT_MS);
  };
}

open();
