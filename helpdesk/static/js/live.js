// Polls a fragment by ETag. Known rows are patched in place; new rows wait behind a button; nothing moves by itself.
// [data-live=URL] on the tbody (or, with data-live-mode=replace, on any box); its bar is the page's [data-live-bar].
const STALE_MS = 60000;
const SLOWEST_S = 15;
const PRESENT_MS = 5 * 60000;

// A screen that is on says nothing: a poll is a sign of life only while somebody moves or types before it.
let movedAt = Date.now();
for (const kind of ["pointermove", "pointerdown", "keydown", "wheel", "touchstart"])
  addEventListener(kind, () => (movedAt = Date.now()), { passive: true });

export function startLive(box) {
  new LivePart(box).start();
}

class LivePart {
  constructor(box) {
    this.box = box;
    this.bar = document.querySelector("[data-live-bar]");
    this.etag = box.dataset.liveEtag ?? "";
    this.interval = Number(box.dataset.liveInterval) || 5;
    this.freshAt = Date.now();
    this.waiting = null;
    this.isPaused = false;
    this.isSignedOut = false;
  }

  part(name) {
    return this.bar?.querySelector(`[data-live-${name}]`);
  }

  start() {
    if (this.bar) this.bar.hidden = false;
    this.part("new")?.addEventListener("click", () => this.takeIn());
    this.part("pause")?.addEventListener("click", () => this.togglePause());
    document.addEventListener("visibilitychange", () => document.hidden || this.poll());
    this.tellTime();
    this.plan();
  }

  plan(seconds = this.interval) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.poll(), seconds * 1000);
  }

  async poll() {
    if (document.hidden || this.isPaused) return;
    const begun = performance.now();
    try {
      const headers = { "X-Requested-With": "fetch", ...(this.etag && { "If-None-Match": this.etag }) };
      if (Date.now() - movedAt < PRESENT_MS) headers["X-Present"] = "1";
      const answer = await fetch(this.box.dataset.live, { headers, cache: "no-store", redirect: "manual" });
      this.isSignedOut = answer.type === "opaqueredirect"; // to the sign-in page: nothing else leads away from here
      if (answer.status !== 304) {
        if (!answer.ok) throw new Error(String(answer.status));
        this.etag = answer.headers.get("ETag") ?? "";
        this.receive(await answer.text());
      }
      this.freshAt = Date.now();
      this.tellTime();
    } catch {
      // The network being away is shown by tellStale; the next turn tries again.
    }
    this.tellStale();
    const cost = (performance.now() - begun) / 1000;
    this.plan(Math.min(SLOWEST_S, Math.max(this.interval, cost * 10)));
  }

  receive(html) {
    const shell = document.createElement("template");
    shell.innerHTML = this.box.matches("tbody") ? `<table><tbody>${html}</tbody></table>` : html;
    const fresh = this.box.matches("tbody") ? shell.content.querySelector("tbody") : shell.content;
    if (this.box.dataset.liveMode === "replace") {
      if (!this.box.contains(document.activeElement)) this.box.replaceChildren(...fresh.childNodes);
      return;
    }
    const known = new Map([...this.box.querySelectorAll("[data-row]")].map((row) => [row.id, row]));
    let added = 0;
    for (const row of fresh.querySelectorAll("[data-row]")) {
      const old = known.get(row.id);
      if (old) patch(old, row);
      else added += 1;
      known.delete(row.id);
    }
    for (const gone of known.values()) gone.classList.add("kh-gone");
    this.waiting = added || known.size ? fresh : null;
    this.offer(added, known.size);
  }

  offer(added, gone) {
    const button = this.part("new");
    if (!button) return;
    button.hidden = !this.waiting;
    const text = button.dataset.text.replace("{n}", added || `−${gone}`);
    if (button.textContent === text) return;
    button.textContent = text;
    const status = this.part("status");
    if (status) status.textContent = this.waiting ? text : "";
  }

  takeIn() {
    if (!this.waiting) return;
    const current = this.box.querySelector(".kh-current")?.id;
    const ticked = new Set([...this.box.querySelectorAll("input:checked")].map((input) => input.value));
    this.box.replaceChildren(...this.waiting.childNodes);
    this.waiting = null;
    for (const input of this.box.querySelectorAll("input[type=checkbox]")) input.checked = ticked.has(input.value);
    const row = (current && document.getElementById(current)) || this.box.querySelector("[data-row]");
    row?.classList.add("kh-current");
    row?.querySelector("[data-open]")?.focus();
    this.offer(0, 0);
  }

  togglePause() {
    this.isPaused = !this.isPaused;
    this.part("pause").setAttribute("aria-pressed", String(this.isPaused));
    if (this.isPaused) clearTimeout(this.timer);
    else this.poll();
  }

  tellTime() {
    const output = this.part("time");
    if (!output) return;
    const language = document.documentElement.lang === "en" ? "en-GB" : "id-ID";
    const time = new Date().toLocaleTimeString(language, { timeZone: this.bar.dataset.zone });
    output.textContent = output.dataset.text.replace("{time}", time);
  }

  tellStale() {
    const output = this.part("stale");
    if (!output) return;
    const age = Date.now() - this.freshAt;
    output.hidden = age < STALE_MS && !this.isSignedOut;
    if (this.isSignedOut) output.textContent = output.dataset.signedOut;
    else if (!output.hidden) output.textContent = output.dataset.text.replace("{n}", Math.floor(age / 60000));
  }
}

// Cells keep their place; a cell with the focus or a ticked box is left alone.
function patch(old, fresh) {
  old.classList.toggle("kh-unread", fresh.classList.contains("kh-unread"));
  old.classList.remove("kh-gone");
  [...old.cells].forEach((cell, at) => {
    const next = fresh.cells[at];
    if (!next || cell.querySelector("input") || cell.innerHTML === next.innerHTML) return;
    if (!cell.contains(document.activeElement)) cell.replaceChildren(...next.childNodes);
  });
}
