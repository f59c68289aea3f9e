import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import type { Held, Origin } from "../../src/core/fhir/conformance/conformance.ts";
import type { StructureDefinition } from "../../src/core/fhir/conformance/structure-definition.ts";

/** A package with its StructureDefinitions as they are published. */
export interface PublishedPackage extends Origin {
  readonly dependencies: Readonly<Record<string, string>>;
  readonly definitions: readonly StructureDefinition[];
}

/** The packages of archives, of folders of archives, and of an unpacked package (a folder with a package.json). What can't be read is told. */
export function readPackages(paths: readonly string[], tell: (line: string) => void): PublishedPackage[] {
  return paths.flatMap((path) => {
    if (!statSync(path).isDirectory()) return packageOf(path, [...filesOfArchive(readFileSync(path))], tell);
    const names = readdirSync(path);
    if (names.includes("package.json")) {
      const files = names.filter((name) => name.endsWith(".json")).map((name) => ({ name, text: readFileSync(join(path, name), "utf8") }));
      return packageOf(path, files, tell);
    }
    const inner = names.filter((name) => name.endsWith(".tgz") || statSync(join(path, name)).isDirectory());
    return readPackages(
      inner.map((name) => join(path, name)),
      tell,
    );
  });
}

interface File {
  readonly name: string;
  readonly text: string;
}

/** JSON files of a tar archive, but examples. */
function* filesOfArchive(gzipped: Buffer): Generator<File> {
  const tar = gunzipSync(gzipped);
  for (let at = 0; at + 512 <= tar.length;) {
    const field = (start: number, length: number): string => tar.toString("utf8", at + start, at + start + length).replace(/\0.*$/s, "");
    const size = Number.parseInt(field(124, 12).trim() || "0", 8);
    const name = field(0, 100);
    if (/\.json$/.test(name) && !/example|\.index|openapi/.test(name))
      yield { name: name.replace(/^.*\//, ""), text: tar.toString("utf8", at + 512, at + 512 + size) };
    at += 512 + Math.ceil(size / 512) * 512;
  }
}

function packageOf(path: string, files: readonly File[], tell: (line: string) => void): PublishedPackage[] {
  const parsed = files.flatMap(({ name, text }) => {
    try {
      return [{ name, content: JSON.parse(text.replace(/^\uFEFF/, "")) as { readonly resourceType?: string } }];
    } catch {
      tell(`${path}: ${name} is not JSON`);
      return [];
    }
  });
  const about = parsed.find(({ name }) => name === "package.json")?.content as Partial<Origin & { dependencies: Record<string, string> }> | undefined;
  if (about?.name === undefined) {
    tell(`${path}: no package.json`);
    return [];
  }
  const definitions = parsed.flatMap(({ content }) =>
    content.resourceType === "StructureDefinition" ? [content as unknown as StructureDefinition] : [],
  );
  return [{ name: about.name, version: about.version ?? "", dependencies: about.dependencies ?? {}, definitions }];
}

/** Finds definitions as a package means them: its own, those of its dependencies, R4's, any. */
export function finderOf(packages: readonly PublishedPackage[]): (canonical: string, from: Origin) => Held<StructureDefinition> | undefined {
  const byUrl = Map.groupBy(
    packages.flatMap((one) => one.definitions.map((resource) => ({ resource, origin: one as Origin }))),
    ({ resource }) => resource.url,
  );
  const closures = new Map<Origin, readonly Origin[]>();
  const closureOf = (from: Origin): readonly Origin[] => {
    let known = closures.get(from);
    if (known !== undefined) return known;
    const all = [from];
    for (const one of all)
      for (const [name, version] of Object.entries((one as PublishedPackage).dependencies)) {
        const named = packages.filter((other) => other.name.toLowerCase() === name.toLowerCase());
        const best =
          named.find((other) => other.version === version) ??
          named.find((other) => other.version.startsWith(version.replace(/x$/, ""))) ??
          named.at(-1);
        if (best !== undefined && !all.includes(best)) all.push(best);
      }
    closures.set(from, (known = all));
    return known;
  };
  return (canonical, from) => {
    const [url = "", version] = canonical.split("|");
    const some = byUrl.get(url) ?? [];
    const exact = version === undefined ? [] : some.filter(({ resource }) => resource.version === version);
    const matching = exact.length > 0 ? exact : some;
    if (matching.length <= 1) return matching[0];
    const closure = closureOf(from);
    return closure.map((origin) => matching.find((one) => one.origin === origin)).find((one) => one !== undefined) ?? matching.at(-1);
  };
}
