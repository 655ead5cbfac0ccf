// Counters and preview of the standing texts follow what is typed; the server counts again and decides.
import { smsParts } from "./composer.js";

const CHAT_LIMIT = 300;
const BOLD = /(?<![\w*])\*(?=[^\s*])([^*\n]+)(?<=\S)\*(?![\w*])/g;
const STARS = /\*([^*\n]+)\*/g;

const filled = (text, values) => text.trim().replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);

function showBold(target, text) {
  target.replaceChildren();
  let end = 0;
  for (const match of text.matchAll(BOLD)) {
    const strong = document.createElement("strong");
    strong.textContent = match[1];
    target.append(text.slice(end, match.index), strong);
    end = match.index + match[0].length;
  }
  target.append(text.slice(end));
}

function count(box, text) {
  const output = document.getElementById(`${box.id}-count`);
  const said = filled(text, JSON.parse(box.dataset.longest));
  const { length, parts } = smsParts(said.replace(STARS, "$1"));
  const isSms = box.dataset.form === "sms";
  const signs = [...said].length;
  output.textContent = isSms ? `${length}/160 · ${parts} SMS` : `${signs}/${CHAT_LIMIT}`;
  output.classList.toggle("kh-over", isSms ? parts > 1 : signs > CHAT_LIMIT);
}

for (const form of document.querySelectorAll("[data-texts]")) {
  const box = (kind, language) => form.elements[`${kind}-${language}`];
  const said = (channel, language) => {
    const chat = box("chat", language);
    const isSms = channel === "sms";
    const words = isSms ? box("sms", language).value.trim() || chat.value : chat.value;
    const text = filled(words, JSON.parse(box(isSms ? "sms" : "chat", language).dataset.typical));
    return channel === "whatsapp" ? text : text.replace(STARS, "$1");
  };
  form.addEventListener("input", () => {
    for (const field of form.querySelectorAll("[data-longest]")) {
      count(field, field.value.trim() || box("chat", field.lang).value);
    }
    for (const bubble of document.querySelectorAll("[data-text-live]")) {
      const { channel, textLive: language } = bubble.dataset;
      if (channel === "whatsapp") showBold(bubble, said(channel, language));
      else bubble.textContent = said(channel, language);
    }
  });
}
