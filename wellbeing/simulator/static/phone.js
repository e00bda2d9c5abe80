// One phone as a card: what it shows, and the buttons that pass on what a hand does to it.

const words = JSON.parse(document.body.dataset.words);
const template = document.getElementById("phone");
const STATES = { idle: words.idle, calling: words.calling, ringing: words.ringing, "in call": words.in_call };
const BUTTONS = { idle: ["call"], calling: ["hang-up"], ringing: ["answer", "decline"], "in call": ["hang-up"] };
const STATUSES = {
  queued: words.queued, ringing: words.calling, "in-progress": words.in_call, completed: words.completed,
  busy: words.busy, failed: words.failed, "no-answer": words.no_answer, canceled: words.canceled,
};

function clock(at) {
  return new Date(at).toLocaleTimeString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit" });
}

function line(tag, text, properties = {}) {
  const element = document.createElement(tag);
  element.textContent = text;
  Object.entries(properties).forEach(([name, value]) => element.setAttribute(name, value));
  return element;
}

function fill(list, rows, nothing) {
  list.replaceChildren(...(rows.length ? rows : [line("li", nothing, { class: "quiet" })]));
  list.scrollTop = list.scrollHeight;
}

function heardText(heard) {
  const voice = words.spoken.replace("{name}", heard.by_label).replace("{text}", heard.text);
  return { say: heard.text, play: words.sound, tone: words.tone, beep: words.beep, voice }[heard.kind];
}

// What was heard and what was said oneself, in the order in which it happened.
function talk(phone) {
  const said = phone.said.map((one) => ({ ...one, by_label: words.you, isOwn: true }));
  return [...phone.heard, ...said].sort((one, other) => new Date(one.at) - new Date(other.at));
}

function talkLine(one) {
  const language = one.language ? { lang: one.language } : {};
  return line("li", heardText(one), { ...language, class: one.isOwn ? `${one.kind} own` : one.kind });
}

function noteText(note) {
  const way = note.direction === "in" ? words.incoming : words.outgoing;
  const keys = note.pressed ? ` · ${words.pressed} ${note.pressed}` : "";
  return `${clock(note.at)} · ${way} · ${STATUSES[note.status] ?? note.status}${keys}`;
}

// With several hotline numbers each text says which of them it belongs to.
function bubble(text, hasManyNumbers) {
  const pictures = text.pictures ? words.with_pictures.replace("{n}", text.pictures) : "";
  const item = line("li", [text.body, pictures].filter(Boolean).join(" "), { class: "bubble", "data-direction": text.direction });
  if (hasManyNumbers) item.append(line("small", text.peer));
  return item;
}

function attachment(file) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.addEventListener("load", () => resolve({ type: file.type, base64: reader.result.split(",")[1] }));
    reader.addEventListener("error", () => reject(reader.error));
    reader.readAsDataURL(file);
  });
}

function received(phone) {
  return phone.thread.filter((text) => text.direction === "in");
}

/** A card; `does(action, body)` sends to the simulator and tells whether it worked. */
export class Card {
  constructor(phone, does) {
    this.element = template.content.firstElementChild.cloneNode(true);
    this.element.setAttribute("aria-label", `${phone.label} ${phone.number}`);
    this.to = this.#part(".to select");
    this.isStaff = phone.code !== null || phone.number.startsWith("client:");
    this.isOpen = !this.isStaff;
    this.seen = received(phone).length;
    this.does = does;
    this.#listen();
    this.#part(".unfold").hidden = !this.isStaff;
  }

  /** Whether the words of the search box are on this phone's back. */
  matches(wanted) {
    return `${this.phone.label} ${this.phone.number}`.toLowerCase().includes(wanted);
  }

  /** The newest text and the newest words stand in sight; a list that was hidden or moved forgets where it was. */
  showNewest() {
    this.element.querySelectorAll(".thread, .heard-list").forEach((list) => { list.scrollTop = list.scrollHeight; });
  }

  draw(phone) {
    const isNews = this.phone?.version !== phone.version;
    this.#answerLast(phone);
    this.phone = phone;
    this.#drawCode(phone);
    if (!isNews) return;
    this.element.dataset.state = phone.state;
    this.#part(".phone-label").textContent = phone.label;
    this.#part(".phone-number").textContent = phone.number;
    this.#part(".phone-state").textContent = STATES[phone.state];
    this.#drawCall(phone);
    this.#drawLists(phone);
    this.#fold();
  }

