// Which keys may sign at which place of a log, as the log's own device.* entries say.
import { concat, hex, need, unb64, utf8 } from "./bytes.js";
import { sha256 } from "./platform.js";

const PREFIX = utf8("lease-key/1\n");

/** The id of a public key: 128 bits of its hash, in hex. */
export const keyId = async (publicKey) =>
  hex(await sha256(concat(PREFIX, publicKey))).slice(0, 32);

export class KeyRing {
  #keys = new Map();

  /** Take in what a `device.*` entry says; its fields were proven. */
  async learn(index, type, fields) {
    const kid = fields.kid ?? "";
    const known = this.#keys.get(kid);
    if (type === "device.enrolled") {
      const publicKey = unb64(fields.public_key ?? "", 32);
      need((await keyId(publicKey)) === kid, "the key's id is not that of its public key");
      need(known === undefined, `the key ${kid} is enrolled twice`);
      // the first entry of a log is signed by the key that it enrols
      const approved = index === 0 && fields.role === "service" ? 0 : null;
      this.#keys.set(kid, { publicKey, approved, revoked: null });
      return;
    }
    need(known !== undefined, `the key ${kid} was never enrolled`);
    if (type === "device.revoked") known.revoked ??= index;
    else {
      need(known.revoked === null, `the key ${kid} is approved after its revocation`);
      known.approved ??= index;
    }
  }

  /** The public key of a key that may sign entry `index`. */
  keyAt(index, kid) {
    const known = this.#keys.get(kid);
    need(known !== undefined, `the key ${kid} was never enrolled in this log`);
    need(known.approved !== null && known.approved <= index, `the key ${kid} was not approved then`);
    need(known.revoked === null || known.revoked >= index, `the key ${kid} was revoked before`);
    return known.publicKey;
  }
}
