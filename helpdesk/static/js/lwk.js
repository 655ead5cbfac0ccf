// Paper entry by keyboard: Enter goes on, F-keys of the batch page. Without this the form works by Tab and its buttons.
const REPEATED = ["majelis", "choice", "occurred_on", "amount", "signature"]; // never who she is
const SHORT = { choice: /^[1-6]$/, occurred_on: /^\d{4}$/, signature: /^[yYtT]$/ }; // full: goes on by itself
const UNREADABLE = { mitra_id: "mitra", name: "mitra" }; // other fields are called by their names
const WAIT_MS = 5000;

const isPlain = (event) => !(event.ctrlKey || event.metaKey || event.altKey || event.isComposing);
const at = (selector) => document.querySelector(selector);

function startSheet(sheet) {
  const store = `lwk:${sheet.dataset.sheet}`;
  const fields = [...sheet.elements].filter((each) => each.matches("input:not([type=hidden], [type=radio], [type=checkbox]), textarea"));
  const { mitra_id: mitra, choice } = sheet.elements;
  const last = JSON.parse(sessionStorage.getItem(store) ?? "{}");
  let looked = null; // what was looked up last
  let waiting = null; // keys that were typed while the look-up was on its way
  let jumpedAt = -Infinity; // an Enter out of habit, right after a field jumped by itself, skips no field

  const go = (field) => {
    field?.focus();
    field?.select();
  };
  const goOn = (field, step) => go(fields[fields.indexOf(field) + step]);

  const key = () => JSON.stringify([mitra.value.trim(), picked(), choice.value]);
  const picked = () => at("[data-who]").querySelector("input[name=contact]:checked, input[type=hidden][name=contact]")?.value ?? "";

  async function lookUp() {
    const wanted = key();
    if (looked === wanted) return;
    const [mitra_id, contact, number] = JSON.parse(wanted);
    const query = new URLSearchParams({ mitra_id, contact, choice: number });
    const answer = await fetch(`${sheet.dataset.lookUp}?${query}`, { signal: AbortSignal.timeout(WAIT_MS) });
    const part = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (!answer.ok || answer.redirected || wanted !== key()) return;
    const isSame = looked !== null && JSON.parse(looked)[0] === mitra_id && contact === "new";
    looked = wanted;
    if (!isSame) at("[data-who]").replaceWith(part.querySelector("[data-who]"));
    at("[data-repeats]").replaceWith(part.querySelector("[data-repeats]"));
    at("#repeats").hidden = at("[data-repeats]").childElementCount === 0;
  }
  const ask = () => lookUp().catch(() => {});

  // Another Mitra is being typed: what stood there is not hers.
  function forget() {
    const who = at("[data-who]");
    who.replaceChildren();
    who.dataset.state = "";
    at("[data-repeats]").replaceChildren();
    at("#repeats").hidden = true;
    looked = null;
  }

  let timer = 0;
  const askSoon = () => {
    clearTimeout(timer);
    timer = setTimeout(ask, 120);
  };

  // Enter in the field of the Mitra: known goes to the problem, several wait for a digit, a new one is named.
  async function leaveMitra() {
    if (!mitra.value.trim()) return goOn(mitra, 1);
    clearTimeout(timer);
    waiting = [];
    await ask();
    const { state } = at("[data-who]").dataset;
    if (state === "known") go(choice);
    else if (state === "new") {
      if (!/\d/.test(mitra.value) && !sheet.elements.name.value) sheet.elements.name.value = mitra.value.trim();
      go(sheet.elements.name.value ? sheet.elements.phone : sheet.elements.name);
    } else if (state !== "several") goOn(mitra, 1); // the look-up failed: the server asks again when it is saved
    const typed = waiting;
    waiting = null;
    typed.forEach(type);
  }

  function type(letter) {
    const field = document.activeElement;
    if (letter === "save") sheet.requestSubmit(at("[data-submit]"));
    else if (letter === "Enter") goOn(field, 1);
    else if (KEYS[letter]) KEYS[letter](field);
    else if (field !== mitra || !pick(letter)) {
      field.setRangeText(letter, field.selectionStart, field.selectionEnd, "end");
      field.dispatchEvent(new Event("input", { bubbles: true }));
    }
  }

  function pick(letter) {
    const choices = [...at("[data-who]").querySelectorAll("input[type=radio]")];
    if (!choices.length || !/^\d$/.test(letter) || /\d/.test(mitra.value)) return false;
    const chosen = letter === "0" ? choices.at(-1) : choices[Number(letter) - 1];
    if (!chosen || (letter !== "0" && chosen === choices.at(-1))) return true;
    chosen.checked = true;
    ask();
    if (letter === "0") {
      sheet.elements.name.value ||= mitra.value.trim();
      go(sheet.elements.phone);
    } else go(choice);
    return true;
  }

  function repeat(field) {
    if (last[field.name]) field.value = last[field.name];
    if (field === choice) ask();
    goOn(field, 1);
  }

  function markUnreadable(field) {
    const name = UNREADABLE[field.name] ?? field.name;
    const box = sheet.querySelector(`input[name=unreadable][value=${name}]`);
    if (!box) return;
    box.checked = !box.checked;
    if (box.checked && field !== sheet.elements.text) go(name === "mitra" ? choice : fields[fields.indexOf(field) + 1]);
  }

  const KEYS = { F2: repeat, F8: markUnreadable };

  sheet.addEventListener("keydown", (event) => {
    const field = event.target;
    if (waiting && event.key === "Enter" && !isPlain(event)) {
      event.preventDefault();
      event.stopPropagation();
      waiting.push("save");
      return;
    }
    if (!isPlain(event) || !fields.includes(field)) return;
    if (waiting && (event.key.length === 1 || event.key === "Enter" || KEYS[event.key])) {
      event.preventDefault();
      waiting.push(event.key);
    } else if (event.key === "Enter" && field.matches("input")) {
      event.preventDefault();
      const isHabit = event.timeStamp - jumpedAt < 500;
      jumpedAt = -Infinity;
      if (isHabit) return;
      if (field === mitra && !event.shiftKey) leaveMitra();
      else goOn(field, event.shiftKey ? -1 : 1);
    } else if (field === mitra && pick(event.key)) {
      event.preventDefault();
    } else if (KEYS[event.key]) {
      event.preventDefault();
      KEYS[event.key](field);
    }
  });

  sheet.addEventListener("input", (event) => {
    const field = event.target;
    if (field === mitra) forget();
    if (field === mitra || field === choice) askSoon();
    if (field.name === "contact") ask();
    jumpedAt = -Infinity;
    if (!SHORT[field.name]?.test(field.value) || event.inputType?.startsWith("delete")) return;
    jumpedAt = event.timeStamp;
    goOn(field, 1);
  });

  sheet.addEventListener("submit", () => {
    const kept = Object.fromEntries(REPEATED.map((name) => [name, sheet.elements[name].value]));
    sessionStorage.setItem(store, JSON.stringify(kept));
  });

  document.addEventListener("keydown", (event) => {
    if (event.key !== "F9" || !isPlain(event) || at("#repeats").hidden) return;
    event.preventDefault();
    at("#repeats").focus();
  });

  if (!at("[data-focus-first]")) mitra.focus();
  return () => fields.some((field) => field.name !== "form_no" && field.value !== field.defaultValue);
}

