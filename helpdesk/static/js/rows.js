// The current row of a list ([data-rows] holding [data-row]): moving, opening, ticking.
const CURRENT = "kh-current";

const all = () => [...document.querySelectorAll("[data-rows] [data-row]")];
const linkOf = (row) => row.querySelector("[data-open]") ?? row.querySelector("a");

export const hasRows = () => all().length > 0;
export const currentRow = () => document.querySelector(`[data-rows] .${CURRENT}`);

export function makeCurrent(row) {
  currentRow()?.classList.remove(CURRENT);
  row.classList.add(CURRENT);
}

export function move(step, extend = false) {
  const rows = all();
  const at = rows.indexOf(currentRow());
  if (extend && at >= 0) tick(rows[at], true);
  const next = rows[Math.min(rows.length - 1, Math.max(0, at < 0 ? 0 : at + step))];
  if (!next) return;
  makeCurrent(next);
  if (extend) tick(next, true);
  linkOf(next)?.focus();
  next.scrollIntoView({ block: "nearest" });
}

export function tick(row, on) {
  const box = row?.querySelector("input[type=checkbox]");
  if (!box) return;
  box.checked = on ?? !box.checked;
  box.dispatchEvent(new Event("change", { bubbles: true }));
}

export const tickAll = () => all().forEach((row) => tick(row, true));
export const openCurrent = () => linkOf(currentRow() ?? document.createElement("i"))?.click();

export function followFocus() {
  document.addEventListener("focusin", (event) => {
    const row = event.target.closest("[data-rows] [data-row]");
    if (row) makeCurrent(row);
  });
}
