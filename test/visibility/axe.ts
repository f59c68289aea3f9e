/** Asks axe-core (WCAG 2.2 AA and its best practices) what is wrong with a page that is open. Contrast of the author's words within the frame is the visibility harness's. */
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import type { Page } from "puppeteer-core";

const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

/** What is the author's alone to say: their colours, heads of columns that they left empty, definitions that they gave no term. */
const THEIRS: ReadonlySet<string> = new Set(["color-contrast", "empty-table-header", "definition-list"]);

interface Violation {
  readonly id: string;
  readonly nodes: readonly { readonly html: string; readonly isTheirs: boolean; readonly any: readonly { readonly message: string }[] }[];
}

const source = (): Promise<string> => readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** A line for each violation: rule, element, message. What is folded is unfolded before. */
export async function axeFindings(page: Page): Promise<string[]> {
  await page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })");
  if (!(await page.evaluate("typeof axe === 'object'"))) await page.evaluate(await source());
  const found = (await page.evaluate(
    `axe.run(document, { resultTypes: ["violations"], runOnly: ${JSON.stringify(TAGS)} }).then(({ violations }) => violations.map(({ id, nodes }) => ({
      id,
      nodes: nodes.map(({ html, any, target }) => ({ html, any, isTheirs: document.querySelector(target[0])?.closest(".narrative") !== null })),
    })))`,
  )) as Violation[];
  return found.flatMap(({ id, nodes }) =>
    nodes
      .filter(({ isTheirs }) => !(isTheirs && THEIRS.has(id)))
      .map(({ html, any }) => `${id}: ${html.slice(0, 160)} ${any[0]?.message.slice(0, 160) ?? ""}`),
  );
}
