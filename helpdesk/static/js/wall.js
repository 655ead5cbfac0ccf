// The wall: live numbers, and no numbers at all once they are too old to be believed (design.md W5).
import { startLive } from "./live.js";

const NO_DATA_MS = 180000;
const FORGOTTEN_MS = 45000;
const CHECK_MS = 5000;

const box = document.querySelector("[data-wall]");
const noData = document.querySelector("[data-wall-nodata]");
let arrivedAt = Date.now();

new MutationObserver(() => { arrivedAt = Date.now(); show(); }).observe(box, { childList: true });
setInterval(show, CHECK_MS);
startLive(box);

function show() {
  // Nobody works on a wall: a forgotten focus would keep its part from being renewed.
  if (Date.now() - arrivedAt > FORGOTTEN_MS && box.contains(document.activeElement)) document.activeElement.blur();
  const isOld = Date.now() - arrivedAt > NO_DATA_MS;
  box.hidden = isOld;
  noData.hidden = !isOld;
}
