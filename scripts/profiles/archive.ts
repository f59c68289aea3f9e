/** Packages as the world has them: tar in gzip. Read here for what a set defines; written for those that have to be made from a checkout. The service reads its own (src/core/fhir/packages), hostile ones too: here nobody is. */
import { readFileSync } from "node:fs";
import { gunzipSync, gzipSync } from "node:zlib";
import type { Plain } from "./plain.ts";
import { plainOf } from "./plain.ts";

const BLOCK = 512;

/** The files of an archive. */
export function* filesIn(archive: string): Generator<{ readonly path: string; readonly bytes: Buffer }> {
  const bytes = gunzipSync(readFileSync(archive));
  let longName: string | undefined;
  for (let at = 0; at + BLOCK <= bytes.length && bytes[at] !== 0;) {
    const header = bytes.subarray(at, at + BLOCK);
    const size = Number.parseInt(header.toString("latin1", 124, 136).replace(/\0.*$/, "").trim() || "0", 8);
    const kind = String.fromCharCode(header[156] ?? 0);
    const content = bytes.subarray(at + BLOCK, at + BLOCK + size);
    at += BLOCK + Math.ceil(size / BLOCK) * BLOCK;
    if (kind === "L") longName = text(content);
    else if (kind === "x") longName = /\d+ path=([^\n]*)\n/.exec(content.toString("utf8"))?.[1] ?? longName;
    else {
      const prefix = text(header.subarray(345, 500));
      const path = longName ?? `${prefix && header.toString("latin1", 257, 262) === "ustar" ? `${prefix}/` : ""}${text(header.subarray(0, 100))}`;
      longName = undefined;
      if (kind === "0" || kind === "\0") yield { path: path.replace(/^\.\//, ""), bytes: content };
    }
  }
}

function text(bytes: Buffer): string {
  const end = bytes.indexOf(0);
  return bytes.toString("utf8", 0, end < 0 ? undefined : end);
}

const KINDS: ReadonlySet<unknown> = new Set(["StructureDefinition", "ValueSet", "CodeSystem", "ConceptMap"]);

export function isDefinition(plain: Plain): boolean {
  return KINDS.has(plain["resourceType"]);
}

/** The definitions of an archive, in JSON or XML; what can't be read is left out. */
export function* definitionsIn(archive: string): Generator<Plain> {
  for (const { path, bytes } of filesIn(archive)) {
    if (!/\.(?:json|xml)$/.test(path) || /\/(?:example|examples|other|openapi)\/|\/\.|package\.json$/.test(path)) continue;
    try {
      const plain = plainOf(bytes, path);
      if (isDefinition(plain)) yield plain;
    } catch {
      // examples of other versions, and what is no resource
    }
  }
}

/** What stands in an archive's package.json. */
export function manifestOf(archive: string): Readonly<Record<string, unknown>> {
  for (const { path, bytes } of filesIn(archive)) if (path === "package/package.json") return JSON.parse(bytes.toString("utf8")) as Plain;
  return {};
}

/** What an archive's package.json depends on: versions by name. */
export function dependenciesOf(archive: string): Readonly<Record<string, string>> {
  return (manifestOf(archive)["dependencies"] as Readonly<Record<string, string>> | undefined) ?? {};
}

/** An archive of resources, as npm packs them. */
export function packed(manifest: { readonly name: string; readonly version: string } & Plain, resources: readonly Plain[]): Buffer {
  const files = [
    { name: "package/package.json", body: manifest },
    ...resources.map((resource) => ({
      name: `package/${String(resource["resourceType"])}-${String(resource["id"])}.json`.slice(0, 99),
      body: resource,
    })),
  ];
  const blocks = files.flatMap(({ name, body }) => {
    const bytes = Buffer.from(JSON.stringify(body));
    return [headerOf(name, bytes.length), bytes, Buffer.alloc((BLOCK - (bytes.length % BLOCK)) % BLOCK)];
  });
  return gzipSync(Buffer.concat([...blocks, Buffer.alloc(2 * BLOCK)]));
}

function headerOf(name: string, size: number): Buffer {
  const header = Buffer.alloc(BLOCK);
  header.write(name, 0);
  header.write("0000644\0", 100);
  header.write("0000000\0", 108);
  header.write("0000000\0", 116);
  header.write(`${size.toString(8).padStart(11, "0")}\0`, 124);
  header.write("00000000000\0", 136);
  header.write("        ", 148);
  header.write("0", 156);
  header.write("ustar\x0000", 257);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
  return header;
}
