/* Before every other script. The browser's own Worker, before iframe-worker.js puts its own in its place on file://. */
window.handbookWorker = window.Worker;

/* What Material's script says of the page when it stands; said before, it does not have all of it styled again. */
document.documentElement.classList.remove("no-js");
document.documentElement.classList.add("js", "js-focus-visible");

/* The typefaces are here already, in their style sheet. Unpacked now, they are ready when the first line is shown. */
for (const face of document.fonts) if (!face.family.includes("unpacking")) face.load();

/* A page that is read from its beginning may be laid out piece by piece; whoever comes back to the middle of it, or
   follows a link there, needs its true height at once. */
if (!location.hash && performance.getEntriesByType("navigation")[0]?.type === "navigate") {
  document.documentElement.classList.add("lt-later");
}

/* Where there is no network, a link to another site's service leads nowhere. */
{
  const look = () => {
    const away = location.protocol === "file:" || !navigator.onLine;
    document.documentElement.classList.toggle("lt-offline", away);
  };
  for (const event of ["online", "offline"]) addEventListener(event, look);
  look();
}

/* Where a browser allows no storage, asking for it throws, and the theme's scripts would end there. They get one that
   lasts as long as the page. */
for (const name of ["localStorage", "sessionStorage"]) {
  try {
    window[name].getItem(name);
  } catch {
    const kept = new Map();
    const value = {
      getItem: (key) => kept.get(key) ?? null,
      setItem: (key, text) => kept.set(key, String(text)),
      removeItem: (key) => kept.delete(key),
    };
    Object.defineProperty(window, name, { value });
    window.handbookForgets = true;
  }
}

/* Lines of code are wrapped for those who asked for it, before the first of them is shown. */
if (localStorage.getItem("lower-triangle-wraps")) document.documentElement.classList.add("lt-wraps");

/* Material fetches the search's index with every page, and it is three times as heavy as the page. It waits until the
   search is used, or the address holds what was searched for. */
{
  const searched = new Promise((resolve) => {
    if (/[?&][qh]=/.test(location.search)) resolve();
    for (const event of ["focusin", "pointerdown"]) {
      document.addEventListener(event, ({ target }) => target.closest?.(".md-search, [for=__search]") && resolve(), true);
    }
  });
  const { open, send } = XMLHttpRequest.prototype;
  XMLHttpRequest.prototype.open = function (method, address, ...rest) {
    this.handbookWaits = String(address).endsWith("/search/search_index.json");
    open.call(this, method, address, ...rest);
  };
  XMLHttpRequest.prototype.send = function (...body) {
    if (this.handbookWaits) searched.then(() => send.apply(this, body));
    else send.apply(this, body);
  };
}
