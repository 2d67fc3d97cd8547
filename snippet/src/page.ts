/** The page: reading the numbers it prints and writing others in their place, always from what was printed. */

import { numbersIn, rewrite, WRITTEN, type Rule } from "./digits";
import { script } from "./edge";

/** What a text node or attribute held before, and what was put there. Gone with its node. */
interface Memory {
  readonly printed: string;
  readonly shown: string;
}

/** Text nodes that read as one line, or a single attribute: a number may be cut by `<span>` and by React's comments. */
export type Run = Node[];

const INLINE = /^(#[ct]|[abisu]$|bd|em|font|mark|small|str|su[bp]|t?span|wbr)/i;
const KEPT = "head,script,style,textarea,[contenteditable],[data-ringtrace=off],.noswap";
const TEXT = 3;
const SHOW_TEXT = 4;
export const LINK = 'a[href^="tel:" i]';
export const ATTRIBUTES = ["href", "title", "aria-label", "alt"];

/** Any node: what only some of them have is asked for as `?.`. */
type Place = Node & Partial<Pick<Element, "getAttributeNode" | "querySelectorAll" | "shadowRoot">> &
  Partial<Pick<HTMLIFrameElement, "contentDocument">>;

/** A selector of the elements that alone may be swapped. */
const only = script.dataset.only || "*";
const memories = new WeakMap<Node, Memory>();

/** What the page itself says here, whatever we put in its place. */
function printedOf(slot: Node): string {
  const memory = memories.get(slot);
  return memory?.shown === slot.nodeValue ? memory!.printed : slot.nodeValue!;
}

const textOf = (run: Run): string => run.map(printedOf).join("");

/** Whether what is in `element` may be swapped. */
const isOpen = (element: Element | null): unknown =>
  !element || (!element.closest(KEPT) && element.closest(only));

/** The lines of text that are `place`'s own, not of a block inside it. */
function linesOf(place: Node): Run[] {
  let line: Run = [];
  const lines = [line];
  const read = (node: Node): void => {
    if (node.nodeType === TEXT) {
      if (isOpen(node.parentElement)) line.push(node);
    } else if (INLINE.test(node.nodeName)) node.childNodes.forEach(read);
    else lines.push((line = []));
  };
  place.childNodes.forEach(read);
  return lines;
}

/** Every run under `root` that may hold a phone number. Shadow roots and the documents of frames are told to `enterRoot`
 * and read as well.
 *
 * Most of a page holds none: what is done for each node is kept to the least. */
export function runsUnder(root: Place, enterRoot: (root: Node) => void): Run[] {
  const runs: Run[] = [];
  const places = new Set<Node>();
  const walker = document.createTreeWalker(root, SHOW_TEXT);
  for (let text = walker.nextNode(); text; text = walker.nextNode()) {
    if (/\d/.test(text.nodeValue!)) places.add(lineAround(text));
  }
  places.forEach((place) => place.textContent!.match(WRITTEN) && runs.push(...linesOf(place)));
  const elements = (selector: string): Place[] => [root, ...(root.querySelectorAll?.(selector) || [])];
  for (const element of elements("[title],[aria-label],[alt]," + LINK)) {
    ATTRIBUTES.forEach((name, other) => {
      const slot = element.getAttributeNode?.(name);
      if (slot && (other || /^tel:/i.test(slot.value)) && isOpen(element as Element)) runs.push([slot]);
    });
  }
  for (const host of elements("*")) {
    const inner = host.shadowRoot || host.contentDocument;
    if (inner && isOpen(host as Element)) {
      enterRoot(inner);
      runs.push(...runsUnder(inner, enterRoot));
    }
  }
  return runs;
}

/** The nearest place around `node` whose text reads on its own. */
export function lineAround(node: Node): Node {
  while (INLINE.test(node.nodeName) && node.parentNode) node = node.parentNode;
  return node;
}

/** Writes a run as the rules say; with none, as it was printed. */
export function swapRun(run: Run, rules: readonly Rule[]): void {
  const printed = run.map(printedOf);
  const out = rewrite(printed.join(""), rules);
  run.forEach((slot, place) => {
    const shown = out.splice(0, printed[place]!.length).join("");
    if (shown !== slot.nodeValue) {
      slot.nodeValue = shown;
      memories.set(slot, { printed: printed[place]!, shown });
    }
  });
}

/** The digits of the numbers printed in these runs, each once. */
export const numbersOf = (runs: readonly Run[]): string[] => [
  ...new Set(runs.flatMap((run) => numbersIn(textOf(run)))),
];
