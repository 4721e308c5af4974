// A verifiable random function: ECVRF-EDWARDS25519-SHA512-TAI of RFC 9381 (suite 0x03), verified.
import { Refusal, concat, need } from "./bytes.js";
import { BASE, ORDER, add, checkPublicKey, decode, encode, little, negative, times } from "./ed25519.js";
import { sha512 } from "./platform.js";

const SUITE = 3;
const CHALLENGE_BYTES = 16;

const eightTimes = (point) => times(8n, point);

/** The input's point, by try and increment (section 5.4.1.1). */
async function toCurve(salt, alpha) {
  for (let counter = 0; counter < 256; counter += 1) {
    const text = concat(Uint8Array.of(SUITE, 1), salt, alpha, Uint8Array.of(counter, 0));
    const candidate = (await sha512(text)).slice(0, 32);
    try {
      return eightTimes(decode(candidate, "the input"));
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
    }
  }
  throw new Refusal("the input has no place on the curve");
}

async function challengeOf(...marks) {
  const text = concat(Uint8Array.of(SUITE, 2), ...marks, Uint8Array.of(0));
  return little((await sha512(text)).slice(0, CHALLENGE_BYTES));
}

/** The 64 bytes that belong to an input under a public key; throws if the proof is of others. */
export async function verifyVrf(publicKey, alpha, proof) {
  need(proof.length === 80, "a VRF's proof is {0} bytes, not {1}", 80, proof.length);
  const [challenge, answer] = [little(proof.slice(32, 48)), little(proof.slice(48))];
  need(answer < ORDER, "the VRF's proof: s is not below the group order");
  const gamma = decode(proof.slice(0, 32), "the VRF's proof: gamma");
  checkPublicKey(publicKey);
  const [key, point] = [decode(publicKey, "the VRF's key"), await toCurve(publicKey, alpha)];
  const first = add(times(answer, BASE), times(challenge, negative(key)));
  const second = add(times(answer, point), times(challenge, negative(gamma)));
  const marks = [point, gamma, first, second].map(encode);
  const holds = (await challengeOf(publicKey, ...marks)) === challenge;
  need(holds, "the VRF's proof does not hold for this input under this key");
  return sha512(concat(Uint8Array.of(SUITE, 3), encode(eightTimes(gamma)), Uint8Array.of(0)));
}
