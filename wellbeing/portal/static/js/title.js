// Owns the window title: the page's own, the number waiting, or a neutral word while the page is hidden.
const own = document.title;
let waiting = 0;
let cover = null;

function write() {
  document.title = cover ?? (waiting > 0 ? `(${waiting}) ${own}` : own);
}

export function showWaiting(count) {
  waiting = count;
  write();
}

/** Put a neutral title in place of ours; null takes it away. */
export function coverTitle(neutral) {
  cover = neutral;
  write();
}
