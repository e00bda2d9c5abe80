// The phone by the pretend carrier: a handset of its own, asked for once a second. Nothing is heard; there is no audio.
// Same interface as phone-twilio.js.
const EVERY = 1000; // milliseconds between two looks at the handset
const STATES = { idle: "ready", ringing: "ringing", calling: "connecting", "in call": "talking" };

export class SimulatorPhone {
  constructor({ url, address, label, tell }) {
    this.base = `${url}/handsets`;
    this.handset = `${this.base}/${encodeURIComponent(address)}`;
    this.address = address;
    this.label = label;
    this.tell = tell;
    this.version = "";
    this.running = false;
  }

  async start() {
    this.running = true;
    await this.plugIn();
    await this.look();
  }

  answer() { return this.do("answer"); }

  decline() { return this.do("decline"); }

  hangUp() { return this.do("hang-up"); }

  mute() {} // nobody hears anything

  press(digits) { return this.do("press", { digits }); }

  stop() { this.running = false; }

  /** A handset that is there already is as good as a new one. */
  async plugIn() {
    const { handsets } = await (await fetch(this.base)).json();
    const known = handsets.some((handset) => handset.number === this.address);
    if (!known) await this.send(this.base, { number: this.address, label: this.label });
  }

  async look() {
    if (!this.running) return;
    try {
      const answer = await fetch(`${this.handset}/inbox?version=${this.version}`);
      if (answer.status === 404) await this.plugIn();
      else if (answer.status === 200) this.take(await answer.json());
    } catch { // the pretend carrier is not there: said, and asked again
      this.version = "";
      if (this.running) this.tell("lost");
    }
    window.setTimeout(() => this.look(), EVERY);
  }

  take(handset) {
    this.version = String(handset.version);
    this.tell(STATES[handset.state] ?? "ready");
  }

  async do(action, body = {}) {
    const answer = await this.send(`${this.handset}/${action}`, body);
    if (answer.ok) this.take(await answer.json());
  }

  send(url, body) {
    return fetch(url, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
    });
  }
}
