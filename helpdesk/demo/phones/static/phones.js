// Looks for new bubbles and sends without leaving the page. The page works without it.
const LOOK_EVERY_MS = 1500;

function patch(thread, html) {
  const fresh = document.createElement("template");
  fresh.innerHTML = html;
  const wasAtEnd = thread.scrollHeight - thread.scrollTop - thread.clientHeight < 40;
  const list = thread.querySelector("ol");
  const wanted = new Set();
  for (const item of fresh.content.querySelectorAll("ol > li")) {
    wanted.add(item.id);
    const old = document.getElementById(item.id);
    if (!old) list.append(item);
    else if (old.querySelector("small").textContent !== item.querySelector("small").textContent) {
      old.className = item.className;
      old.querySelector("small").replaceWith(item.querySelector("small"));
      const warning = item.querySelector(".warning");
      if (warning && !old.querySelector(".warning")) old.append(warning);
    }
  }
  for (const old of [...list.children]) if (!wanted.has(old.id)) old.remove();
  replaceBlock(thread, fresh.content, ".empty");
  replaceBlock(thread, fresh.content, ".keys");
  if (wasAtEnd) thread.scrollTop = thread.scrollHeight;
}

function replaceBlock(thread, fresh, selector) {
  const old = thread.querySelector(selector);
  const next = fresh.querySelector(selector);
  // A key under the finger stays the same element while nothing about it changes.
  if (old && next && old.innerHTML === next.innerHTML) return;
  old?.remove();
  if (next) thread.append(next);
}

async function look(thread) {
  const headers = thread.dataset.etag ? { "If-None-Match": thread.dataset.etag } : {};
  const answer = await fetch(thread.dataset.thread, { headers, cache: "no-store" });
  if (answer.status !== 200) return;
  thread.dataset.etag = answer.headers.get("ETag") ?? "";
  patch(thread, await answer.text());
}

async function lookAtAll() {
  if (!document.hidden) {
    await Promise.allSettled([...document.querySelectorAll("[data-thread]")].map(look));
    showClocks();
  }
  setTimeout(lookAtAll, LOOK_EVERY_MS);
}

function showClocks() {
  for (const clock of document.querySelectorAll("[data-clock]")) {
    const parts = { hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: clock.dataset.zone };
    clock.textContent = new Intl.DateTimeFormat(clock.dataset.lang, parts).format(new Date());
  }
}

async function sendInPlace(event) {
  const form = event.currentTarget;
  const thread = form.closest(".phone").querySelector("[data-thread]");
  const text = form.querySelector("textarea");
  const isPlain = !event.submitter || event.submitter.name === "send";
  const isEmpty = isPlain && !text.value.trim() && !form.querySelector("[type=file]")?.value;
  if (isEmpty) return; // the server says what is missing
  event.preventDefault();
  const said = new FormData(form, event.submitter);
  const isKey = event.submitter?.name === "key";
  if (!isKey) {
    form.querySelectorAll("textarea, [type=file]").forEach((field) => { field.value = ""; });
    markChosen(form);
  }
  const sending = fetch(form.action, { method: "POST", body: said, redirect: "manual" });
  setTimeout(() => look(thread), 150); // her own bubble shows while the app still works on it
  await sending.catch(() => form.submit());
  thread.scrollTop = thread.scrollHeight;
  await look(thread);
  thread.scrollTop = thread.scrollHeight;
}

function markChosen(form) {
  const file = form.querySelector("[type=file]");
  file?.closest(".file").classList.toggle("chosen", Boolean(file.value));
}

function showTab(event) {
  event.preventDefault();
  const chosen = event.currentTarget;
  document.body.dataset.tab = chosen.dataset.show;
  for (const tab of document.querySelectorAll("[data-show]")) tab.removeAttribute("aria-current");
  chosen.setAttribute("aria-current", "page");
  scrollAllToEnd();
}

function scrollAllToEnd() {
  for (const thread of document.querySelectorAll("[data-thread]")) thread.scrollTop = thread.scrollHeight;
}

for (const form of document.querySelectorAll(".compose")) {
  form.addEventListener("submit", sendInPlace);
  form.addEventListener("change", () => markChosen(form));
  form.querySelector("textarea").addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    form.requestSubmit(form.querySelector(".send"));
  });
}
for (const tab of document.querySelectorAll("[data-show]")) tab.addEventListener("click", showTab);
scrollAllToEnd();
lookAtAll();
