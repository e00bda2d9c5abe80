// A form is sent once: a second press while the first is on its way, on a slow network, would text a student twice.
// Without JavaScript the browser's own behaviour stands. What never came back may be sent again after a while.
const FORGOTTEN_AFTER = 10000; // milliseconds

const underway = new WeakSet(); // forms that were sent and whose answer is not here yet

function isOurs(form) {
  return form instanceof HTMLFormElement && form.method === "post" && !form.matches("[hx-post], [hx-put], [hx-delete]");
}

export function startOnce() {
  document.addEventListener("submit", (event) => {
    if (event.defaultPrevented || !isOurs(event.target)) return;
    if (underway.has(event.target)) {
      event.preventDefault();
      return;
    }
    underway.add(event.target);
    window.setTimeout(() => underway.delete(event.target), FORGOTTEN_AFTER);
  });
  window.addEventListener("pageshow", (event) => { // the page came back from the browser's own store
    if (event.persisted) document.querySelectorAll("form").forEach((form) => underway.delete(form));
  });
}
