// Single-key shortcuts outside fields. A control names its key in data-key, a menu link in data-goto (g, then key).
import { currentRow, followFocus, hasRows, move, openCurrent, tick, tickAll } from "./rows.js";

const GOTO_MS = 1500;
let waitingSince = 0;

const isField = (node) => node.closest("input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]") !== null;
const byKey = (name, key) => [...document.querySelectorAll(`[${name}]`)].find((node) => node.getAttribute(name) === key && !node.disabled && node.checkVisibility());

function use(node) {
  if (node.matches("input:not([type=checkbox]):not([type=radio]), textarea, select")) {
    node.focus();
    node.select?.();
  } else if (node.matches("details")) {
    node.open = true;
    node.querySelector("summary").focus();
  } else node.click();
}

function onRows(event) {
  const { key, shiftKey } = event;
  if (!hasRows()) return false;
  if (key === "j" || key === "ArrowDown") move(1);
  else if (key === "k" || key === "ArrowUp") move(-1);
  else if (shiftKey && key === "J") move(1, true);
  else if (shiftKey && key === "K") move(-1, true);
  else if (key === "x" && currentRow()) tick(currentRow());
  else if (key === "Enter" && currentRow() && event.target === document.body) openCurrent();
  else return false;
  return true;
}

function onPlain(event) {
  if (event.key === "?") return showSheet();
  if (event.key === "g") {
    waitingSince = event.timeStamp;
    return true;
  }
  const going = waitingSince && event.timeStamp - waitingSince < GOTO_MS;
  waitingSince = 0;
  const target = going ? byKey("data-goto", event.key) : byKey("data-key", event.key);
  if (target) use(target);
  return Boolean(target) || onRows(event);
}

function onModified(event) {
  const key = event.key.toLowerCase();
  const search = byKey("data-key", "/");
  if (key === "k" && search) use(search);
  else if (key === "a" && hasRows() && !isField(event.target)) tickAll();
  else return false;
  return true;
}

function showSheet() {
  const sheet = document.getElementById("kh-sheet");
  if (!sheet || sheet.open) return false;
  const words = sheet.dataset;
  const fixed = hasRows() ? [["j k", words.move], ["Enter", words.open], ["x", words.select]] : [];
  const found = [...document.querySelectorAll("[data-key], [data-goto]")].filter((node) => node.checkVisibility()).map((node) => [node.dataset.key ?? `g ${node.dataset.goto}`, nameOf(node)]);
  const list = sheet.querySelector("ul");
  list.replaceChildren(...[...fixed, ...found, ["Ctrl+Enter", words.submit], ["?", words.help], ["Esc", words.close]].map(([key, text]) => sheetRow(key, text)));
  sheet.showModal();
  return true;
}

function nameOf(node) {
  const copy = node.cloneNode(true);
  copy.querySelectorAll?.("kbd, .kh-hint").forEach((each) => each.remove());
  return node.dataset.keyLabel ?? node.getAttribute("aria-label") ?? node.labels?.[0]?.textContent.trim() ?? copy.textContent.trim();
}

function sheetRow(key, text) {
  const row = document.createElement("li");
  const cap = document.createElement("kbd");
  cap.textContent = key;
  row.append(cap, text);
  return row;
}

export function startKeys() {
  if (document.body.dataset.keys === "off") return;
  followFocus();
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.isComposing || event.altKey || document.querySelector("dialog[open]")) return;
    const isModified = event.ctrlKey || event.metaKey;
    if (!isModified && isField(event.target)) {
      if (event.key === "Escape") event.target.blur();
      return;
    }
    if (isModified ? onModified(event) : onPlain(event)) event.preventDefault();
  });
}
