// Blanks the page at once (Esc twice, or the button) and brings it back with a click.
// It hides; it is not a lock: the session, the polling and a running call go on.
import { coverTitle } from "./title.js";

const TWICE_WITHIN = 600; // milliseconds between the two presses of Esc

export function startQuickHide() {
  const cover = document.getElementById("quick-hide");
  if (!cover) return;
  let pressedAt = -Infinity;

  const hide = () => {
    if (cover.open) return;
    document.querySelectorAll("dialog[open]").forEach((dialog) => dialog.close());
    coverTitle(cover.dataset.title);
    cover.showModal();
  };
  cover.addEventListener("cancel", (event) => event.preventDefault());
  cover.querySelector(".quick-hide-back").addEventListener("click", () => cover.close());
  cover.addEventListener("close", () => coverTitle(null));

  document.querySelectorAll("[data-quick-hide]").forEach((button) => {
    button.hidden = false;
    button.addEventListener("click", hide);
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || event.repeat) return;
    if (cover.open) {
      event.preventDefault(); // a second Esc would close a modal dialog whatever "cancel" says
      return;
    }
    const now = performance.now();
    if (now - pressedAt <= TWICE_WITHIN) {
      event.preventDefault(); // the same key press must not close what it has just opened
      hide();
      pressedAt = -Infinity;
    } else {
      pressedAt = now;
    }
  }, true);
}
