// A <details> menu closes on Escape and on a click outside.
export function startMenus() {
  const menus = document.querySelectorAll("details.kh-menu");
  document.addEventListener("click", (event) => {
    for (const menu of menus) if (!menu.contains(event.target)) menu.open = false;
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const menu of menus) {
      if (!menu.open) continue;
      menu.open = false;
      menu.querySelector("summary").focus();
    }
  });
}

// On a telephone the main menu is one line that is moved sideways: a link half out of it would get the focus unseen.
export function startRail() {
  const rail = document.querySelector(".kh-rail ul");
  const show = (link) => link?.scrollIntoView({ block: "nearest", inline: "nearest" });
  if (rail && rail.scrollWidth > rail.clientWidth) show(rail.querySelector("[aria-current]"));
  rail?.addEventListener("focusin", (event) => show(event.target));
}
