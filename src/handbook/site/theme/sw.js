/* Lower Triangle: what has been read stays readable with no connection, and so does the whole handbook where a reader
   asked to keep it. The runtime is taken from the cache first; everything else is asked of the network first, and of
   the cache when that does not answer, or not soon.

   The handbook is kept by a list that the build writes, offline.json, one for each language: every file and its hash.
   A language is kept when its list lies in the cache, which is put there last. */
const CACHE = "lower-triangle-1";
const LIST = "/offline.json";
const PATIENCE = 4000; // milliseconds
const AT_ONCE = 6;

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

/* ---- Answering the page ------------------------------------------------------------------------------------- */

/* One copy of a page, whatever was searched for in it, and a folder's page under its own name. */
const plain = (address) => {
  const { origin, pathname } = new URL(address);
  return `${origin}${pathname}${pathname.endsWith("/") ? "index.html" : ""}`;
};

const fetchAndPut = async (cache, request) => {
  const response = await fetch(request);
  if (response.ok && !response.redirected) await cache.put(plain(request.url), response.clone());
  return response;
};

/* What a server would say of an address that leads nowhere: the page for that, of the nearest language that is kept. */
const missing = async (cache, request) => {
  const folders = (await lists(cache)).map((list) => new URL(".", list).href).sort((a, b) => b.length - a.length);
  const nearest = folders.find((folder) => request.url.startsWith(folder)) ?? folders[0];
  const page = nearest && (await cache.match(`${nearest}404.html`));
  return page && new Response(page.body, { status: 404, headers: page.headers });
};

const answer = async (request) => {
  const cache = await caches.open(CACHE);
  const kept = await cache.match(plain(request.url));
  const still = request.url.includes("/assets/runtime/") && !request.url.endsWith("minimodel.json.js");
  if (kept && still) return kept;
  const fetched = fetchAndPut(cache, request);
  if (!kept && request.mode !== "navigate") return fetched;
  if (!kept) {
    return fetched.catch(async (offline) => {
      const page = await missing(cache, request);
      if (page) return page;
      throw offline;
    });
  }
  const late = new Promise((resolve) => setTimeout(resolve, PATIENCE, kept));
  return Promise.race([fetched.catch(() => kept), late]);
};

self.addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method !== "GET" || !request.url.startsWith(self.registration.scope) || request.url.endsWith(LIST)) return;
  const answered = answer(request);
  event.respondWith(answered);
  if (request.mode === "navigate") event.waitUntil(answered.then(renew, () => {}));
});

/* ---- Keeping the whole handbook ----------------------------------------------------------------------------- */

const hash = async (response) => {
  const digest = await crypto.subtle.digest("SHA-256", await response.arrayBuffer());
  return btoa(String.fromCharCode(...new Uint8Array(digest)));
};

const lists = async (cache) => (await cache.keys()).map(({ url }) => url).filter((url) => url.endsWith(LIST));

const named = async (list, address) =>
  Object.keys((await list.json()).files).map((path) => new URL(path, address).href);

/* Let go of what a list in the cache names, save what is needed still, by another list as well. */
const letGo = async (cache, address, needed = []) => {
  const old = await cache.match(address);
  if (!old) return;
  const still = new Set(needed);
  for (const other of await lists(cache)) {
    if (other !== address) (await named(await cache.match(other), other)).forEach((url) => still.add(url));
  }
  for (const url of await named(old, address)) if (!still.has(url)) await cache.delete(url);
};

/* Fetch what the list names and is not here already, in the version that it names. */
const keep = async (address, tell = () => {}) => {
  const cache = await caches.open(CACHE);
  const list = await fetch(address, { cache: "no-cache" });
  if (!list.ok) throw new Error(address);
  const { files } = await list.clone().json();
  const left = Object.entries(files);
  let done = 0;
  const one = async (path, [expected, bytes]) => {
    const url = new URL(path, address).href;
    const here = await cache.match(url);
    if (!here || (await hash(here)) !== expected) {
      const response = await fetch(url, { cache: "reload" }); // a server tells changes apart by the second only
      if ((await hash(response.clone())) !== expected) throw new Error(url);
      await cache.put(url, response);
    }
    tell({ done: (done += bytes) });
  };
  const some = async () => {
    for (let next = left.pop(); next; next = left.pop()) await one(...next);
  };
  try {
    await Promise.all(Array.from({ length: AT_ONCE }, some));
  } finally {
    left.length = 0; // where one failed, the others end too
  }
  await letGo(cache, address, await named(list.clone(), address));
  await cache.put(address, list);
};

/* Where nothing is kept any more, nothing stays. */
const remove = async (address) => {
  const cache = await caches.open(CACHE);
  await letGo(cache, address);
  await cache.delete(address);
  if ((await lists(cache)).length === 0) await caches.delete(CACHE);
};

/* A page came from the network: has the handbook changed since it was kept? */
const renew = () =>
  inTurn(async () => {
    const cache = await caches.open(CACHE);
    for (const address of await lists(cache)) {
      const now = await fetch(address, { cache: "no-cache" });
      const before = await cache.match(address);
      if (now.ok && (await now.text()) !== (await before.text())) await keep(address);
    }
  }).catch(() => {}); // the next page asks again

let last = Promise.resolve();
const inTurn = (task) => (last = last.then(task, task));

self.addEventListener("message", (event) => {
  const { data, ports } = event;
  const tell = (news) => ports[0].postMessage(news);
  const task = () => (data.keep ? keep(data.keep, tell) : remove(data.remove));
  event.waitUntil(inTurn(task).then(() => tell({ ended: true }), () => tell({ failed: true })));
});
