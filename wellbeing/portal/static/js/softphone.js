// The phone in the browser: one interface, two carriers (phone-twilio.js, phone-simulator.js; the server chooses).
// It rings while its tab is open; one tab alone has it. The click on "answer" stands for "press 1".
import { duration } from "./clocks.js";
import { startDeviceTest } from "./device-test.js";
import { SimulatorPhone } from "./phone-simulator.js";
import { TwilioPhone } from "./phone-twilio.js";
import { ring, unlock } from "./sounds.js";
import { showWaiting } from "./title.js";

const LOCK = "softphone"; // two tabs would both ring, and both answer
const IN_CALL = new Set(["ringing", "connecting", "talking", "shaky"]);
const TALKING = new Set(["talking", "shaky"]);
const CAN_RING = new Set(["ready", ...IN_CALL]);

class SignedOut extends Error {}

class Softphone {
  constructor(root) {
    this.root = root;
    this.words = root.querySelector("[data-phone-words]").dataset;
    this.state = "off";
    this.isMuted = false;
    this.talkingSince = null;
    this.letGo = null; // ends the hold on the one-tab lock
    this.phone = this.make();
  }

  make() {
    const tell = (state) => this.turn(state);
    const { adapter, simulatorUrl, address, label, quietUrl } = this.root.dataset;
    if (adapter === "simulator") return new SimulatorPhone({ url: simulatorUrl, address, label, tell });
    return new TwilioPhone({ fetchToken: () => this.token(), quietUrl, tell });
  }

  async token() {
    const answer = await this.post(this.root.dataset.tokenUrl);
    return (await answer.json()).token;
  }

  async post(url) {
    const csrf = document.querySelector('meta[name="csrf-token"]').content;
    const answer = await fetch(url, { method: "POST", headers: { "X-CSRFToken": csrf }, redirect: "error" });
    if (answer.status === 401) throw new SignedOut();
    if (!answer.ok) throw new Error(`${url} answered ${answer.status}`);
    return answer;
  }

  /** Begin in a click: only then may the browser ring and ask for the microphone. */
  async start() {
    this.turn("starting");
    await unlock();
    if (!(await this.isAlone())) {
      this.turn("elsewhere");
      return;
    }
    try {
      await this.phone.start();
    } catch (error) { // each kind is said in words; "on" tries again
      this.stop(error instanceof SignedOut ? "signed-out" : "failed");
    }
  }

  stop(state = "off") {
    this.phone.stop();
    this.phone = this.make();
    this.letGo?.();
    this.letGo = null;
    this.turn(state);
  }

  /** Take the phone for this tab; false when another tab of this browser has it. */
  isAlone() {
    if (this.letGo !== null) return true;
    return new Promise((resolve) => {
      navigator.locks.request(LOCK, { ifAvailable: true }, (lock) => {
        resolve(lock !== null);
        return lock && new Promise((done) => { this.letGo = done; });
      });
    });
  }

  turn(state) {
    const news = state !== this.state;
    this.state = state;
    if (TALKING.has(state)) this.talkingSince ??= Date.now();
    else {
      this.talkingSince = null;
      this.isMuted = false;
    }
    ring(state === "ringing");
    showWaiting(state === "ringing" ? 1 : 0);
    this.show();
    if (news && state === "ready") this.beat();
  }

  show() {
    const said = this.isMuted ? "muted" : this.state;
    const key = said.replace(/-(\w)/g, (_, letter) => letter.toUpperCase());
    const line = this.root.querySelector("[data-phone-state]");
    if (line.textContent !== this.words[key]) line.textContent = this.words[key] ?? "";
    this.root.dataset.state = this.state;
    this.root.querySelectorAll("[data-when]").forEach((part) => {
      part.hidden = !part.dataset.when.split(" ").includes(this.state);
    });
    this.root.querySelector('[data-do="mute"]').setAttribute("aria-pressed", String(this.isMuted));
    this.tick();
    if (this.state === "ringing") this.root.querySelector('[data-do="answer"]').focus();
  }

  tick() {
    const time = this.root.querySelector("[data-phone-time]");
    time.textContent = this.talkingSince === null ? "" : duration((Date.now() - this.talkingSince) / 1000);
  }

  mute() {
    this.isMuted = !this.isMuted;
    this.phone.mute(this.isMuted);
    this.show();
  }

  /** Tell the roster that this phone can ring; when nobody tells it any more, calls go elsewhere. */
  async beat() {
    if (!CAN_RING.has(this.state)) return;
    try {
      await this.post(this.root.dataset.beatUrl);
      this.sayAside("");
    } catch (error) { // a call that goes on is not touched by either
      this.sayAside(error instanceof SignedOut ? this.words.signedOut : this.words.noBeat);
    }
  }

  sayAside(text) {
    const line = this.root.querySelector("[data-phone-aside]");
    if (line.textContent !== text) line.textContent = text;
  }
}

const ACTIONS = {
  on: (softphone) => softphone.start(),
  off: (softphone) => softphone.stop(),
  answer: async (softphone) => {
    softphone.turn("connecting");
    await softphone.phone.answer();
  },
  decline: (softphone) => softphone.phone.decline(),
  "hang-up": (softphone) => softphone.phone.hangUp(),
  mute: (softphone) => softphone.mute(),
};

function listen(softphone) {
  softphone.root.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (button?.dataset.do) ACTIONS[button.dataset.do](softphone);
    if (button?.dataset.digit) softphone.phone.press(button.dataset.digit);
  });
  window.addEventListener("beforeunload", (event) => {
    if (IN_CALL.has(softphone.state)) event.preventDefault();
  });
}

/** Leaving this page turns the phone off, so its links open beside it. */
function keepTheTab() {
  document.querySelectorAll('a[href]:not([href^="#"])').forEach((link) => {
    link.target = "_blank";
    link.rel = "noopener";
  });
}

const root = document.querySelector("[data-phone]");
if (root) {
  const softphone = new Softphone(root);
  listen(softphone);
  keepTheTab();
  startDeviceTest();
  root.hidden = false;
  softphone.show();
  window.setInterval(() => softphone.tick(), 1000);
  window.setInterval(() => softphone.beat(), Number(root.dataset.beatEvery));
}
