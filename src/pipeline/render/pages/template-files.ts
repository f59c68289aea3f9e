import { readFileSync } from "node:fs";

/** A file of the `templates` folder. It lies at the same place from the sources and from the built package. */
export function templateFile(path: string): string {
  return readFileSync(new URL(`../../../../templates/${path}`, import.meta.url), "utf8");
}
