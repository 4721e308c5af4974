// Which keys may sign at which place of a log, as the log's own device.* entries say.
import { concat, hex, need, unb64, utf8 } from "./bytes.js";
import { verifyEd25519 } from "./ed25519.js";
import { handedOver } from "./handover.js";
import { sha256 } from "./platform.js";

const PREFIX = utf8("lease-key/1\n");

/** The id of a public key: 128 bits of its hash, in hex. */
export const keyId = async (publicKey) =>
  hex(await sha256(concat(PREFIX, publicKey))).slice(0, 32);

export class KeyRing {
  #keys = new Map();

  /** `logKey`: the log's first key. */
  constructor(logKey) {
    this.logKeys = [logKey];
    this.rotated = null; // the index of the last entry that handed over
  }

  get logKey() {
    return this.logKeys.at(-1);
  }

  /** Take in what the entry at `index` (BigInt) says about a key; its fields were proven. */
  async learn(index, type, fields) {
    if (type === "log.key_rotated") await this.#rotate(index, fields);
    else await this.#device(index, type, fields);
  }

  /** The old key signs the new one's name, for this place of the log only. */
  async #rotate(index, fields) {
    const key = await handedOver(this.logKey, index, fields);
    need(this.logKeys.every(({ text }) => text !== key.text), "it was the log's key before");
    this.logKeys.push(key);
    this.rotated = index;
  }

  async #device(index, type, fields) {
    const kid = fields.kid ?? "";
    const known = this.#keys.get(kid);
    if (type === "device.enrolled") {
      const publicKey = unb64(fields.public_key ?? "", 32);
      need((await keyId(publicKey)) === kid, "the key's id is not that of its public key");
      need(known === undefined, "the key {0} is enrolled twice", kid);
      // the first entry of a log is signed by the key that it enrols
      let approved = index === 0n && fields.role === "service" ? 0 : null;
      if (approved === null && "authority" in fields) {
        await this.#checkAuthority(index, kid, fields); // after a restore the log's key vouches
        approved = index;
      }
      this.#keys.set(kid, { publicKey, approved, revoked: null });
      return;
    }
    need(known !== undefined, "the key {0} was never enrolled", kid);
    if (type === "device.revoked") known.revoked ??= index;
    else {
      need(known.revoked === null, "the key {0} is approved after its revocation", kid);
      known.approved ??= index;
    }
  }

  async #checkAuthority(index, kid, { role, authority }) {
    need(role === "service", "the log's key vouches for a service key only");
    const text = `lease-key-recovery/1\n${this.logKey.name}\n${index}\n${kid}\n`;
    await verifyEd25519(this.logKey.publicKey, unb64(authority, 64), utf8(text));
  }

  /** The public key of a key that may sign entry `index` (BigInt: no two places are one). */
  keyAt(index, kid) {
    const known = this.#keys.get(kid);
    need(known !== undefined, "the key {0} was never enrolled in this log", kid);
    need(known.approved !== null && known.approved <= index, "the key {0} was not approved then", kid);
    need(known.revoked === null || known.revoked >= index, "the key {0} was revoked before", kid);
    return known.publicKey;
  }
}
