// The text conversation: keeps the newest message in sight, counts segments, sends with Ctrl+Enter.
// Fetching and swapping stand in poller.js.
import { keepFresh } from "./poller.js";
import { segments } from "./segments.js";
import { fill } from "./words.js";

const NEAR_END = 80; // pixels from the end that still count as reading the newest message

function watch(list) {
  const frame = list.closest("[data-conversation]") ?? list;
  const toEnd = () => { frame.scrollTop = frame.scrollHeight; };
  toEnd();
  keepFresh(list, list.dataset.chatUrl, {
    before: () => frame.scrollHeight - frame.scrollTop - frame.clientHeight < NEAR_END,
    after: (wasAtEnd) => { if (wasAtEnd) toEnd(); },
  });
}

/** Going back restores what was typed, also what has been sent: the same words must not go out twice. */
function forgetSent() {
  const field = document.querySelector("#reply textarea");
  const last = [...document.querySelectorAll("#conversation .bubble-out:not(.is-automatic) .bubble-body")].at(-1);
  if (field && last && field.value !== field.defaultValue && field.value.trim() === last.textContent.trim()) {
    field.value = field.defaultValue;
  }
}

function showSegments(line) {
  const field = document.getElementById(line.dataset.segmentsFor);
  if (field) line.textContent = field.value ? fill(line.dataset.words, segments(field.value)) : "";
}

function showAllSegments() {
  document.querySelectorAll("[data-segments-for]").forEach(showSegments);
}

function sendByKey(event) {
  if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || event.isComposing) return;
  if (event.target.id && document.querySelector(`[data-segments-for="${CSS.escape(event.target.id)}"]`)) {
    event.target.form?.requestSubmit();
  }
}

/** A picture that was asked for is shown whole, not behind the edge of the conversation. */
function showPicture(event) {
  const picture = event.target;
  if (!picture.matches?.("details[data-picture]") || !picture.open) return;
  const image = picture.querySelector("img");
  const show = () => picture.scrollIntoView({ block: "nearest" });
  if (image.complete) show();
  else image.addEventListener("load", show, { once: true });
}

export function startChat() {
  document.querySelectorAll("[data-chat-url]").forEach(watch);
  forgetSent();
  window.addEventListener("pageshow", forgetSent);
  showAllSegments();
  document.addEventListener("input", showAllSegments);
  document.addEventListener("htmx:load", showAllSegments);
  document.addEventListener("keydown", sendByKey);
  document.addEventListener("toggle", showPicture, true);
}
