// Polls one address from a Worker, where the browser does not slow timers of a page in the background.
// It knows nothing of the page: it reports what came. Messages out: fragment, unchanged, lost, restored, signed-out.
const EVERY = 2500; // milliseconds between the end of one request and the start of the next
const PATIENCE = 5000; // milliseconds until a request without an answer counts as failed
const FAILURES_UNTIL_LOST = 2; // one lost packet is no news

let url = null;
let etag = null;
let version = "";
let failures = 0;
let lastAnswerAt = Date.now();

async function ask() {
  const address = new URL(url);
  if (version !== "") address.searchParams.set("since", version);
  const headers = { "X-Requested-With": "poll", Accept: "text/html" };
  if (etag !== null) headers["If-None-Match"] = etag;
  return fetch(address, {
    headers,
    credentials: "same-origin",
    cache: "no-store",
    redirect: "manual",
    signal: AbortSignal.timeout(PATIENCE),
  });
}

function answered() {
  if (failures >= FAILURES_UNTIL_LOST) postMessage({ kind: "restored" });
  failures = 0;
  lastAnswerAt = Date.now();
}

async function take(response) {
  if (response.type === "opaqueredirect" || response.status === 401) {
    postMessage({ kind: "signed-out" });
    return false;
  }
  if (response.status === 204 || response.status === 304) {
    answered();
    postMessage({ kind: "unchanged" });
    return true;
  }
  if (!response.ok) throw new Error(`poll answered ${response.status}`);
  const html = await response.text();
  etag = response.headers.get("ETag");
  version = response.headers.get("X-Version") ?? version;
  answered();
  postMessage({ kind: "fragment", html, version });
  return true;
}

function failed() {
  failures += 1;
  if (failures === FAILURES_UNTIL_LOST) postMessage({ kind: "lost", since: lastAnswerAt });
}

async function poll() {
  let again = true;
  try {
    again = await take(await ask());
  } catch { // no answer, a late one or an error of the server: all are told as a lost connection
    failed();
  }
  if (again) setTimeout(poll, EVERY);
}

onmessage = (event) => {
  url = event.data.url;
  version = event.data.version;
  setTimeout(poll, EVERY);
};
