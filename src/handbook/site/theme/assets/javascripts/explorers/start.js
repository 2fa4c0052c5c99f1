/* Lower Triangle: a press on an explorer's button fetches its styles and scripts, and puts it in the drawing's place. */
(() => {
  "use strict";

  const folder = document.currentScript.src.replace(/[^/]*$/, "");
  const fetched = {};
  const fetchOnce = (name, tag, properties) => {
    fetched[name] ??= new Promise((resolve, reject) => {
      const asked = { ...properties, onload: resolve, onerror: reject };
      document.head.append(Object.assign(document.createElement(tag), asked));
    });
    return fetched[name];
  };
  const fetchScript = (name) => fetchOnce(name, "script", { src: `${folder}${name}.js` });
  const fetchStyles = () =>
    fetchOnce("styles", "link", { rel: "stylesheet", href: `${folder}../../stylesheets/explorer-panel.css` });

  document.addEventListener("click", async ({ target }) => {
    const button = target.closest(".lt-explorer__start");
    if (!button) return;
    button.disabled = true;
    const element = button.parentElement;
    const name = element.localName.replace("-explorer", "");
    try {
      await fetchStyles();
      for (const one of ["arithmetic", "panel", name]) await fetchScript(one);
      element.querySelector("select").focus();
    } catch {
      Object.keys(fetched).forEach((one) => delete fetched[one]);
      button.disabled = false;
    }
  });
})();
