// A consistency proof drawn: how the same hashes lead to the old root and to the new one.
import { hex } from "../verify/bytes.js";

const element = (tag, className, ...inside) => {
  const made = Object.assign(document.createElement(tag), { className });
  made.append(...inside);
  return made;
};

/** A hash, short, whole in its title. */
function hash(bytes) {
  const text = hex(bytes);
  const shown = element("span", "hash", `${text.slice(0, 12)}…${text.slice(-12)}`);
  shown.title = text;
  return shown;
}

/** One way's node: its name and what was reached. */
const way = (of, name, bytes) =>
  element("div", `proof__way proof__way--${of}`, element("span", "small", name), hash(bytes));

function step(state, mark, title, ...inside) {
  const body = element("div", "proof__body", element("span", "proof__title", title), ...inside);
  return element("li", `proof__step ${state}`, element("span", "proof__node", mark), body);
}

/**
 * The climb of `verifyConsistency` between checkpoints `one` and `two`, bottom first. Each step
 * shows the hash that came with the proof and the nodes that it makes; words by `say`.
 */
export function drawnClimb({ start, whole, steps, one, two }, say) {
  const older = say("way_old", { size: one.size });
  const newer = say("way_new", { size: two.size });
  const list = element("ol", "proof");
  if (!steps.length) {
    list.append(step("proof__step--root", "✓", say("climb_same"), hash(one.root)));
    return list;
  }
  list.append(step("proof__step--leaf", "0", say(whole ? "climb_whole" : "climb_start"), hash(start)));
  for (const [place, { of, sibling, before, after }] of steps.entries()) {
    const both = of === "both";
    const nodes = [both && way("old", older, before), way("new", newer, after)].filter(Boolean);
    const title = say(both ? "climb_both" : "climb_new");
    const ways = element("div", "proof__ways", ...nodes);
    list.append(step("", String(place + 1), title, hash(sibling), ways));
  }
  const roots = element("div", "proof__ways", way("old", older, one.root), way("new", newer, two.root));
  list.append(step("proof__step--root", "✓", say("climb_roots"), roots));
  return list;
}
