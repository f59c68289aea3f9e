/** Tables in docs/design that say which item of a checklist is held by which test. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** A test that is named: its file below test/http/fhir, and its title. */
export interface NamedTest {
  readonly file: string;
  readonly title: string;
}

export interface HeldItem {
  readonly item: number;
  readonly kind: string;
  readonly named: readonly NamedTest[];
}

export function pageText(name: string): string {
  return readFileSync(join(ROOT, "docs/design", name), "utf8");
}

export function namedIn(text: string): NamedTest[] {
  return [...text.matchAll(/`([\w./-]+)` › \*([^*]+)\*/g)].map(([, file = "", title = ""]) => ({ file, title }));
}

/** The rows of a page's table. */
export function heldItems(page: string): HeldItem[] {
  return [...page.matchAll(/^\| (\d+) \| ([RSso]) \| (.+) \| (.+) \|$/gm)].map(([, item, kind = "", , tests = ""]) => ({
    ...{ item: Number(item), kind },
    named: namedIn(tests),
  }));
}

/** The text of a test file; empty when there is none. */
export function testSource(file: string): string {
  const path = join(ROOT, "test/http/fhir", `${file}.test.ts`);
  return existsSync(path) ? readFileSync(path, "utf8") : "";
}

/** Whether a test of that title is there. */
export function isThere({ file, title }: NamedTest): boolean {
  const source = testSource(file);
  // The name of a case may be followed by which metadata it is about.
  return ['"', "'", "`"].some((mark) => source.includes(`${mark}${title}${mark}`)) || source.includes(`"${title},`);
}
