// The live queue: number in the title, a sound and a notification when somebody new waits.
// Neither says who waits or why. Fetching and swapping stand in poller.js.
import { keepFresh } from "./poller.js";
import { showWaiting } from "./title.js";

let audio = null; // made at the click that unlocks it: browsers allow no sound before one

function beep() {
  if (audio === null) return;
  const at = audio.currentTime;
  const volume = audio.createGain();
  volume.gain.setValueAtTime(0, at);
  volume.gain.linearRampToValueAtTime(0.2, at + 0.03);
  volume.gain.exponentialRampToValueAtTime(0.001, at + 0.9);
  volume.connect(audio.destination);
  [523.25, 659.25].forEach((pitch, index) => { // two soft notes, a third apart
    const note = audio.createOscillator();
    note.type = "sine";
    note.frequency.value = pitch;
    note.connect(volume);
    note.start(at + index * 0.18);
    note.stop(at + 0.9);
  });
}

function notify(controls) {
  if (!controls || !("Notification" in window) || Notification.permission !== "granted" || !document.hidden) return;
  new Notification(controls.dataset.notifyTitle, { body: controls.dataset.notifyBody, tag: "waiting" });
}

function startSound(controls) {
  const button = controls.querySelector("[data-sound]");
  button.addEventListener("click", async () => {
    if (audio === null) {
      audio = new AudioContext();
      await audio.resume();
      beep();
    } else {
      await audio.close();
      audio = null;
    }
    button.setAttribute("aria-pressed", String(audio !== null));
    button.textContent = audio === null ? controls.dataset.soundOff : controls.dataset.soundOn;
  });
}

function startNotifications(controls) {
  const button = controls.querySelector("[data-notify]");
  if (!("Notification" in window)) {
    button.hidden = true;
    return;
  }
  const show = () => {
    const granted = Notification.permission === "granted";
    button.setAttribute("aria-pressed", String(granted));
    if (granted) button.textContent = controls.dataset.notifyOn;
    if (Notification.permission === "denied") button.textContent = controls.dataset.notifyDenied;
    button.disabled = Notification.permission !== "default";
  };
  button.addEventListener("click", async () => {
    await Notification.requestPermission();
    show();
  });
  show();
}

function waitingIn(queue) {
  return new Set([...queue.querySelectorAll("[data-queue-item]")].map((entry) => entry.dataset.queueItem));
}

function watch(queue, controls) {
  let known = waitingIn(queue);
  showWaiting(known.size);
  const after = () => {
    const waiting = waitingIn(queue);
    const isNew = [...waiting].some((id) => !known.has(id));
    known = waiting;
    showWaiting(waiting.size);
    if (isNew) {
      beep();
      notify(controls);
    }
  };
  keepFresh(queue, queue.dataset.queueUrl, { after });
}

export function startQueue() {
  const controls = document.querySelector("[data-queue-controls]");
  if (controls) {
    controls.hidden = false;
    startSound(controls);
    startNotifications(controls);
  }
  document.querySelectorAll("[data-queue-url]").forEach((queue) => watch(queue, controls));
}
