/* Lower Triangle: run and edit the page's NumPy blocks here, with no server. Python is fetched when it is about to be needed.

   A page is a script, as in the tests: running a block first runs those above it, once each, in one namespace.
   What runs is Pyodide in a worker. Its files are classic scripts that hold base64 of their gzip, because a page
   opened from a folder may not fetch; the worker gets them all, and its `fetch` answers from them. */
(() => {
  "use strict";

  const meta = document.querySelector("meta[name=lt-runtime]");
  if (!meta) return; // the site was built without the runtime: no buttons
  const { words, folder, assets, path } = JSON.parse(meta.dataset.runtime);
  const root = meta.content; // of the site
  const { make } = window.handbook;
  const NativeWorker = window.handbookWorker ?? window.Worker;

  /* ---- The runtime: fetched once, decoded in the worker -------------------------------------------------- */

  const received = {};
  window.handbookAsset = (name, packed) => (received[name] = packed);
  let fetching = null;

  const script = (address) =>
    new Promise((resolve, reject) => {
      const element = make("script", "");
      element.src = address;
      element.onload = resolve;
      element.onerror = () => reject(new Error(words.missing));
      document.head.append(element);
    });

  const fetchRuntime = () => {
    fetching ??= Promise.all(assets.map((name) => script(`${root}${folder}/${name}.js`))).catch((error) => {
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
    let snapshot = null;
    /* From Python's memory as it was after its start at another visit, or else from the start; the memory is then noted. */
    const load = async (kept, keeping) => {
      const options = { indexURL: "https://runtime.invalid/" };
      if (kept) {
        try {
          return await loadPyodide({ ...options, _loadSnapshot: kept });
        } catch {
          // It is not what was kept.
        }
      }
      const loaded = await loadPyodide({ ...options, _makeSnapshot: keeping });
      if (keeping) snapshot = loaded.makeMemorySnapshot();
      return loaded;
    };
    /* Not as a package: NumPy's libraries are then loaded when a block first imports them, and most pages need one. */
    const layOut = (packed) => {
      const behind = 4 + new DataView(packed.buffer).getUint32(0, true);
      const sizes = JSON.parse(new TextDecoder().decode(packed.subarray(4, behind)));
      let begin = behind;
      for (const [name, size] of Object.entries(sizes)) {
        const place = `/lib/python3.12/site-packages/${name}`;
        python.FS.mkdirTree(place.slice(0, place.lastIndexOf("/")));
        python.FS.writeFile(place, packed.subarray(begin, (begin += size)), { canOwn: true });
      }
    };
    const start = async ({ received, kept, keeping }) => {
      for (const [name, packed] of Object.entries(received)) files[name] = unpack(packed);
      python = await load(kept, keeping);
      layOut(await files["numpy.files"]);
      const sources = JSON.parse(new TextDecoder().decode(await files["minimodel.json"]));
      python.FS.mkdir("minimodel");
      for (const [name, text] of Object.entries(sources.minimodel)) python.FS.writeFile(`minimodel/${name}`, text);
      python.runPython(sources.runner);
    };
    self.onmessage = async ({ data }) => {
      try {
        if (data.start) {
          await start(data);
          python.globals.get("refuse_input")(data.refusal);
          self.postMessage({ ready: true });
        } else if (data.keep) {
          self.postMessage({ id: data.id, snapshot }, snapshot ? [snapshot.buffer] : []);
          snapshot = null;
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

  /* What a later visit begins from. A page that was opened from a folder, or from a server that others can read along,
     has no place for it. */
  const openCache = () => caches.open("lower-triangle-1");
  const keeping = Boolean(window.caches && location.protocol.startsWith("http"));
  const runtime = new URL(`${root}${folder}/`, location.href).href;
  const runtimes = new URL("..", runtime).href; // of this edition and of others
  const snapshotAt = `${runtime}started`;
  const keptSnapshot = async () => {
    const kept = keeping && (await (await openCache()).match(snapshotAt));
    return kept ? new Uint8Array(await kept.arrayBuffer()) : null;
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
    starting ??= Promise.all([fetchRuntime().then(wholeProgram), keptSnapshot().catch(() => null)]).then(
      ([whole, kept]) =>
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
          worker.postMessage({ start: true, received, kept, keeping, refusal: words.no_input }, kept ? [kept.buffer] : []);
        }),
    );
    starting.catch(() => (starting = null));
    return starting;
  };

  const ask = (request) =>
    new Promise((resolve, reject) => {
      const id = ++asked;
      waiting.set(id, { resolve, reject });
      worker.postMessage({ id, ...request });
    });

  /* ---- The blocks ----------------------------------------------------------------------------------------- */

  /* What the page shows as a block's output: the text fence right after it. */
  const recorded = (block) => {
    const next = block.nextElementSibling;
    return next?.matches(".language-text") ? next : null;
  };
  const text = (element) => element.querySelector("pre > code").textContent;

  let busy = null; // the block whose Run was pressed
  let running = null; // that one, or one above it
  let following = null; // runs when the other one has ended
  const done = []; // the code that has run in the worker's namespace, in order

  /* A verdict is read aloud; it stands below the output, which may be long. */
  const live = make("div", "lt-hidden");
  live.setAttribute("role", "status");
  document.body.append(live);

  const inSight = (element) => {
    const { top, bottom } = element.getBoundingClientRect();
    return bottom > 0 && top < innerHeight;
  };

  /* What the editor does with keys comes with the first press of Edit. */
  const editorAt = document.currentScript.src.replace(/run\.js/, "edit.js");
  let editor = null;
  /* Where it does not come, the browser's own keys do meanwhile. */
  const fetchEditor = () => (editor ??= script(editorAt).catch(() => (editor = null)));

  class RunBlock {
    constructor(block) {
      this.block = block;
      this.code = block.querySelector("pre > code");
      this.original = this.code.innerHTML;
      this.name = words.block.replace("{number}", block.dataset.block);
      this.bar = make("div", "lt-run");
      this.status = make("span", "lt-run__status");
      this.status.setAttribute("role", "status");
      this.play = this.button("run", () => this.press());
      this.play.addEventListener("pointerenter", prepare); // the press is near
      this.change = this.button("edit", () => this.edit());
      this.back = this.button("reset", () => this.reset());
      this.back.hidden = true;
      this.bar.append(this.status, this.play, this.change, this.back);
      this.keys = make("p", "lt-run__keys", words.keys);
      this.keys.id = `${block.id}-keys`;
      block.append(this.bar);
      this.code.addEventListener("input", () => (this.back.hidden = false));
      this.code.addEventListener("keydown", (event) => {
        if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
        event.preventDefault();
        if (busy !== this) this.press();
      });
    }

    /* Run, or end what this button began; what another block runs goes on, and this one comes after it. */
    press() {
      if (busy === this) stop();
      else if (following === this) this.unqueue();
      else if (busy) {
        following?.unqueue();
        following = this;
        this.working(true);
        this.say(words.waits.replace("{number}", busy.block.dataset.block), busy);
      } else run(this);
    }

    unqueue() {
      following = null;
      this.working(false);
      this.say("");
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
      code.setAttribute("aria-describedby", this.keys.id);
      code.spellcheck = false;
      this.block.append(this.keys);
      fetchEditor().then(() => window.handbookEditor?.(code));
      code.focus();
    }

    reset() {
      this.code.innerHTML = this.original;
      this.result?.remove();
      this.back.hidden = true;
      if (running === this) this.say(words.still, busy);
      else if (busy !== this && following !== this) this.say("");
    }

    /* What is going on here; about another block it leads there. */
    say(text, about = null) {
      this.status.replaceChildren(text);
      if (about === null || about === this) return;
      const link = make("a", "", text);
      link.href = `#${about.block.id}`;
      this.status.replaceChildren(link);
    }

    working(on) {
      this.play.textContent = on ? words.stop : words.run;
      this.play.classList.toggle("lt-run__button--stop", on);
    }

    /* What the block printed, its lines compared with those of the page. */
    show({ stdout, error, line }, code) {
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
          const source = code.split("\n")[line - 1]?.trim() ?? "";
          pre.append(make("strong", "lt-run__error", `${source}\n${error}`));
        }
        result.append(pre);
      }
      this.result = result;
      (shown ?? this.block).after(result);
      this.back.hidden = false;
      live.textContent = `${this.name}: ${verdict}`;
      // The button hangs above its block and may be all that is seen of it; with neither the reader is elsewhere by now.
      if (inSight(this.block) || inSight(this.bar)) result.scrollIntoView({ block: "nearest" });
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
    stopped.say(words.stopped);
    stopped.result?.remove(); // it was another run's
    end(stopped);
  };

  /* What has ended says no more that it still runs. */
  const runs = (one) => {
    if (running !== busy) running?.say("");
    running = one;
  };

  /* Nothing runs any more; what waited is next. */
  const end = (target) => {
    runs(null);
    busy = null;
    target.working(false);
    const next = following;
    following = null;
    if (next) run(next);
  };

  /* Next time no server is needed: keep this page and all that it loaded. */
  let remembered = false;
  const remember = async () => {
    if (remembered || !navigator.serviceWorker || !keeping) return;
    remembered = true;
    const cache = await openCache();
    const { snapshot } = await ask({ keep: true });
    if (snapshot) await cache.put(snapshotAt, new Response(snapshot));
    await fetchEditor();
    await navigator.serviceWorker.register(`${root}sw.js`);
    const loaded = performance.getEntriesByType("resource").map((entry) => entry.name);
    // Where the list of the whole handbook lies, sw.js takes it that all of it is here.
    const own = loaded.filter((one) => one.startsWith(location.origin) && !one.endsWith("/offline.json"));
    const page = location.href.replace(/[?#].*$/, "").replace(/\/$/, "/index.html");
    await cache.addAll([...new Set([page, ...own])]);
    const old = (await cache.keys()).filter(({ url }) => url.startsWith(runtimes) && !url.startsWith(runtime));
    await Promise.all(old.map((request) => cache.delete(request)));
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
        await ask({ code: "", name: null }); // a fresh page
        done.length = 0;
      }
      for (const one of [...above.slice(done.length), target]) {
        const code = one.code.textContent;
        runs(one);
        const answer = await ask({ code, name: one.block.id });
        if (answer.failed) throw new Error(answer.failed);
        if (!answer.error) done.push(code);
        if (one === target) {
          target.say("");
          target.show(answer, code);
          remember().catch(() => (remembered = false)); // the next run tries again
        } else if (answer.error) {
          target.say(words.above.replace("{number}", one.block.dataset.block), one);
          one.show(answer, code);
          return;
        }
      }
    } catch (error) {
      if (error) target.say(error.message);
    } finally {
      if (busy === target) end(target);
    }
  };
})();
