// Ed25519 (RFC 8032) under the strict rule of the format: a public key is a canonical encoding of
// a point of prime order; S < L; R is canonical and not of small order; cofactorless equation.
import { equal, hex, need } from "./bytes.js";
import { platformEd25519, sha512 } from "./platform.js";
import { concat } from "./bytes.js";

const P = 2n ** 255n - 19n;
export const ORDER = 2n ** 252n + 27742317777372353535851937790883648493n;
const mod = (a) => ((a % P) + P) % P;
const LOW = 2n ** 255n - 1n;

function power(base, exponent) {
  let [result, square] = [1n, mod(base)];
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = (result * square) % P;
    square = (square * square) % P;
  }
  return result;
}

const D = mod(-121665n * power(121666n, P - 2n));
const ROOT = power(2n, (P - 1n) / 4n);
const IDENTITY = { x: 0n, y: 1n, z: 1n, t: 0n };

export const little = (bytes) => BigInt(`0x${hex(Uint8Array.from(bytes).reverse())}`);

export function add(p, q) {
  const a = mod((p.y - p.x) * (q.y - q.x));
  const b = mod((p.y + p.x) * (q.y + q.x));
  const c = mod(2n * p.t * q.t * D);
  const d = mod(2n * p.z * q.z);
  const [e, f, g, h] = [b - a, d - c, d + c, b + a];
  return { x: mod(e * f), y: mod(g * h), z: mod(f * g), t: mod(e * h) };
}

export function times(scalar, point) {
  let [total, doubled] = [IDENTITY, point];
  for (let rest = scalar; rest > 0n; rest >>= 1n) {
    if (rest & 1n) total = add(total, doubled);
    doubled = add(doubled, doubled);
  }
  return total;
}

const isIdentity = (p) => p.x === 0n && p.y === p.z;

export const negative = (p) => ({ x: mod(-p.x), y: p.y, z: p.z, t: mod(-p.t) });

/** The point of 32 bytes (RFC 8032 section 5.1.3), strictly; `what` names it where it is refused. */
export function decode(bytes, what) {
  need(bytes.length === 32, "{0} is 32 bytes, not {1}", what, bytes.length);
  const number = little(bytes);
  const [sign, y] = [number >> 255n, number & LOW];
  need(y < P, "{0} is not canonically encoded", what);
  const [top, bottom] = [mod(y * y - 1n), mod(D * y * y + 1n)];
  let x = mod(top * power(bottom, 3n) * power(top * power(bottom, 7n), (P - 5n) / 8n));
  if (mod(bottom * x * x - top) !== 0n) x = mod(x * ROOT);
  need(mod(bottom * x * x - top) === 0n, "{0} is not a point of the curve", what);
  need(x !== 0n || sign === 0n, "{0} is not canonically encoded", what);
  if ((x & 1n) !== sign) x = P - x;
  return { x, y, z: 1n, t: mod(x * y) };
}

export function encode(point) {
  const inverse = power(point.z, P - 2n);
  const [x, y] = [mod(point.x * inverse), mod(point.y * inverse)];
  const number = y | ((x & 1n) << 255n);
  const text = number.toString(16).padStart(64, "0");
  return Uint8Array.from(text.match(/../g), (pair) => Number.parseInt(pair, 16)).reverse();
}

// The y of the eight points of small order: 0, 1, -1 and the two of order eight.
const SMALL = new Set(
  [
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0100000000000000000000000000000000000000000000000000000000000000",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
  ].map((text) => BigInt(`0x${text.match(/../g).reverse().join("")}`)),
);

function checkCommitment(bytes) {
  const y = little(bytes) & LOW;
  need(y < P, "the signature's R is not canonically encoded");
  need(!SMALL.has(y), "the signature's R has small order");
}

export const BASE = decode(
  Uint8Array.from([0x58, ...new Array(31).fill(0x66)]),
  "the base point",
);
const accepted = new Map();

/** Throws unless these 32 bytes may be a public key. */
export function checkPublicKey(bytes) {
  const name = hex(bytes);
  if (!accepted.has(name)) {
    let refusal = null;
    try {
      const point = decode(bytes, "the public key");
      need(!SMALL.has(point.y), "the public key has small order");
      need(isIdentity(times(ORDER, point)), "the public key is not in the prime-order group");
    } catch (error) {
      refusal = error;
    }
    if (accepted.size > 4096) accepted.clear();
    accepted.set(name, refusal);
  }
  if (accepted.get(name)) throw accepted.get(name);
}

/** Throws unless the signature is acceptable. */
export async function verifyEd25519(publicKey, signature, message) {
  checkPublicKey(publicKey);
  need(signature.length === 64, "a signature is 64 bytes, not {0}", signature.length);
  const [r, s] = [signature.subarray(0, 32), little(signature.subarray(32))];
  need(s < ORDER, "the signature's S is not below the group order");
  checkCommitment(r);
  let holds = await platformEd25519(publicKey, signature, message);
  if (holds === undefined) holds = await ourOwn(publicKey, r, s, message);
  need(holds, "the signature does not match");
}

/** Slowly, where the platform has no Ed25519: R = [S]B − [k]A, compared as bytes. */
export async function ourOwn(publicKey, r, s, message) {
  const a = decode(publicKey, "the public key");
  const k = little(await sha512(concat(r, publicKey, message))) % ORDER;
  return equal(encode(add(times(s, BASE), times(k, negative(a)))), r);
}