  #part(selector) {
    return this.element.querySelector(selector);
  }

  #listen() {
    this.#part('[data-does="call"]').addEventListener("click", () => this.does("call", { to: this.to.value }));
    ["answer", "decline", "hang-up"].forEach((action) => {
      this.#part(`[data-does="${action}"]`).addEventListener("click", () => this.does(action));
    });
    this.element.querySelectorAll("[data-key]").forEach((key) => {
      key.addEventListener("click", () => this.does("press", { digits: key.dataset.key }));
    });
    this.#part(".unfold").addEventListener("click", () => {
      this.isOpen = !this.isOpen;
      this.#fold();
    });
    this.#listenToForm(this.#part(".write.text"), (body, attachments) => this.does("text", { to: this.to.value, body, attachments }));
    this.#listenToForm(this.#part(".write.voice"), (text) => this.does("speak", { text }));
  }

  #listenToForm(form, send) {
    const field = form.querySelector("textarea");
    const files = form.querySelector('input[type="file"]');
    // A picture says enough without words.
    files?.addEventListener("change", () => { field.required = files.files.length === 0; });
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const body = field.value;
      const attachments = await Promise.all([...(files?.files ?? [])].map(attachment));
      if ((body.trim() || attachments.length) && await send(body, attachments)) {
        form.reset();
        field.required = true;
      }
    });
    field.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
        event.preventDefault();
        form.requestSubmit();
      }
    });
  }

  // An answer goes to the number that wrote last, unless a hand has chosen another since.
  #answerLast(phone) {
    const last = phone.thread.at(-1);
    if (last && last.sid !== this.lastSid) this.to.value = last.peer;
    this.lastSid = last?.sid;
  }

  #drawCode(phone) {
    this.#part(".code").hidden = phone.code === null;
    if (phone.code === null) return;
    this.#part(".code-digits").textContent = phone.code;
    this.#part(".code-left").textContent = words.seconds_left.replace("{n}", phone.code_seconds_left);
    this.#part(".code").classList.toggle("is-ending", phone.code_seconds_left <= 5);
  }

  #drawCall(phone) {
    const peer = this.#part(".phone-peer");
    peer.hidden = !phone.call;
    peer.textContent = phone.call ? `${phone.state === "ringing" ? words.peer_calls : words.peer_called} ${phone.call.peer}` : "";
    this.element.querySelectorAll("[data-does]").forEach((button) => {
      button.hidden = !BUTTONS[phone.state].includes(button.dataset.does);
    });
    const names = phone.connected_to.map((one) => one.label).join(words.between_names);
    const connected = this.#part(".connected");
    connected.hidden = !names;
    connected.textContent = names ? words.talking_with.replace("{names}", names) : "";
    this.#part(".keypad").hidden = phone.state !== "in call";
    this.#part(".write.voice").hidden = phone.state !== "in call";
  }

  #drawLists(phone) {
    this.#part(".heard").hidden = phone.state !== "in call" && !phone.heard.length;
    fill(this.#part(".heard-list"), talk(phone).map(talkLine), words.nothing_heard);
    fill(this.#part(".thread"), phone.thread.map((text) => bubble(text, this.to.options.length > 1)), words.no_texts);
    fill(this.#part(".history-list"), phone.history.map((note) => line("li", noteText(note))).reverse(), words.no_history);
  }

  // A staff phone is folded until somebody opens it or it is in use; then its last text is enough.
  #fold() {
    const isShown = this.isOpen || this.phone.state !== "idle";
    const texts = received(this.phone);
    if (isShown) this.seen = texts.length;
    const fresh = texts.length - this.seen;
    this.element.classList.toggle("is-folded", !isShown);
    this.#part(".phone-body").hidden = !isShown;
    this.#part(".latest").hidden = isShown || texts.length === 0;
    this.#part(".latest-body").textContent = texts.at(-1)?.body ?? "";
    this.#part(".latest-count").hidden = fresh <= 0;
    this.#part(".latest-count").textContent = words.new_texts.replace("{n}", fresh);
    const button = this.#part(".unfold");
    button.textContent = isShown ? words.fold_phone : words.open_phone;
    button.setAttribute("aria-expanded", String(isShown));
    button.hidden = !this.isStaff || this.phone.state !== "idle";
    if (isShown) this.showNewest();
  }
}
