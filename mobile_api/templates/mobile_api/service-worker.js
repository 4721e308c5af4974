// Keeps the shell of the phone page, so that it opens without a network. Records are not its business.
const SHELL = {{ shell|safe }};
const CACHE = `shell-${SHELL.version}`;

async function fill() {
  const cache = await caches.open(CACHE);
  await cache.addAll(SHELL.files);
  await keepPage(cache, await fetch(SHELL.page));
  await self.skipWaiting();
}

// Only the page itself is kept, never a redirect to sign in.
async function keepPage(cache, answer) {
  if (answer.ok && !answer.redirected) await cache.put(SHELL.page, answer.clone());
  return answer;
}

async function forgetOld() {
  for (const name of await caches.keys()) if (name.startsWith("shell-") && name !== CACHE) await caches.delete(name);
  await self.clients.claim();
}

// The page itself: from the network, and from here when there is none.
async function page(request) {
  const cache = await caches.open(CACHE);
  try {
    return await keepPage(cache, await fetch(request));
  } catch (error) {
    const kept = await cache.match(SHELL.page);
    if (kept) return kept;
    throw error;
  }
}

async function file(request) {
  const kept = await caches.match(request, { ignoreSearch: true });
  return kept ?? fetch(request);
}

addEventListener("install", (event) => event.waitUntil(fill()));
addEventListener("activate", (event) => event.waitUntil(forgetOld()));
addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== "GET" || url.origin !== location.origin) return;
  if (event.request.mode === "navigate" && url.pathname === SHELL.page) event.respondWith(page(event.request));
  else if (SHELL.files.includes(url.pathname)) event.respondWith(file(event.request));
});
