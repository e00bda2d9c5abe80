// Comfort for <details> menus and error summaries, which work without it: one menu open at a time, closed by Esc or a
// click elsewhere; a failed htmx request is said in the page's live region.
import { say } from "./words.js";

function closeMenus(except = null) {
  document.querySelectorAll("details[data-menu][open]").forEach((menu) => {
    if (!menu.contains(except)) menu.open = false;
  });
}

function sayFailure() {
  const messages = document.getElementById("messages");
  if (messages) messages.textContent = say("failed");
}

export function startMenus() {
  document.addEventListener("click", (event) => closeMenus(event.target));
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const open = document.activeElement?.closest("details[data-menu][open]");
    closeMenus();
    open?.querySelector("summary").focus();
  });
  document.querySelector("[data-focus]")?.focus();
  ["htmx:responseError", "htmx:sendError", "htmx:timeout"].forEach((name) => {
    document.body.addEventListener(name, sayFailure);
  });
}
