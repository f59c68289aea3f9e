/** What a browser would be given of the program, and what of it a browser does not have. */
import { readFileSync } from "node:fs";
import path from "node:path";
import ts from "typescript";
import { PROJECT_ROOT } from "../journeys/support/service.ts";
import type { SourceFile } from "./source-files.ts";

/** A file with its text, for what `parse` does not tell. */
export interface TextFile extends SourceFile {
  readonly text: string;
}

/** The packages that go into a page, each because its readers run there too. */
const FOR_BROWSERS = /^(@noble\/(curves|hashes)\/|jose$|saxes$)/;

const NODE_GLOBALS = new Set(["Buffer", "process", "require", "module", "global", "NodeJS", "setImmediate", "__dirname", "__filename"]);

/** What stands in the place of what in a bundle for browsers: `browser` of package.json, by names below `src`. */
export function replacedInBrowsers(): ReadonlyMap<string, string> {
  const { browser } = JSON.parse(readFileSync(`${PROJECT_ROOT}package.json`, "utf8")) as { readonly browser: Readonly<Record<string, string>> };
  const named = (file: string): string => path.posix.relative("src", file);
  return new Map(Object.entries(browser).filter(([file]) => file.startsWith("./src/")).map(([file, other]) => [named(file), named(other)])); // prettier-ignore
}

/** The files that are there at run time when these are bundled, themselves included. */
export function bundled(entries: readonly string[], files: readonly TextFile[], replaced: ReadonlyMap<string, string>): TextFile[] {
  const byName = new Map(files.map((file) => [file.name, file]));
  const found = new Map<string, TextFile>();
  const pending = [...entries];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const name = replaced.get(next) ?? next;
    const file = byName.get(name);
    if (file === undefined || found.has(name)) continue;
    found.set(name, file);
    pending.push(...file.imports.filter((one) => !one.isPackage && !one.isTypeOnly).map(({ target }) => target));
  }
  return [...found.values()];
}

/** What a file takes that a browser does not have: Node's modules (their types too), its globals, packages that are not made for browsers. */
export function breachesOfBrowsers(file: TextFile): string[] {
  const imports = file.imports
    .filter((one) => one.isPackage && !FOR_BROWSERS.test(one.target))
    .map((one) => `${file.name}:${one.line} ${one.target}`);
  return [...imports, ...globalsIn(file).map((what) => `${file.name}:${what}`)];
}

function globalsIn({ name, text }: TextFile): string[] {
  const found: string[] = [];
  const source = ts.createSourceFile(name, text, ts.ScriptTarget.Latest, true);
  const visit = (node: ts.Node): void => {
    if (ts.isIdentifier(node) && NODE_GLOBALS.has(node.text) && !isName(node))
      found.push(`${source.getLineAndCharacterOfPosition(node.getStart()).line + 1} ${node.text}`);
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

/** Whether it only names a property: `left.process`, `{ process: 1 }`. */
function isName(node: ts.Identifier): boolean {
  const { parent } = node;
  if (ts.isPropertyAccessExpression(parent)) return parent.name === node && parent.expression.getText() !== "globalThis";
  return (ts.isPropertyAssignment(parent) || ts.isPropertySignature(parent) || ts.isPropertyDeclaration(parent)) && parent.name === node;
}
