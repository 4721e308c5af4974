// What the command line is asked: its usage, its arguments, and the file that they name.
import { accessSync, constants, openAsBlob, readFileSync, statSync } from "node:fs";
import { bytesSource, fileSource } from "./bundle.js";

export const USAGE = `usage: node cli.mjs FILE [--policy POLICY] [VKEY]
       node cli.mjs FILE.tlog-proof --leaf FILE.leaf [--policy POLICY] [VKEY]
       node cli.mjs FILE.title-proof [--title-key VKEY] [--policy POLICY] [VKEY]
Proves a ledger export, some fields of an entry, that an entry stands in a log, or whether a right
stood in the title registry, offline.
VKEY: the log key that you trust, after --title-key the title registry's. POLICY: a C2SP trust policy: log keys, and a quorum of cosigners. Exit code 0: proven. 1: a lie. 2: wrong use.
3: holds together, but no key was pinned.`;

/** {names, leaf, policy, titleKey, wrong}: the positional arguments, and what follows each option. */
export function parsed(list) {
  const [names, found] = [[], { leaf: null, policy: null, titleKey: null, wrong: false }];
  const named = { "--leaf": "leaf", "--policy": "policy", "--title-key": "titleKey" };
  for (let at = 0; at < list.length; at += 1) {
    const option = named[list[at]];
    if (option && at + 1 < list.length && found[option] === null) found[option] = list[(at += 1)];
    else names.push(list[at]);
  }
  const isOption = (name) => name.startsWith("-") && name !== "--stream";
  found.wrong = names.length < 1 || names.length > 2 || names.some(isOption);
  return { names, ...found };
}

/** A file's bytes, to be read piece by piece where it is a plain file; throws for what cannot be read. */
export async function sourceOf(name) {
  if (!openAsBlob || !statSync(name).isFile()) return bytesSource(readFileSync(name)); // a pipe, or no file
  accessSync(name, constants.R_OK); // a blob would find it out later
  return fileSource(await openAsBlob(name));
}
