// The sentences that scripts say. They are rendered by the template (layouts/_covers.html) in the page's language;
// no sentence stands in a script.

/** Fill {name} places of a sentence. */
export function fill(sentence, values) {
  return sentence.replace(/\{(\w+)\}/g, (place, name) => (name in values ? String(values[name]) : place));
}

/** Say the sentence called `name` (data-<name> of #words). */
export function say(name, values = {}) {
  const words = document.getElementById("words");
  return fill(words?.dataset[name] ?? "", values);
}

/** The wall time of this computer as HH:MM:SS. */
export function wallTime(milliseconds) {
  const at = new Date(milliseconds);
  return [at.getHours(), at.getMinutes(), at.getSeconds()].map((part) => String(part).padStart(2, "0")).join(":");
}
