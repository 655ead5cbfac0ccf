// Ctrl+Enter sends the form of the field; counters for textareas. Drafts live on the server.
const RESEND_MS = 5000;
const GSM7 = /^[\n\r !"#$%&'()*+,\-./0-9:;<=>?@A-Z_a-z¡£¤¥§¿ÄÅÆÇÉÑÖØÜßàäåæèéìñòöøùüΔΦΓΛΩΠΨΣΘΞ]*$/;
const GSM7_DOUBLE = /[\^{}\\[~\]|€]/g;

export function smsParts(text) {
  const plain = text.replace(GSM7_DOUBLE, "");
  const isGsm = GSM7.test(plain);
  const length = isGsm ? text.length + (text.length - plain.length) : text.length;
  const [single, joined] = isGsm ? [160, 153] : [70, 67];
  const parts = length <= single ? 1 : Math.ceil(length / joined);
  return { length, limit: parts === 1 ? single : parts * joined, parts, isGsm };
}

function show(box, output) {
  if (box.dataset.counter === "sms") {
    const { length, limit, parts } = smsParts(box.value);
    output.textContent = `${length}/${limit} · ${parts} SMS`;
    output.classList.toggle("kh-over", parts > 1);
  } else {
    const limit = Number(box.dataset.counter) || box.maxLength;
    output.textContent = limit > 0 ? `${box.value.length}/${limit}` : String(box.value.length);
    output.classList.toggle("kh-over", limit > 0 && box.value.length > limit);
  }
}

export function startComposers() {
  for (const box of document.querySelectorAll("textarea[data-counter]")) {
    const output = document.querySelector(`[data-counter-for="${CSS.escape(box.id)}"]`);
    if (!output) continue;
    output.hidden = false;
    box.addEventListener("input", () => show(box, output));
    show(box, output);
  }
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || event.isComposing) return;
    const form = event.target.form ?? event.target.closest("form");
    if (!form || form.method !== "post") return;
    event.preventDefault();
    const [plain, shifted] = [form.querySelector("[data-submit]"), form.querySelector("[data-submit-next]")];
    form.requestSubmit((event.shiftKey ? shifted : plain) ?? undefined);
  });
  // A second press while the first answer is on its way must not send twice; after a download the page stays, so the bar ends.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method !== "post" || event.defaultPrevented) return;
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "1";
    // Back loads the page anew, with a new key, and the browser puts what stood in the box into it again: not words that were sent.
    if (form.matches(".kh-composer")) form.autocomplete = "off";
    setTimeout(() => delete form.dataset.sent, RESEND_MS);
  });
  window.addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach((form) => delete form.dataset.sent));
}
