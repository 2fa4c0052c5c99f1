/* Lower Triangle: the whole handbook on this device, once a reader has asked for it and seen what it takes; and gone
   again when they say so. The service worker does the work. */
(() => {
  "use strict";

  const { make } = window.handbook;
  const place = document.querySelector(".lt-keep");
  const offer = place.querySelector("button");
  const address = new URL(place.dataset.list, location.href).href;
  const status = make("p", "lt-keep__status");
  status.setAttribute("role", "status");
  let list = null;

  const size = (bytes) => (bytes / 1e6).toFixed(1);
  const say = (word, gaps = {}) => {
    status.textContent = list.words[word].replace(/\{(\w+)\}/g, (_, name) => gaps[name] ?? size(list.bytes));
  };
  const button = (word, action) => {
    const made = make("button", "lt-keep__button", list.words[word]);
    made.type = "button";
    made.addEventListener("click", action);
    return made;
  };

  /* What is asked of the service worker; it tells how far it is. */
  const ask = async (message, tell) => {
    await navigator.serviceWorker.register(new URL(list.worker, address));
    const { active } = await navigator.serviceWorker.ready;
    await new Promise((resolve, reject) => {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = ({ data }) => {
        if (data.done) return tell(data);
        port1.close(); // what was still on its way says nothing more
        data.ended ? resolve() : reject(new Error(message));
      };
      active.postMessage(message, [port2]);
    });
  };

  /* What is said, and what may be done about it; who was here with the keyboard stays here. */
  place.tabIndex = -1;
  const show = (word, ...actions) => {
    const inside = place.contains(document.activeElement);
    say(word, { done: size(0) });
    place.replaceChildren(status, ...actions);
    if (inside) (actions.find((one) => one.matches("button")) ?? place).focus();
  };

  const keep = async () => {
    const bar = make("progress", "lt-keep__bar");
    bar.max = list.bytes;
    bar.value = 0;
    bar.setAttribute("aria-label", list.words.keep);
    show("keeping", bar);
    try {
      await ask({ keep: address }, ({ done }) => {
        bar.value = done;
        say("keeping", { done: size(done) });
      });
      navigator.storage?.persist?.(); // so that a browser short of room asks before it clears this away
      show("kept", button("remove", remove));
    } catch {
      show("failed", button("keep", keep), button("not_now", close));
    }
  };

  const remove = async () => {
    await ask({ remove: address });
    show("removed");
  };

  const close = () => {
    place.replaceChildren(offer);
    offer.focus();
  };

  const question = async () => {
    try {
      list = await (await fetch(address, { cache: "no-cache" })).json();
    } catch {
      offer.disabled = true; // there is no connection
      window.addEventListener("online", () => (offer.disabled = false), { once: true });
      return;
    }
    const actions = [button("keep", keep), button("not_now", close)];
    if (list.zip) {
      const link = make("a", "lt-keep__zip", list.words.zip.replace("{size}", size(list.zip.bytes)));
      link.href = new URL(list.zip.path, address);
      link.download = "";
      actions.push(link);
    }
    show("asked", ...actions);
  };

  /* This script comes with the first press, or because the handbook is kept. */
  offer.addEventListener("click", question);
  caches.match(address).then(async (kept) => {
    if (!kept) return question();
    list = await kept.json();
    show("kept", button("remove", remove));
  });
})();
