// Trust policies: C2SP tlog-policy. Which logs, which witnesses, and how many make a quorum.
import { Refusal, hex, need, textOf } from "./bytes.js";
import { ED25519, COSIGNATURE, MLDSA44, parseVerifierKey } from "./note.js";

/** Why a line of a policy cannot be read. */
export class PolicyError extends Refusal {
  constructor(line, { template, values }) {
    super(template, ...values);
    this.line = line;
    this.message = `line ${line}: ${this.message}`;
  }
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
    need(!/[\x00-\x08\x0a-\x1f\x7f]/.test(line), "it holds a control character (lines end with a bare newline)");
    const items = line.split(/[ \t]+/).filter((item) => item !== "");
    if (items.length === 0 || items[0].startsWith("#")) return;
    const [keyword, ...rest] = items;
    if (keyword === "log") await this.#log(rest);
    else if (keyword === "witness") await this.#witness(rest);
    else if (keyword === "group") this.#group(rest);
    else if (keyword === "quorum") this.#quorum(rest);
    else throw new Refusal("{0} is none of log, witness, group, quorum", keyword);
    const count = this.logs.length + this.witnesses.size + this.groups.size;
    need(count <= MAX_DEFINITIONS, "more than {0} logs, witnesses and groups", MAX_DEFINITIONS);
  }

  async #key(text, what) {
    const key = await parseVerifierKey(textOf(bytesOf(text)));
    need(KINDS[what].includes(key.type), "a key of type 0x{0} is not one of a {1}", hex(Uint8Array.of(key.type)), what);
    const name = hex(key.publicKey);
    need(!this.#keys[what].has(name), "another {0} has the same public key", what);
    this.#keys[what].add(name);
    return key.text;
  }

  async #log(rest) {
    need(rest.length === 1 || rest.length === 2, "a log line is: log <vkey> [<url>]");
    this.logs.push(await this.#key(rest[0], "log"));
  }

  #fresh(name) {
    need(name !== NONE, "the name none is taken: it means no cosignature at all");
    need(!this.#isKnown(name), "the name {0} is defined twice", name);
  }

  #isKnown(name) {
    return this.witnesses.has(name) || this.groups.has(name);
  }

  async #witness(rest) {
    need(rest.length === 2 || rest.length === 3, "a witness line is: witness <name> <vkey> [<url>]");
    this.#fresh(rest[0]);
    this.witnesses.set(rest[0], await this.#key(rest[1], "witness"));
  }

  #group(rest) {
    need(rest.length >= 3, "a group line is: group <name> all|any|<k> <member>…");
    const [name, rule, ...members] = rest;
    this.#fresh(name);
    for (const member of members) {
      need(this.#isKnown(member), "{0} is no witness or group of a line above", member);
      need(!this.#members.has(member), "{0} is a member already, here or of another group", member);
      this.#members.add(member);
    }
    this.groups.set(name, { threshold: thresholdOf(rule, members.length), members });
  }

  #quorum(rest) {
    need(rest.length === 1, "a quorum line is: quorum <name>|none");
    need(this.quorum === null, "there is a quorum line above already");
    need(rest[0] === NONE || this.#isKnown(rest[0]), "{0} is no witness or group of a line above", rest[0]);
    this.quorum = rest[0];
  }
}

function thresholdOf(rule, count) {
  if (rule === "all") return count;
  if (rule === "any") return 1;
  need(/^[1-9][0-9]{0,3}$/.test(rule), "{0} is none of all, any or a number", rule);
  need(Number(rule) <= count, "{0} of {1} members cannot be met", rule, count);
  return Number(rule);
}

/** Read a policy file strictly: {logs (texts of keys), cosigners (the same), isMet(texts)}. */
export async function parsePolicy(bytes) {
  need(bytes.length <= MAX_BYTES, "a policy is at most {0} bytes", MAX_BYTES);
  const parser = new Parser();
  const lines = octets(bytes).split("\n");
  const last = lines.pop();
  for (const [place, line] of lines.entries())
    await parser.take(line).catch((error) => {
      throw error instanceof Refusal ? new PolicyError(place + 1, error) : error;
    });
  need(last === "", "the last line does not end with a newline");
  need(parser.quorum !== null, "there is no quorum line (write one, or: quorum none)");
  const { logs, witnesses, groups, quorum } = parser;
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
