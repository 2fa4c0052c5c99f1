/* Lower Triangle: Python in a worker. run.js fetches this with the first press of Run, or a little before.

   It is Pyodide. Its files are classic scripts that hold base64 of their gzip, because a page opened from a folder may
   not fetch; the worker gets them all, and its `fetch` answers from them. */
window.handbookPython = (page) => {
  "use strict";

  const { runtime, assets, words, script } = page;
  const NativeWorker = window.handbookWorker ?? window.Worker;
  const received = {};
  window.handbookAsset = (name, packed) => (received[name] = packed);
  let fetching = null;

  const fetchRuntime = () => {
    fetching ??= Promise.all(assets.map((name) => script(`${runtime}${name}.js`))).catch((error) => {
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
    /* From Python's memory as it was after its start at another visit; or from the start, and then that memory is noted. */
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
    const start = async ({ received, snapshot: kept, keeping }) => {
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
  const runtimes = new URL("..", runtime).href; // of this edition and of others
  const snapshotAt = `${runtime}started`;
  const keptSnapshot = async () => {
    const kept = keeping && (await (await openCache()).match(snapshotAt));
    return kept ? new Uint8Array(await kept.arrayBuffer()) : null;
  };

  let worker = null;
  let starting = null;
  const waiting = new Map();
  let asked = 0;

  const stop = () => {
    worker?.terminate();
    worker = starting = null;
    for (const { reject } of waiting.values()) reject(null);
    waiting.clear();
  };

  const start = () => {
    starting ??= Promise.all([fetchRuntime().then(wholeProgram), keptSnapshot().catch(() => null)]).then(
      ([whole, snapshot]) =>
        new Promise((resolve, reject) => {
          const address = URL.createObjectURL(whole);
          worker = new NativeWorker(address);
          waiting.set("start", { reject });
          worker.onmessage = ({ data }) => {
            if (data.ready) {
              waiting.delete("start");
              resolve();
            } else if (data.id === undefined) {
              reject(new Error(data.failed));
            } else {
              waiting.get(data.id)?.resolve(data);
              waiting.delete(data.id);
            }
          };
          worker.onerror = (event) => reject(new Error(event.message));
          const begin = { start: true, received, snapshot, keeping, refusal: words.no_input };
          worker.postMessage(begin, snapshot ? [snapshot.buffer] : []);
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

  /* Next time no server is needed: keep this page and all that it loaded. */
  const keep = async (serviceWorker) => {
    if (!navigator.serviceWorker || !keeping) return;
    const cache = await openCache();
    const { snapshot } = await ask({ keep: true });
    if (snapshot) await cache.put(snapshotAt, new Response(snapshot));
    await navigator.serviceWorker.register(serviceWorker);
    const loaded = performance.getEntriesByType("resource").map((entry) => entry.name);
    // Where the list of the whole handbook lies, sw.js takes it that all of it is here.
    const own = loaded.filter((one) => one.startsWith(location.origin) && !one.endsWith("/offline.json"));
    const page = location.href.replace(/[?#].*$/, "").replace(/\/$/, "/index.html");
    await cache.addAll([...new Set([page, ...own])]);
    const old = (await cache.keys()).filter(({ url }) => url.startsWith(runtimes) && !url.startsWith(runtime));
    await Promise.all(old.map((request) => cache.delete(request)));
  };
  let kept = null;
  /* Where it fails, the next run tries again. */
  const keepOnce = (serviceWorker) => (kept ??= keep(serviceWorker).catch(() => (kept = null)));

  return { start, stop, ask, keep: keepOnce };
};
