// Log keys that the reader trusts, kept in this browser: one for each log.
const place = (origin) => `ledger-key:${origin}`;

export const pinnedKey = (origin) => localStorage.getItem(place(origin));

export const pinKey = (origin, key) =>
  key ? localStorage.setItem(place(origin), key) : localStorage.removeItem(place(origin));
