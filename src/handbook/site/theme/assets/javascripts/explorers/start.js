/* Lower Triangle: a press on an explorer's button fetches its scripts and puts them in the drawing's place. */
(() => {
  "use strict";

  const folder = document.currentScript.src.replace(/[^/]*$/, "");
  const fetched = {};
  const fetchScript = (name) => {
    fetched[name] ??= new Promise((resolve, reject) => {
      const script = document.createElement("script");
      script.src = `${folder}${name}.js`;
      script.onload = resolve;
      script.onerror = reject;
      document.head.append(script);
    });
    return fetched[name];
  };

  document.addEventListener("click", async ({ target }) => {
    const button = target.closest(".lt-explorer__start");
    if (!button) return;
    button.disabled = true;
    const element = button.parentElement;
    const name = element.localName.replace("-explorer", "");
    try {
      for (const one of ["arithmetic", "panel", name]) await fetchScript(one);
      element.querySelector("select").focus();
    } catch {
      Object.keys(fetched).forEach((one) => delete fetched[one]);
      button.disabled = false;
    }
  });
})();
