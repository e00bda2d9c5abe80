// Ready-made replies beside a reply box ([data-canned] in the same form). A click puts the words where the cursor is;
// "/" and some letters show those that fit. Without this script each is a button that posts.
const TYPED = /(^|\s)\/([a-z0-9-]*)$/i; // what stands before the cursor when one is looked for

function boxOf(panel) {
  return panel.closest("form")?.querySelector("textarea");
}

function buttons(panel) {
  return [...panel.querySelectorAll("button[data-text]")];
}

function shown(panel) {
  return buttons(panel).filter((button) => !button.closest("li").hidden);
}

function typedIn(box) {
  return TYPED.exec(box.value.slice(0, box.selectionStart));
}

function narrow(panel, wanted) {
  buttons(panel).forEach((button) => {
    const text = `${button.dataset.shortcut} ${button.dataset.text}`.toLowerCase();
    button.closest("li").hidden = !(button.dataset.shortcut.startsWith(wanted) || (wanted.length > 1 && text.includes(wanted)));
  });
}

function put(panel, button) {
  const box = boxOf(panel);
  const typed = typedIn(box);
  const end = box.selectionStart;
  const start = typed ? end - typed[2].length - 1 : end;
  box.setRangeText(button.dataset.text, start, box.selectionEnd, "end");
  box.dispatchEvent(new Event("input", { bubbles: true }));
  narrow(panel, "");
  panel.open = false;
  box.focus();
}

function look(panel, box) {
  const typed = typedIn(box);
  if (!typed && !panel.dataset.byTyping) return;
  narrow(panel, typed ? typed[2].toLowerCase() : "");
  panel.open = typed !== null && shown(panel).length > 0;
  if (panel.open) panel.dataset.byTyping = "1";
  else delete panel.dataset.byTyping;
}

function step(panel, event) {
  const list = shown(panel);
  const at = list.indexOf(document.activeElement);
  const next = { ArrowDown: at + 1, ArrowUp: at - 1 }[event.key];
  if (next === undefined || !list.length) return;
  event.preventDefault();
  if (next < 0) boxOf(panel).focus();
  else list[Math.min(next, list.length - 1)].focus();
}

function keys(panel, event) {
  const box = boxOf(panel);
  if (!panel.open || !(panel.contains(event.target) || event.target === box)) return;
  if (event.key === "Escape") {
    event.preventDefault();
    narrow(panel, "");
    panel.open = false;
    box.focus();
  } else if (event.key === "Tab" && event.target === box && panel.dataset.byTyping && shown(panel).length === 1) {
    event.preventDefault();
    put(panel, shown(panel)[0]);
  } else if (event.target !== box || panel.dataset.byTyping) {
    step(panel, event);
  }
}

function start(panel) {
  const box = boxOf(panel);
  if (!box) return;
  panel.addEventListener("click", (event) => {
    const button = event.target.closest("button[data-text]");
    if (!button) return;
    event.preventDefault();
    put(panel, button);
  });
  box.addEventListener("input", () => look(panel, box));
  panel.closest("form").addEventListener("keydown", (event) => keys(panel, event));
}

export function startCanned() {
  document.querySelectorAll("[data-canned]").forEach(start);
}
