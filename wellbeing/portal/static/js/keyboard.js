// Keyboard: "?" opens the sheet, J and K walk through lists (data-list), single letters press what carries data-key.
// Single keys can be switched off (WCAG 2.1.4); the choice is a preference of this browser and the only thing stored in it.
const STORED = "single-keys";

function singleKeysOn() {
  try {
    return window.localStorage.getItem(STORED) !== "off";
  } catch (refused) { // storage is blocked: the preference cannot be kept, the keys still work
    if (refused instanceof DOMException) return true;
    throw refused;
  }
}

function keepSingleKeys(on) {
  try {
    window.localStorage.setItem(STORED, on ? "on" : "off");
  } catch (refused) {
    if (!(refused instanceof DOMException)) throw refused;
  }
}

function isTyping(target) {
  return target instanceof Element && target.closest("input, textarea, select, [contenteditable]") !== null;
}

function entries() {
  return [...document.querySelectorAll("[data-list] > *")].filter((entry) => entry.getClientRects().length > 0);
}

function walk(step) {
  const all = entries();
  if (all.length === 0) return;
  const current = all.findIndex((entry) => entry.contains(document.activeElement));
  const start = step > 0 ? 0 : all.length - 1;
  const next = all[current === -1 ? start : Math.min(all.length - 1, Math.max(0, current + step))];
  const target = next.querySelector("a[href], button, summary") ?? next;
  if (target === next && !next.hasAttribute("tabindex")) next.tabIndex = -1;
  target.focus();
  next.scrollIntoView({ block: "nearest" });
}

function press(key) {
  const wanted = document.querySelector(`[data-key="${CSS.escape(key)}"]`);
  if (wanted === null || wanted.disabled) return false;
  wanted.focus();
  wanted.click();
  return true;
}

function act(key, sheet) {
  if (key === "?") {
    sheet.showModal();
    return true;
  }
  if (key === "j" || key === "k") {
    walk(key === "j" ? 1 : -1);
    return true;
  }
  return /^[a-z]$/.test(key) && press(key);
}

export function startKeyboard() {
  const sheet = document.getElementById("keyboard-sheet");
  if (!sheet) return;
  const choice = sheet.querySelector("#single-keys");
  choice.checked = singleKeysOn();
  choice.addEventListener("change", () => keepSingleKeys(choice.checked));
  document.querySelectorAll("[data-keyboard-open]").forEach((button) => {
    button.hidden = false;
    button.addEventListener("click", () => sheet.showModal());
  });
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.repeat) return;
    if (isTyping(event.target) || document.querySelector("dialog[open]") || !choice.checked) return;
    if (act(event.key.toLowerCase(), sheet)) event.preventDefault();
  });
}
