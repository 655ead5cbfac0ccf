// Starts the parts that a staff page has. Every page works without any of this.
import { startComposers } from "./composer.js";
import { startKeys } from "./keys.js";
import { startLive } from "./live.js";
import { startMenus, startRail } from "./menus.js";
import { startTheme } from "./theme.js";

(document.querySelector("[data-focus-first]") ?? document.querySelector("main [aria-invalid=true], aside [aria-invalid=true]"))?.focus();
startTheme();
startMenus();
startRail();
startKeys();
startComposers();
document.querySelectorAll("[data-live]").forEach(startLive);
