// Keeps one element of the page up to date through a Worker and says aloud when the connection is lost.
// Used by queue.js and chat.js; it does not know what the element shows.
import { tick } from "./clocks.js";
import { say, wallTime } from "./words.js";

const RESTORED_FOR = 6000; // milliseconds that "the connection is back" stays

function announce(text, state) {
  const line = document.getElementById("connection");
  if (!line) return;
  line.dataset.state = state;
  line.textContent = text;
}

/** A fragment may bring parts of the page that stand elsewhere: <template data-part="their id">. */
function place(element, callbacks) {
  element.querySelectorAll("template[data-part]").forEach((part) => {
    const target = document.getElementById(part.dataset.part);
    if (target) window.Idiomorph.morph(target, part.innerHTML, { morphStyle: "innerHTML", ignoreActiveValue: true, callbacks });
    part.remove();
  });
}

/** Put the fragment in place; ids keep focus, open menus and half-typed words where they are. */
function swap(element, html, version) {
  const callbacks = { beforeAttributeUpdated: (name, node, change) => !(name === "open" && change === "remove" && node.tagName === "DETAILS") };
  window.Idiomorph.morph(element, html, { morphStyle: "innerHTML", ignoreActiveValue: true, callbacks });
  element.dataset.version = version;
  place(element, callbacks);
  window.htmx?.process(element);
  tick();
}

const reactions = {
  lost: (message) => announce(say("lost", { time: wallTime(message.since) }), "lost"),
  restored: () => {
    announce(say("restored"), "restored");
    window.setTimeout(() => {
      if (document.getElementById("connection")?.dataset.state === "restored") announce("", "");
    }, RESTORED_FOR);
  },
  "signed-out": () => announce(say("signedOut"), "signed-out"),
};

/** Poll `url` for `element`; `before` runs ahead of each swap and its result is handed to `after`. */
export function keepFresh(element, url, { before = () => null, after = () => {} } = {}) {
  const startedAt = Date.now();
  const worker = new Worker(new URL("./queue-worker.js", import.meta.url));
  worker.addEventListener("message", ({ data }) => {
    if (data.kind === "fragment") {
      const kept = before();
      swap(element, data.html, data.version);
      after(kept);
    }
    reactions[data.kind]?.(data);
  });
  worker.addEventListener("error", () => reactions.lost({ since: startedAt }));
  worker.postMessage({ url: new URL(url, document.baseURI).href, version: element.dataset.version ?? "" });
  return worker;
}
