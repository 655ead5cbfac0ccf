// Switches the theme without a page load; the form's own GET does the same through the server.
const YEAR = 31536000;

export function startTheme() {
  const form = document.querySelector("form[data-themes]");
  form?.addEventListener("submit", (event) => {
    const button = event.submitter;
    if (!button) return;
    event.preventDefault();
    const wanted = button.value === "auto" ? "" : button.value;
    if (wanted) document.documentElement.dataset.theme = wanted;
    else delete document.documentElement.dataset.theme;
    const secure = location.protocol === "https:" ? "; Secure" : "";
    document.cookie = `kh_theme=${wanted}; Max-Age=${YEAR}; Path=/; SameSite=Lax${secure}`;
    for (const each of form.elements) each.setAttribute("aria-pressed", String(each === button));
  });
}
