/**
 * `node scripts/profiles/make-package.ts --name hl7.terminology.r4 --version 7.3.0 --out FILE.tgz FOLDER…`: a package of what a checkout defines in JSON or XML below folders, for guides that are
 * published as sources only (UK Core, Australia's, HL7's terminology). What is no R4 is left out and counted. Later folders don't replace what earlier ones define.
 */
import { readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { isDefinition, packed } from "./archive.ts";
import { readPlain, resourcesIn, type Plain } from "./plain.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    name: { type: "string" },
    version: { type: "string" },
    out: { type: "string" },
    /** `name#version` */
    dependency: { type: "string", multiple: true, default: [] },
  },
});
const { name, version, out } = values;
if (name === undefined || version === undefined || out === undefined) throw new Error("--name, --version and --out are needed.");

const resources = new Map<string, Plain>();
let unread = 0;
for (const file of positionals.flatMap(filesOf)) {
  try {
    for (const plain of resourcesIn(readPlain(file))) {
      const { id, url } = plain;
      const key = `${String(plain["resourceType"])} ${String(url)} ${String(plain["version"])}`;
      if (isDefinition(plain) && typeof url === "string" && !resources.has(key)) resources.set(key, { ...plain, id: id ?? url.split("/").at(-1) });
    }
  } catch {
    unread++;
  }
}
const dependencies = Object.fromEntries([["hl7.fhir.r4.core", "4.0.1"], ...values.dependency.map((one) => one.split("#"))]) as Record<string, string>;
const archive = packed({ name, version, fhirVersions: ["4.0.1"], dependencies }, [...resources.values()].map(withoutText));
writeFileSync(out, archive);
console.log(`${out}: ${resources.size} definitions, ${archive.length} bytes; ${unread} files not read.`);

function filesOf(path: string): string[] {
  if (statSync(path).isFile()) return [path];
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(?:json|xml)$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

function withoutText(plain: Plain): Plain {
  return Object.fromEntries(Object.entries(plain).filter(([property]) => property !== "text"));
}
