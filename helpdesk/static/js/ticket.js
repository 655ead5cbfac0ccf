// Copies the ticket's number. The button shows itself only where the clipboard may be used.
for (const button of document.querySelectorAll("[data-copy]")) {
  if (!navigator.clipboard) continue;
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(button.dataset.copy);
    const status = document.querySelector("[data-flashes]");
    if (status) status.textContent = button.dataset.copied;
  });
}
