// Whether a file of ours ends too early: its maker's last bytes never came.
import { Refusal, equal, utf8 } from "./bytes.js";
import { parseCanonical } from "./canonical.js";

// How each kind of JSON file begins: canonical, so that its first name is known.
const DISCLOSURE = utf8('{"beside":');
const TITLE = utf8('{"answers":');
const [QUOTE, BACKSLASH, BLANK] = [0x22, 0x5c, utf8("\n\n")];

const begins = (bytes, start) => equal(bytes.subarray(0, start.length), start);
export const beginsDisclosure = (bytes) => begins(bytes, DISCLOSURE);
export const beginsTitleProof = (bytes) => begins(bytes, TITLE);

/** Whether JSON ends within a text, or before what it opened is closed. */
export function isCut(bytes) {
  let [depth, isText] = [0, false];
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = bytes[at];
    if (byte === QUOTE) isText = !isText;
    else if (isText) at += byte === BACKSLASH ? 1 : 0;
    else if (byte === 0x7b || byte === 0x5b) depth += 1;
    else if (byte === 0x7d || byte === 0x5d) depth -= 1;
  }
  return isText || depth > 0;
}

/** What canonical JSON says; of a file that is cut short it is refused as just that. */
export function parseWhole(bytes) {
  try {
    return parseCanonical(bytes);
  } catch (error) {
    if (error instanceof Refusal && isCut(bytes)) throw new Refusal("the file is cut short");
    throw error;
  }
}

/** The index of the first blank line at or after `from`, or -1. */
const blankFrom = (bytes, from) =>
  bytes.findIndex((byte, at) => at >= from && byte === BLANK[0] && bytes[at + 1] === BLANK[1]);

/** Whether a tlog-proof ends before a signature line of its checkpoint is whole. */
export function isCutProof(bytes) {
  const first = blankFrom(bytes, 0);
  const second = first < 0 ? -1 : blankFrom(bytes, first + 2);
  return second < 0 || second + 2 >= bytes.length || bytes.at(-1) !== BLANK[0];
}
