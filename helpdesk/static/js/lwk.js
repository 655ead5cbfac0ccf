// Paper entry: Enter goes on, F2 repeats what the last sheet had. Without this the form works by Tab and its button.
const REPEATED = ["majelis", "choice", "occurred_on", "amount"]; // never who she is
const sheet = document.querySelector("form[data-sheet]");

if (sheet) {
  const store = `lwk:${sheet.dataset.sheet}`;
  const fields = [...sheet.elements].filter((each) => each.matches("input:not([type=hidden]), textarea"));
  const last = JSON.parse(sessionStorage.getItem(store) ?? "{}");

  const goOn = (field, step) => {
    const next = fields[fields.indexOf(field) + step];
    next?.focus();
    next?.select();
  };

  let jumpedAt = -Infinity; // an Enter out of habit, right after the choice jumped by itself, skips no field

  sheet.addEventListener("keydown", (event) => {
    const field = event.target;
    const isPlain = !(event.ctrlKey || event.metaKey || event.altKey || event.isComposing);
    if (event.key === "Enter" && isPlain && field.matches("input")) {
      event.preventDefault();
      const isHabit = event.timeStamp - jumpedAt < 500;
      jumpedAt = -Infinity;
      if (!isHabit) goOn(field, event.shiftKey ? -1 : 1);
    } else if (event.key === "F2" && isPlain && fields.includes(field)) {
      event.preventDefault();
      if (last[field.name]) field.value = last[field.name];
      goOn(field, 1);
    }
  });

  const choice = sheet.elements.choice;
  choice.addEventListener("input", (event) => {
    if (!/^[1-6]$/.test(choice.value)) return;
    jumpedAt = event.timeStamp;
    goOn(choice, 1);
  });

  sheet.addEventListener("submit", () => {
    const kept = Object.fromEntries(REPEATED.map((name) => [name, sheet.elements[name].value]));
    sessionStorage.setItem(store, JSON.stringify(kept));
  });

  if (!document.querySelector("[data-focus-first]")) {
    sheet.elements.mitra_id.focus();
  }
}
