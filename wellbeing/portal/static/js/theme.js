// Follows the device's light or dark setting when the person chose "as the device".
// Not a module: it runs before the first paint, so that a dark room stays dark. Explicit choices are rendered by the server.
(() => {
  const root = document.documentElement;
  if (root.dataset.theme !== "auto") return;
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const follow = () => { root.dataset.bsTheme = dark.matches ? "dark" : "light"; };
  dark.addEventListener("change", follow);
  follow();
})();
