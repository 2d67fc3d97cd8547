/** The page: reading the numbers it prints and writing others in their place, always from what was printed. */

import { numbersIn, rewrite, type Rule } from "./digits";

/** What a text node or attribute held before, and what was put there. Gone with its node. */
interface Memory {
  readonly printed: string;
  readonly shown: string;
}

/** Text nodes that read as one line, or a single attribute: a number may be cut by `<span>` and by React's comments. */
export type Run = Node[];

const INLINE = /^(A|B|BDI|BDO|EM|FONT|I|MARK|S|SMALL|SPAN|STRONG|SUB|SUP|U|WBR)$/i;
const KEPT =
  "script,style,textarea,input,[contenteditable]:not([contenteditable=false]),[data-ringtrace=off],.noswap";
const LINK = 'a[href^="tel:" i]';
export const LINK_ATTRIBUTES = ["href", "title", "aria-label"];

const memories = new WeakMap<Node, Memory>();

/** What the page itself says here, whatever we put in its place. */
function printedOf(slot: Node): string {
  const value = slot.nodeValue || "";
  const memory = memories.get(slot);
  return memory?.shown === value ? memory.printed : value;
}

/** Every run under `root` that may be swapped. */
export function runsUnder(root: Element | null): Run[] {
  const runs: Run[] = [];
  let line: Run = [];
  const endLine = (): void => {
    if (line.some((text) => /\d/.test(text.nodeValue || ""))) runs.push(line);
    line = [];
  };
  const enter = (element: Element): void => {
    const inline = INLINE.test(element.tagName);
    if (!inline) endLine();
    if (!element.matches(KEPT)) {
      if (element.matches(LINK)) runs.push(...attributeRuns(element));
      element.childNodes.forEach((child) => {
        if (child instanceof Text) line.push(child);
        else if (child instanceof Element) enter(child);
      });
    }
    if (!inline) endLine();
  };
  if (root && !root.closest(KEPT)) enter(root);
  endLine();
  return runs;
}

function attributeRuns(link: Element): Run[] {
  return LINK_ATTRIBUTES.flatMap((name) => {
    const slot = link.getAttributeNode(name);
    return slot ? [[slot]] : [];
  });
}

/** The nearest element around `node` whose text reads on its own. */
export function lineAround(node: Node): Element | null {
  let element = node instanceof Element ? node : node.parentElement;
  while (element && INLINE.test(element.tagName)) element = element.parentElement;
  return element;
}

/** Writes a run as the rules say; with none, as it was printed. */
export function swapRun(run: Run, rules: readonly Rule[]): void {
  const printed = run.map(printedOf);
  const out = rewrite(printed.join(""), rules);
  let at = 0;
  run.forEach((slot, place) => {
    const own = printed[place] as string;
    const shown = out.slice(at, (at += own.length)).join("");
    if (shown !== slot.nodeValue) {
      slot.nodeValue = shown;
      memories.set(slot, { printed: own, shown });
    }
  });
}

/** The digits of the numbers printed in these runs, each once. */
export function numbersOf(runs: readonly Run[]): string[] {
  return [...new Set(runs.flatMap((run) => numbersIn(run.map(printedOf).join(""))))];
}

/** The `tel:` address an event's target dials, if it is one. */
export function telOf(target: EventTarget | null): string | null {
  return (target instanceof Element && target.closest(LINK)?.getAttribute("href")) || null;
}
