// Saves what is being typed to the server every two seconds (textarea[data-draft-url]); nothing is kept in the browser.
// The server answers JSON {"version": n} or 204; 409 means that a newer draft exists, and saving stops.
import { say, wallTime } from "./words.js";

const EVERY = 2000; // milliseconds
const KEEPALIVE_LIMIT = 15000; // characters; browsers refuse more than 64 KiB in a request that outlives its page

function csrfToken() {
  return document.querySelector('meta[name="csrf-token"]')?.content ?? "";
}

class Draft {
  constructor(field) {
    this.field = field;
    this.busy = false;
    this.wantedAgain = false;
    this.restart();
  }

  /** Begin from what the server rendered; words that the browser restored after a crash count as unsaved. */
  restart() {
    this.saved = this.field.defaultValue;
    this.version = this.field.dataset.draftVersion ?? "0";
    this.stopped = false;
  }

  tell(text) {
    const state = document.getElementById(this.field.dataset.draftState);
    if (state && state.textContent !== text) state.textContent = text;
  }

  async save() {
    const text = this.field.value;
    if (this.stopped || text === this.saved) return;
    if (this.busy) { // two at once would make the second one look like somebody else's
      this.wantedAgain = true;
      return;
    }
    this.busy = true;
    this.tell(say("draftSaving"));
    try {
      await this.take(await this.send(text), text);
    } catch { // no connection: said to the person, and tried again at the next beat
      this.tell(say("draftFailed"));
    }
    this.busy = false;
    if (this.wantedAgain) {
      this.wantedAgain = false;
      await this.save();
    }
  }

  send(text) {
    return fetch(this.field.dataset.draftUrl, {
      method: "POST",
      headers: { "X-CSRFToken": csrfToken(), Accept: "application/json" },
      body: new URLSearchParams({ body: text, version: this.version }),
      credentials: "same-origin",
      redirect: "error", // a redirect leads to the sign-in page: the words were not saved
      keepalive: text.length < KEEPALIVE_LIMIT,
    });
  }

  async take(response, text) {
    if (response.status === 409) {
      this.stopped = true;
      this.tell(say("draftConflict"));
      const compare = this.field.form?.querySelector("[data-draft-compare]");
      if (compare) compare.hidden = false;
      return;
    }
    if (!response.ok) throw new Error(`draft answered ${response.status}`);
    if (response.status === 200) this.version = String((await response.json()).version);
    this.saved = text;
    this.tell(say("draftSaved", { time: wallTime(Date.now()) }));
  }
}

const drafts = new WeakMap(); // textarea -> Draft; fields may come and go with htmx

function current() {
  return [...document.querySelectorAll("textarea[data-draft-url]")].map((field) => {
    if (!drafts.has(field)) drafts.set(field, new Draft(field));
    return drafts.get(field);
  });
}

function inForm(form) {
  return current().filter((draft) => draft.field.form === form);
}

export function startDrafts() {
  current();
  window.setInterval(() => current().forEach((draft) => draft.save()), EVERY);
  document.addEventListener("submit", (event) => {
    if (!navigator.onLine && inForm(event.target).length > 0) { // the browser's own error page would take the words away
      event.preventDefault();
      inForm(event.target).forEach((draft) => draft.tell(say("draftOffline")));
      return;
    }
    inForm(event.target).forEach((draft) => { draft.stopped = true; });
  });
  document.addEventListener("htmx:afterRequest", (event) => inForm(event.target).forEach((draft) => draft.restart()));
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) current().forEach((draft) => draft.save());
  });
}