// F4 goes to the scan and back; in it + and - zoom and R turns. Without this a click opens the picture on its own.
function startScan(pane) {
  const pictures = [...pane.querySelectorAll(".kh-scan")];
  let zoom = 1;
  let from = null;
  const zoomBy = (step) => {
    zoom = Math.min(3, Math.max(1, zoom + step));
    pictures.forEach((each) => {
      each.classList.toggle("kh-zoom-2", zoom === 2);
      each.classList.toggle("kh-zoom-3", zoom === 3);
    });
  };
  const turn = () =>
    pictures.forEach((each) => {
      const now = Number(/kh-turn-(\d+)/.exec(each.className)[1]);
      each.classList.replace(`kh-turn-${now}`, `kh-turn-${(now + 90) % 360}`);
    });
  pane.querySelectorAll("[data-zoom]").forEach((each) => each.addEventListener("click", () => zoomBy(Number(each.dataset.zoom))));
  pane.querySelector("[data-turn]").addEventListener("click", turn);
  pane.querySelectorAll("button").forEach((each) => (each.hidden = false));
  document.addEventListener("keydown", (event) => {
    if (!isPlain(event)) return;
    const isInside = pane.contains(document.activeElement);
    if (event.key === "F4") {
      event.preventDefault();
      if (!isInside) from = document.activeElement;
      (isInside && from ? from : pane).focus();
    } else if (isInside && "+=".includes(event.key)) zoomBy(1);
    else if (isInside && event.key === "-") zoomBy(-1);
    else if (isInside && event.key.toLowerCase() === "r") turn();
  });
}

function startAmounts(form) {
  const fields = [...form.elements].filter((each) => each.matches("input:not([type=hidden])"));
  form.addEventListener("keydown", (event) => {
    const place = fields.indexOf(event.target);
    if (event.key !== "Enter" || !isPlain(event) || place < 0) return;
    event.preventDefault();
    (fields[place + (event.shiftKey ? -1 : 1)] ?? form.querySelector("[data-submit]")).focus();
  });
  if (!at("[data-focus-first]")) fields[0].focus();
}

function startPages(isBegun) {
  document.addEventListener("keydown", (event) => {
    const link = { PageUp: at("[data-page=previous]"), PageDown: at("[data-page=next]") }[event.key];
    if (!link || !isPlain(event)) return;
    event.preventDefault();
    if (isBegun()) at("[data-said]").textContent = at("[data-said]").dataset.wait;
    else link.click();
  });
}

const sheet = at("form[data-sheet]");
const scan = at("[data-scan]");
if (scan) startScan(scan);
const amounts = at("form[data-amounts]");
if (amounts) startAmounts(amounts);
startPages(sheet ? startSheet(sheet) : () => false);
