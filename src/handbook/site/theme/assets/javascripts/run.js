/* Lower Triangle: run and edit the page's NumPy blocks here, with no server. Python is fetched when it is about to be needed.

   A page is a script, as in the tests: running a block first runs those above it, once each, in one namespace.
   What runs is Pyodide in a worker. Its files are classic scripts that hold base64 of their gzip, because a page
   opened from a folder may not fetch; the worker gets them all, and its `fetch` answers from them. */
(() => {
  "use strict";

  const meta = document.querySelector("meta[name=lt-runtime]");
  if (!meta) return; // the site was built without the runtime: no buttons
  const { words, assets, path } = JSON.parse(meta.dataset.runtime);
  const { make } = window.handbook;
  const NativeWorker = window.handbookWorker ?? window.Worker;

  /* ---- The runtime: fetched once, decoded in the worker -------------------------------------------------- */

  const received = {};
  window.handbookAsset = (name, packed) => (received[name] = packed);
  let fetching = null;

  const script = (name) =>
    new Promise((resolve, reject) => {
      const element = document.createElement("script");
      element.src = `${meta.content}${name}.js`;
      element.onload = resolve;
      element.onerror = () => reject(new Error(words.missing));
      document.head.append(element);
    });

  const fetchRuntime = () => {
    fetching ??= Promise.all(assets.map(script)).catch((error) => {
      fetching = null;
      throw error;
    });
    return fetching;
  };

  const unpack = async (packed) => {
    const letters = atob(packed);
    const bytes = new Uint8Array(letters.length);
    // Uint8Array.from asks for each of twelve million letters through an iterator, which takes a second.
    for (let i = 0; i < letters.length; i++) bytes[i] = letters.charCodeAt(i);
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    return new Uint8Array(await new Response(stream).arrayBuffer());
  };

  /* The worker's own source. It is a function so that it can be read as code; only its text is used. */
  const program = (unpack) => {
    const files = {};
    const type = (name) => (name.endsWith(".wasm") ? "application/wasm" : "application/octet-stream");
    self.fetch = async (address) => {
      const name = String(address.url ?? address).split("/").pop();
      if (!(name in files)) return new Response(null, { status: 404 });
      return new Response(await files[name], { headers: { "Content-Type": type(name) } });
    };
    let python = null;
    const start = async (assets) => {
      for (const [name, packed] of Object.entries(assets)) files[name] = unpack(packed);
      python = await loadPyodide({ indexURL: "https://runtime.invalid/" });
      // Not as a package: its libraries are then loaded when a block first imports them, and most pages need one.
      const wheel = Object.keys(files).find((name) => name.endsWith(".whl"));
      python.unpackArchive(await files[wheel], "wheel", { extractDir: "/lib/python3.12/site-packages" });
      const sources = JSON.parse(new TextDecoder().decode(await files["minimodel.json"]));
      python.FS.mkdir("minimodel");
      for (const [name, text] of Object.entries(sources.minimodel)) python.FS.writeFile(`minimodel/${name}`, text);
      python.runPython(sources.runner);
    };
    self.onmessage = async ({ data }) => {
      try {
        if (data.start) {
          await start(data.start);
          self.postMessage({ ready: true });
        } else {
          const answer = python.globals.get("run")(data.code, data.name);
          self.postMessage({ id: data.id, ...JSON.parse(answer) });
        }
      } catch (error) {
        self.postMessage({ id: data.id, failed: String(error.message ?? error) });
      }
    };
  };

  /* Pyodide's scripts and ours as one, for the page's policy lets a worker begin from a blob and import none. The
     loader comes after the module, which it would import by an address. */
  const wholeProgram = async () => {
    const scripts = await Promise.all(["pyodide.asm.js", "pyodide.js"].map((name) => unpack(received[name])));
    return new Blob([...scripts.flatMap((one) => [one, "\n"]), `(${program})(${unpack})`], { type: "text/javascript" });
  };

  let worker = null;
  let starting = null;
  let ready = false;
  const waiting = new Map();
  let asked = 0;

  const stopWorker = () => {
    worker?.terminate();
    worker = starting = null;
    ready = false;
    for (const { reject } of waiting.values()) reject(null);
    waiting.clear();
  };

  const startWorker = () => {
    starting ??= fetchRuntime().then(wholeProgram).then(
      (whole) =>
        new Promise((resolve, reject) => {
          const address = URL.createObjectURL(whole);
          worker = new NativeWorker(address);
          waiting.set("start", { reject });
          worker.onmessage = ({ data }) => {
            if (data.ready) {
              waiting.delete("start");
              ready = true;
              resolve();
            } else if (data.id === undefined) {
              reject(new Error(data.failed));
            } else {
              waiting.get(data.id)?.resolve(data);
              waiting.delete(data.id);
            }
          };
          worker.onerror = (event) => reject(new Error(event.message));
          worker.postMessage({ start: received });
        }),
    );
    starting.catch(() => (starting = null));
    return starting;
  };

  const ask = (code, name) =>
    new Promise((resolve, reject) => {
      const id = ++asked;
      waiting.set(id, { resolve, reject });
      worker.postMessage({ id, code, name });
    });

  /* ---- The blocks ----------------------------------------------------------------------------------------- */

  /* What the page shows as a block's output: the text fence right after it. */
  const recorded = (block) => {
    const next = block.nextElementSibling;
    return next?.matches(".language-text") ? next : null;
  };
  const text = (element) => element.querySelector("pre > code").textContent;

  let busy = null;
  const done = []; // the code that has run in the worker's namespace, in order

  class RunBlock {
    constructor(block) {
      this.block = block;
      this.code = block.querySelector("pre > code");
      this.original = this.code.innerHTML;
      this.name = words.block.replace("{number}", block.dataset.block);
      this.bar = make("div", "lt-run");
      this.status = make("span", "lt-run__status");
      this.status.setAttribute("role", "status");
      this.play = this.button("run", () => (busy ? stop() : run(this)));
      this.play.addEventListener("pointerenter", prepare); // the press is near
      this.change = this.button("edit", () => this.edit());
      this.back = this.button("reset", () => this.reset());
      this.back.hidden = true;
      this.bar.append(this.status, this.play, this.change, this.back);
      block.append(this.bar);
      this.code.addEventListener("input", () => (this.back.hidden = false));
      this.code.addEventListener("keydown", (event) => {
        if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
          event.preventDefault();
          run(this);
        }
      });
    }

    button(word, action) {
      const button = make("button", `lt-run__button lt-run__button--${word}`, words[word]);
      button.type = "button";
      button.setAttribute("aria-label", `${words[word]}: ${this.name}`);
      button.addEventListener("click", action);
      return button;
    }

    edit() {
      const { code } = this;
      code.contentEditable = "plaintext-only";
      if (code.contentEditable !== "plaintext-only") code.contentEditable = "true";
      code.setAttribute("role", "textbox");
      code.setAttribute("aria-multiline", "true");
      code.setAttribute("aria-label", this.name);
      code.spellcheck = false;
      code.focus();
    }

    reset() {
      this.code.innerHTML = this.original;
      this.result?.remove();
      this.back.hidden = true;
      this.say("");
    }

    say(word) {
      this.status.textContent = word;
    }

    working(on) {
      this.play.textContent = on ? words.stop : words.run;
      this.play.classList.toggle("lt-run__button--stop", on);
    }

    /* What the block printed, its lines compared with those of the page. */
    show({ stdout, error, line }) {
      this.result?.remove();
      const shown = recorded(this.block);
      const result = make("div", "lt-run__result");
      const expected = shown ? text(shown).split("\n") : [];
      const lines = stdout.replace(/\n$/, "").split("\n");
      const same = !error && stdout === (shown ? text(shown) : "");
      const verdict = error ? words.failed.replace("{line}", line) : same ? words.same : words.differs;
      result.append(make("p", `lt-run__verdict lt-run__verdict--${same ? "same" : "differs"}`, verdict));
      if (!same && (stdout || error)) {
        const pre = make("pre", "lt-run__output");
        pre.tabIndex = 0;
        if (stdout) {
          lines.forEach((content, index) => {
            const differs = content !== (expected[index] ?? null);
            pre.append(make(differs ? "mark" : "span", "", content), "\n");
          });
        }
        if (error) {
          const source = this.code.textContent.split("\n")[line - 1]?.trim() ?? "";
          pre.append(make("strong", "lt-run__error", `${source}\n${error}`));
        }
        result.append(pre);
      }
      this.result = result;
      (shown ?? this.block).after(result);
      this.back.hidden = false;
    }
  }

  /* Why a block does not run here; nothing for one that does. */
  const whyNot = (block) =>
    block.querySelector("[data-reason]")?.dataset.reason ??
    (block.dataset.needs === "torch" ? words.locally.replace("{path}", path) : "");

  /* Begin before the press, unless the reader saves data; what fails here is said when the button is pressed. */
  const prepare = () => navigator.connection?.saveData || startWorker().catch(() => {});

  const blocks = [];
  for (const block of document.querySelectorAll(".lt-block")) {
    const reason = whyNot(block);
    if (reason) {
      const bar = make("div", "lt-run");
      bar.append(make("span", "lt-run__local", words.local));
      bar.title = reason;
      block.append(bar);
    } else {
      blocks.push(new RunBlock(block));
    }
  }

  const stop = () => {
    const stopped = busy;
    stopWorker();
    done.length = 0;
    busy = null;
    stopped.working(false);
    stopped.say(words.stopped);
  };

  /* Next time no server is needed: keep this page and all that it loaded. */
  let remembered = false;
  const remember = async () => {
    if (remembered || !navigator.serviceWorker || !location.protocol.startsWith("http")) return;
    remembered = true;
    await navigator.serviceWorker.register(`${meta.content}../../sw.js`);
    const loaded = performance.getEntriesByType("resource").map((entry) => entry.name);
    // Where the list of the whole handbook lies, sw.js takes it that all of it is here.
    const own = loaded.filter((one) => one.startsWith(location.origin) && !one.endsWith("/offline.json"));
    const page = location.href.replace(/[?#].*$/, "").replace(/\/$/, "/index.html");
    await (await caches.open("lower-triangle-1")).addAll([...new Set([page, ...own])]);
  };

  const run = async (target) => {
    if (busy) return;
    busy = target;
    target.working(true);
    target.say(ready ? words.running : words.loading);
    try {
      await startWorker();
      if (busy !== target) return;
      target.say(words.running);
      const above = blocks.slice(0, blocks.indexOf(target));
      const before = above.map((one) => one.code.textContent);
      if (done.length > before.length || done.some((code, index) => code !== before[index])) {
        await ask("", null); // a fresh page
        done.length = 0;
      }
      for (const one of above.slice(done.length)) {
        const answer = await ask(one.code.textContent, one.block.id);
        if (answer.failed) throw new Error(answer.failed);
        if (answer.error) {
          one.show(answer);
          target.say(words.above.replace("{number}", one.block.dataset.block));
          return;
        }
        done.push(one.code.textContent);
      }
      const code = target.code.textContent;
      const answer = await ask(code, target.block.id);
      if (answer.failed) throw new Error(answer.failed);
      if (!answer.error) done.push(code);
      target.show(answer);
      target.say("");
      remember();
    } catch (error) {
      if (error) target.say(error.message);
    } finally {
      if (busy === target) {
        busy = null;
        target.working(false);
      }
    }
  };
})();
