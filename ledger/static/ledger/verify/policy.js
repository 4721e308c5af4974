// Trust policies: C2SP tlog-policy. Which logs, which witnesses, and how many make a quorum.
import { Refusal, filled, hex, textOf } from "./bytes.js";
import { ED25519, COSIGNATURE, MLDSA44, parseVerifierKey } from "./note.js";

/** A line of a policy that cannot be read, and why. Only a command line says it: in English, as all it says. */
export class PolicyError extends Refusal {}

function ask(condition, words, ...values) {
  if (!condition) throw new PolicyError(filled(words, values));
}

const NONE = "none";
const MAX_BYTES = 1 << 18;
const MAX_DEFINITIONS = 256;
const KINDS = { log: [ED25519, MLDSA44], witness: [COSIGNATURE, MLDSA44] };

/** Names are opaque octets: one sign for each byte. */
const octets = (bytes) => Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
const bytesOf = (text) => Uint8Array.from(text, (sign) => sign.charCodeAt(0));

class Parser {
  logs = [];
  witnesses = new Map(); // name -> text of its key
  groups = new Map(); // name -> {threshold, members}
  quorum = null;
  #members = new Set();
  #keys = { log: new Set(), witness: new Set() };

  async take(line) {
    ask(!/[\x00-\x08\x0a-\x1f\x7f]/.test(line), "it holds a control character");
    const items = line.split(/[ \t]+/).filter((item) => item !== "");
    if (items.length === 0 || items[0].startsWith("#")) return;
    const [keyword, ...rest] = items;
    if (keyword === "log") await this.#log(rest);
    else if (keyword === "witness") await this.#witness(rest);
    else if (keyword === "group") this.#group(rest);
    else if (keyword === "quorum") this.#quorum(rest);
    else throw new PolicyError("it begins with none of log, witness, group, quorum");
    const count = this.logs.length + this.witnesses.size + this.groups.size;
    ask(count <= MAX_DEFINITIONS, "more than {0} logs, witnesses and groups", MAX_DEFINITIONS);
  }

  async #key(text, what) {
    const key = await parseVerifierKey(textOf(bytesOf(text)));
    ask(KINDS[what].includes(key.type), "its key is not one of a {0}", what);
    const name = hex(key.publicKey);
    ask(!this.#keys[what].has(name), "another {0} has the same public key", what);
    this.#keys[what].add(name);
    return key.text;
  }

  async #log(rest) {
    ask(rest.length === 1 || rest.length === 2, "a log line is: log <vkey> [<url>]");
    this.logs.push(await this.#key(rest[0], "log"));
  }

  #fresh(name) {
    ask(name !== NONE, "the name none is taken: it means no cosignature at all");
    ask(!this.#isKnown(name), "a name is defined twice");
  }

  #isKnown(name) {
    return this.witnesses.has(name) || this.groups.has(name);
  }

  async #witness(rest) {
    ask(rest.length === 2 || rest.length === 3, "a witness line is: witness <name> <vkey> [<url>]");
    this.#fresh(rest[0]);
    this.witnesses.set(rest[0], await this.#key(rest[1], "witness"));
  }

  #group(rest) {
    ask(rest.length >= 3, "a group line is: group <name> all|any|<k> <member>\u2026");
    const [name, rule, ...members] = rest;
    this.#fresh(name);
    for (const member of members) {
      ask(this.#isKnown(member), "a member is no witness or group of a line above");
      ask(!this.#members.has(member), "a member is one already, here or of another group");
      this.#members.add(member);
    }
    this.groups.set(name, { threshold: thresholdOf(rule, members.length), members });
  }

  #quorum(rest) {
    ask(rest.length === 1, "a quorum line is: quorum <name>|none");
    ask(this.quorum === null, "there is a quorum line above already");
    ask(rest[0] === NONE || this.#isKnown(rest[0]), "the quorum is no witness or group of a line above");
    this.quorum = rest[0];
  }
}

function thresholdOf(rule, count) {
  if (rule === "all") return count;
  if (rule === "any") return 1;
  ask(/^[1-9][0-9]{0,3}$/.test(rule), "a group's rule is all, any or a number");
  ask(Number(rule) <= count, "{0} of {1} members cannot be met", rule, count);
  return Number(rule);
}

/** Read a policy file strictly: {logs (texts of keys), cosigners (the same), isMet(texts)}. */
export async function parsePolicy(bytes) {
  ask(bytes.length <= MAX_BYTES, "a policy is at most {0} bytes", MAX_BYTES);
  const parser = new Parser();
  const lines = octets(bytes).split("\n");
  ask(lines.pop() === "", "line {0}: the last line does not end with a newline", lines.length + 1);
  for (const [place, line] of lines.entries())
    await parser.take(line).catch((error) => {
      if (!(error instanceof Refusal)) throw error;
      throw new PolicyError(`line ${place + 1}: ${error.message}`);
    });
  const { logs, witnesses, groups, quorum } = parser;
  ask(quorum !== null, "there is no quorum line (write one, or: quorum none)");
  const isMet = (cosigned) => {
    const has = (name) => {
      const group = groups.get(name);
      if (group === undefined) return cosigned.has(witnesses.get(name));
      return group.members.filter(has).length >= group.threshold;
    };
    return quorum === NONE || has(quorum);
  };
  return { logs, cosigners: [...witnesses.values()], isMet };
}
