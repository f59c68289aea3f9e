/** Held against jsdom's own answers, of trees and selectors that are put together by chance. */
import { expect, test } from "@jest/globals";
import { parse } from "css-tree";
import { JSDOM } from "jsdom";
import { readXhtml } from "../../../../../src/core/fhir/xml/xhtml.ts";
import { nodeOf, type StyledNode } from "../../../../../src/pipeline/render/narrative/stylesheets/nodes.ts";
import { readCss } from "../../../../../src/pipeline/render/narrative/stylesheets/read-css.ts";
import { compileSelector, type SelectorReading } from "../../../../../src/pipeline/render/narrative/stylesheets/selectors.ts";

const ROUNDS = 150;

/** Numbers that are the same each time (mulberry32). */
function chance(seed: number): <Item>(items: readonly Item[]) => Item {
  let state = seed;
  return (items) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    const item = items[((mixed ^ (mixed >>> 14)) >>> 0) % items.length];
    if (item === undefined) throw new Error("nothing to take from");
    return item;
  };
}

type Take = ReturnType<typeof chance>;

const NAMES = ["p", "span", "b", "ul", "li"];
const SIMPLE = [
  ...[
    "*",
    "p",
    "B",
    "span",
    "li",
    ".k",
    ".l",
    ".K",
    "#i",
    "#\\69 ",
    "[title]",
    "[title=a]",
    '[title="A" i]',
    "[class~=k]",
    "[lang|=de]",
    "[title^=a]",
    "[title$=b]",
    "[title*=a]",
  ],
  ...[
    ":first-child",
    ":last-child",
    ":only-child",
    ":first-of-type",
    ":last-of-type",
    ":only-of-type",
    ":nth-child(2n+1)",
    ":nth-child(even)",
    ":nth-child(odd)",
  ],
  ...[
    ":nth-child(-n+2)",
    ":nth-last-child(2)",
    ":nth-of-type(2n)",
    ":nth-last-of-type(n+2)",
    ":nth-child(3n-1)",
    ":not(.k)",
    ":not(p, .l)",
    ":is(p, b.k)",
    ":where(.k > b)",
    ":not(:is(p span))",
  ],
];

function tree(take: Take, depth: number): string {
  const attributes = take(["", "", ' class="k"', ' class="l k"', ' id="i"', ' title="a"', ' title="ab"', ' lang="de-CH"', ' lang="de"']);
  const name = take(NAMES);
  const children = depth === 0 ? "" : Array.from({ length: take([0, 1, 2, 3]) }, () => tree(take, depth - 1)).join(take(["", " ", "x"]));
  return `<${name}${attributes}>${children}</${name}>`;
}

function selector(take: Take): string {
  const compound = (): string => {
    const first = take(SIMPLE);
    const more = take(SIMPLE);
    return take([true, false]) || !/^[.#[:]/.test(more) || first.endsWith(" ") ? first : first + more;
  };
  return Array.from({ length: take([1, 1, 2, 3]) }, compound).join(take([" ", " > ", " + ", " ~ "]));
}

async function compiled(text: string): Promise<SelectorReading> {
  const read = await readCss(`${text} { color: red }`, "screen");
  return read?.rules[0]?.selector ?? { unknown: read?.leftOut.join() ?? "not read" };
}

function nodesOf(node: StyledNode): StyledNode[] {
  return [node, ...node.children.flatMap(nodesOf)];
}

test("selectors find what a browser's do", async () => {
  const take = chance(20261128);
  let found = 0;
  for (let round = 0; round < ROUNDS; round += 1) {
    const content = `<div>${tree(take, 4)}${tree(take, 3)}</div>`;
    const text = selector(take);
    const { root } = readXhtml(content.replace("<div>", '<div xmlns="http://www.w3.org/1999/xhtml">'));
    if (!root) throw new Error("no tree");
    const { window } = new JSDOM(content.replace("<div>", '<html xmlns="http://www.w3.org/1999/xhtml"><body><div>').replace(/$/, "</body></html>"), {
      contentType: "application/xhtml+xml",
    });
    const theirs = Array.from(window.document.querySelectorAll("body *"));
    const ours = nodesOf(nodeOf(root));
    expect(ours.map(({ name }) => name)).toEqual(theirs.map(({ localName }) => localName));
    const reading = await compiled(text);
    if (!("matches" in reading)) throw new Error(`${text}: ${"unknown" in reading ? reading.unknown : "never"}`);
    const answers = ours.map((node) => reading.matches(node, { left: 1e9 }));
    // In XHTML names keep their case; in ours, which becomes HTML, they have none.
    expect([text, content, answers]).toEqual([text, content, theirs.map((element) => element.matches(text.replaceAll("B", "b")))]);
    found += answers.filter(Boolean).length;
  }
  expect(found).toBeGreaterThan(ROUNDS);
});

test("what counts more is told by ids, classes and names", async () => {
  for (const [text, specificity] of [
    ["*", [0, 0, 0]],
    ["p", [0, 0, 1]],
    ["ul li > a.x:first-child", [0, 2, 3]],
    ["#a .b[c]", [1, 2, 0]],
    [":is(#a, .b) p", [1, 0, 1]],
    [":not(.b, p)", [0, 1, 0]],
    [":where(#a) p", [0, 0, 1]],
  ] as const)
    expect([text, await compiled(text)]).toEqual([text, expect.objectContaining({ specificity })]);
});

test("what depends on the reader's doings never holds; what is not answered is named", () => {
  const readingOf = (text: string): SelectorReading => {
    const list = parse(text, { context: "selector" });
    if (list.type !== "Selector") throw new Error(list.type);
    return compileSelector(list);
  };
  expect(readingOf("a:hover")).toEqual({ never: true });
  expect(readingOf("a:is(:hover, :visited)")).toEqual(expect.objectContaining({ key: "a" }));
  expect(readingOf("p:has(b)")).toEqual({ unknown: ":has" });
  expect(readingOf("> p")).toEqual({ unknown: ">" });
  expect(readingOf(`${":is(".repeat(12)}p${")".repeat(12)}`)).toEqual({ unknown: ":is" });
});
