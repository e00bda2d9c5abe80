// The phone by Twilio's SDK (vendor/twilio-voice-sdk, a classic script of the page). It knows nothing of the page:
// it tells states by `tell` and is told what to do. The sounds of the SDK are silenced; the page rings by itself.
const SOUNDS = [
  "incoming", "outgoing", "disconnect", "dtmfs", "dtmfh", ...Array.from({ length: 10 }, (_, digit) => `dtmf${digit}`),
];
const NO_MICROPHONE = new Set([31208, 31401, 31402]); // the SDK's codes: not allowed, no such device
const RENEW_BEFORE = 60_000; // milliseconds before its token ends that a new one is asked for
const TRY_AGAIN = 5000; // milliseconds until the phone signs in again

export class TwilioPhone {
  constructor({ fetchToken, quietUrl, tell }) {
    this.fetchToken = fetchToken;
    this.quietUrl = quietUrl;
    this.tell = tell;
    this.device = null;
    this.call = null;
    this.retry = null;
  }

  async start() {
    const { Device } = window.Twilio;
    this.device = new Device(await this.fetchToken(), {
      codecPreferences: ["opus", "pcmu"], // opus keeps a voice clear on a bad line
      logLevel: "silent",
      sounds: Object.fromEntries(SOUNDS.map((name) => [name, this.quietUrl])),
      tokenRefreshMs: RENEW_BEFORE,
    });
    this.device.on("registered", () => this.settle());
    this.device.on("unregistered", () => this.lose());
    this.device.on("error", (error) => this.fail(error));
    this.device.on("incoming", (call) => this.ring(call));
    this.device.on("tokenWillExpire", () => this.renew());
    await this.device.register();
  }

  answer() { this.call?.accept(); }

  decline() { this.call?.reject(); }

  hangUp() { this.call?.disconnect(); }

  mute(on) { this.call?.mute(on); }

  press(key) { this.call?.sendDigits(key); }

  stop() {
    window.clearTimeout(this.retry);
    this.device?.destroy();
    this.device = null;
    this.call = null;
  }

  ring(call) {
    this.call = call;
    call.on("accept", () => this.tell("talking"));
    ["cancel", "reject", "disconnect"].forEach((name) => call.on(name, () => this.end(call)));
    call.on("error", (error) => this.fail(error));
    call.on("reconnecting", () => this.tell("shaky"));
    call.on("reconnected", () => this.tell("talking"));
    this.tell("ringing");
  }

  end(call) {
    if (this.call !== call) return;
    this.call = null;
    this.settle();
  }

  settle() {
    if (this.call === null) this.tell(this.device?.state === "registered" ? "ready" : "lost");
  }

  fail(error) {
    if (NO_MICROPHONE.has(error.code)) this.tell("no-microphone");
    else if (this.call === null) this.lose();
  }

  /** A call that goes on keeps its line; only new ones cannot ring until the device is back. */
  lose() {
    if (this.device === null) return;
    if (this.call === null) this.tell("lost");
    window.clearTimeout(this.retry);
    this.retry = window.setTimeout(() => this.signInAgain(), TRY_AGAIN);
  }

  async signInAgain() {
    if (this.device === null || this.device.state === "registered") return;
    try {
      await this.renew();
      await this.device.register();
    } catch { // still no connection: the page says "lost", and it is tried again
      this.lose();
    }
  }

  async renew() {
    this.device?.updateToken(await this.fetchToken());
  }
}
