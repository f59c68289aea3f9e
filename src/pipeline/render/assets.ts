import { createHash } from "node:crypto";
import { templateFile } from "./template-files.ts";

/** A file that pages link to. Its path names its content, so it may be kept by browsers for ever. */
export interface Asset {
  readonly body: string;
  readonly contentType: string;
}

/** The files that pages link to, by the path of their URL (`/assets/...`). */
export function assets(): ReadonlyMap<string, Asset> {
  return new Map([[screenStylesheetPath(), { body: screenStyles(), contentType: "text/css; charset=utf-8" }]]);
}

/** Where the styles of every page on a screen are found. */
export function screenStylesheetPath(): string {
  return `/assets/${createHash("sha256").update(screenStyles()).digest("hex").slice(0, 16)}.css`;
}

/** Everything that the page for the PDF needs, to stand in its head. */
export function printStyles(): string {
  return [kept("base"), kept("document"), kept("narrative"), kept("print")].join("\n");
}

/** With those of paper, for when a page is printed from the browser. */
function screenStyles(): string {
  return [kept("base"), kept("document"), kept("narrative"), kept("pages"), `@media print {\n${kept("print")}\n}`].join("\n");
}

/** The files never change while the program runs. */
const FILES = new Map<string, string>();

function kept(name: string): string {
  const file = FILES.get(name) ?? templateFile(`styles/${name}.css`);
  FILES.set(name, file);
  return file;
}
