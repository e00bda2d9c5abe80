// Lets deadlines and waits tick as text, once a second. The server's time counts (data-now), never this computer's.
// The chips are complete without this script; it only keeps them fresh.
import { say } from "./words.js";

const offsets = new WeakMap(); // element -> { stamp, offset } between the server's clock and this computer's

function serverNow(element) {
  const stamp = element.dataset.now;
  let known = offsets.get(element);
  if (!known || known.stamp !== stamp) {
    known = { stamp, offset: Date.parse(stamp) - Date.now() };
    offsets.set(element, known);
  }
  return Date.now() + known.offset;
}

/** Word a span of seconds as the macro duration() does. */
export function duration(seconds) {
  const total = Math.trunc(seconds);
  const hours = Math.trunc(total / 3600);
  const minutes = Math.trunc((total % 3600) / 60);
  if (total >= 86400) return say("days", { days: Math.trunc(total / 86400), hours: hours % 24 });
  if (total >= 3600) return say("hours", { hours, minutes });
  return say("minutes", { minutes, seconds: String(total % 60).padStart(2, "0") });
}

function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

function tickDeadline(clock) {
  const left = (Date.parse(clock.dataset.deadline) - serverNow(clock)) / 1000;
  const state = left < 0 ? "overdue" : left <= Number(clock.dataset.soon) ? "soon" : "running";
  const sentence = { overdue: "overdue", soon: "soon", running: "left" }[state];
  clock.dataset.state = state;
  write(clock.querySelector(".clock-text"), say(sentence, { time: duration(Math.abs(left)) }));
}

function tickWait(element) {
  const waited = (serverNow(element) - Date.parse(element.dataset.since)) / 1000;
  write(element, say("waiting", { time: duration(Math.max(0, waited)) }));
}

export function tick() {
  document.querySelectorAll("[data-deadline]").forEach(tickDeadline);
  document.querySelectorAll("[data-since]").forEach(tickWait);
}

export function startClocks() {
  tick();
  window.setInterval(tick, 1000);
}
