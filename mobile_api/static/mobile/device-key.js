// The device's own Ed25519 key, by WebCrypto; by noble-ed25519 only where that has no Ed25519.
// Signatures of others are checked by ../ledger/verify/ed25519.js.

let supported;

/** Whether this browser's WebCrypto knows Ed25519 (Chromium 137, Safari 17, Firefox 129 and later). */
export async function hasNative() {
  supported ??= crypto.subtle.generateKey("Ed25519", false, ["sign", "verify"]).then(
    () => true,
    () => false,
  );
  return supported;
}

async function noble() {
  return import(document.querySelector('meta[name="noble"]').content);
}

/** A key pair for the device store: natively a CryptoKey that cannot be exported. */
export async function generate() {
  if (await hasNative()) {
    const pair = await crypto.subtle.generateKey("Ed25519", false, ["sign", "verify"]);
    const publicKey = new Uint8Array(await crypto.subtle.exportKey("raw", pair.publicKey));
    return { kind: "native", privateKey: pair.privateKey, publicKey };
  }
  // The seed is kept only sealed by an AES key that cannot be exported either.
  const library = await noble();
  const seed = crypto.getRandomValues(new Uint8Array(32));
  const publicKey = await library.getPublicKeyAsync(seed);
  const wrapping = await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, [
    "encrypt",
    "decrypt",
  ]);
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const sealed = new Uint8Array(
    await crypto.subtle.encrypt({ name: "AES-GCM", iv }, wrapping, seed),
  );
  seed.fill(0);
  return { kind: "sealed", wrapping, iv, sealed, publicKey };
}

/** The 64-byte signature of `message` by a stored key. */
export async function sign(key, message) {
  if (key.kind === "native")
    return new Uint8Array(await crypto.subtle.sign("Ed25519", key.privateKey, message));
  const library = await noble();
  const seed = new Uint8Array(
    await crypto.subtle.decrypt({ name: "AES-GCM", iv: key.iv }, key.wrapping, key.sealed),
  );
  try {
    return await library.signAsync(message, seed);
  } finally {
    seed.fill(0);
  }
}
