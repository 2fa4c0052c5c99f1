/*! After iframe-worker 1.0.4, MIT licence, Copyright (c) 2020-2022 Martin Donath. */
/* Material searches in a worker, and a page opened from a folder may not start one. There the worker's script runs in
   a hidden frame instead. iframe-worker writes an inline script into that frame, which the page's policy refuses; this
   one reaches into the frame and loads the worker's own file there. Material's worker looks for the name. */
(() => {
  "use strict";
  if (location.protocol !== "file:") return;

  window.Worker = window.IFrameWorker = class extends EventTarget {
    constructor(address) {
      super();
      const frame = document.createElement("iframe");
      frame.hidden = true;
      document.body.append(frame);
      const inside = (this.inside = frame.contentWindow);
      inside.document.open();
      inside.document.write("<!doctype html><title>worker</title>");
      inside.document.close();
      const load = (one) =>
        new Promise((resolve, reject) => {
          const script = inside.document.createElement("script");
          script.src = one;
          script.onload = resolve;
          script.onerror = reject;
          inside.document.head.append(script);
        });
      inside.importScripts = (...all) => all.reduce((before, one) => before.then(() => load(one)), Promise.resolve());
      inside.postMessage = (data) => setTimeout(() => this.dispatchEvent(new MessageEvent("message", { data })));
      this.ready = inside.importScripts(new URL(address, location.href).href);
    }

    postMessage(data) {
      this.ready.then(() => this.inside.dispatchEvent(new MessageEvent("message", { data: structuredClone(data) })));
    }
  };
})();
