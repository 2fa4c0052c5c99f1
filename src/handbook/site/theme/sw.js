/* Lower Triangle: what has been read stays readable with no connection. The runtime is taken from the cache first;
   everything else is asked of the network first, and of the cache when that does not answer. */
const CACHE = "lower-triangle-1";

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

const keep = async (request, response) => {
  if (response.ok) await (await caches.open(CACHE)).put(request, response.clone());
  return response;
};

const networkFirst = async (request) => {
  try {
    return await keep(request, await fetch(request));
  } catch (error) {
    const kept = await caches.match(request, { ignoreSearch: true });
    if (kept) return kept;
    throw error;
  }
};

const cacheFirst = async (request) => (await caches.match(request)) ?? keep(request, await fetch(request));

self.addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method !== "GET" || !request.url.startsWith(self.registration.scope)) return;
  const still = request.url.includes("/assets/runtime/") && !request.url.endsWith("minimodel.json.js");
  event.respondWith(still ? cacheFirst(request) : networkFirst(request));
});
