/**
 * A compiled set: definitions of packages, stripped and each with its snapshot, in one file that is read into memory as it is, and shared by threads. It is made again whenever it is wanted, so its form
 * may change with each version of the program; nothing else reads it.
 *
 * Three parts: a line of JSON (`Head`), a line of JSON that says where each definition stands (`Index`), and the definitions, each as a line of JSON. A definition is parsed when it is first asked for.
 */
import { crc32 } from "node:zlib";
import { AppError } from "../../errors.ts";
import type { Origin } from "../conformance/conformance.ts";
import type { StructureDefinition } from "../conformance/structure-definition.ts";
import type { CodeSystem, ValueSet } from "../conformance/terminology-resources.ts";

/** Names the form alone, for whoever reads it. What is stripped or made of a definition tells by the key (`compiledBy`): what other code made is made anew. */
export const COMPILED_FORM = "chartulary-compiled-set/2";

/** What is known of a package besides its definitions. */
export interface PackageFacts extends Origin {
  /** As its package.json says them: versions may be `5.0.x`. Without R4 itself. */
  readonly dependencies: readonly Origin[];
  readonly title?: string;
  /** An SPDX expression or words. */
  readonly license?: string;
}

/** R4 itself: it comes with the program, and every package stands upon it. */
export const R4_CORE: PackageFacts = { name: "hl7.fhir.r4.core", version: "4.0.1", dependencies: [], title: "FHIR R4", license: "CC0-1.0" };

/** The definitions by what they are. */
export interface KindOf {
  readonly StructureDefinition: StructureDefinition;
  readonly ValueSet: ValueSet;
  readonly CodeSystem: CodeSystem;
}

export type DefinitionKind = keyof KindOf;

/** A definition on its way into a set. */
export type SetDefinition = {
  readonly [Kind in DefinitionKind]: { readonly kind: Kind; readonly resource: KindOf[Kind]; readonly origin: Origin };
}[DefinitionKind];

/** A profile that can't be used, and why: in words. */
export interface Unusable extends Origin {
  readonly canonical: string;
  readonly why: string;
}

export interface SetParts {
  /** Names what it is made of and by: whoever reads it asks for one of this name. */
  readonly key: string;
  readonly packages: readonly PackageFacts[];
  readonly definitions: Iterable<SetDefinition>;
  readonly unusable?: readonly Unusable[];
}

/** Where a definition stands. */
export interface SetEntry {
  readonly kind: DefinitionKind;
  /** Of a supplement the system that it supplements. */
  readonly url: string;
  readonly isSupplement: boolean;
  readonly version: string | undefined;
  readonly origin: PackageFacts;
  readonly start: number;
  readonly length: number;
}

export interface CompiledSet {
  readonly packages: readonly PackageFacts[];
  readonly unusable: readonly Unusable[];
  readonly entries: readonly SetEntry[];
  /** Parses the definition of an entry of this set: a new object at each call. */
  readonly read: (entry: SetEntry) => KindOf[DefinitionKind];
  /** Its size in memory. */
  readonly bytes: number;
}

interface Head {
  readonly form: string;
  readonly key: string;
  /** Bytes of the line that follows, without its end. */
  readonly index: number;
  /** Bytes behind the first line, and their CRC-32. */
  readonly bytes: number;
  readonly crc32: number;
}

type Row = readonly [url: string, version: string | null, origin: number, start: number, length: number];

interface Index {
  readonly packages: readonly PackageFacts[];
  readonly unusable: readonly Unusable[];
  readonly rows: Readonly<Record<DefinitionKind | "supplement", readonly Row[]>>;
}

/** The bytes of a compiled set: the same for the same parts. Of two definitions of a package with the same canonical and version the first stands. */
export function writeCompiledSet({ key, packages, definitions, unusable = [] }: SetParts): Uint8Array<ArrayBuffer> {
  const rows: Record<keyof Index["rows"], Row[]> = { StructureDefinition: [], ValueSet: [], CodeSystem: [], supplement: [] };
  const places = new Map(packages.map((one, at) => [nameOf(one), at]));
  const seen = new Set<string>();
  const lines: Buffer[] = [];
  let start = 0;
  for (const { kind, resource, origin } of definitions) {
    const supplemented = supplementedBy(kind, resource);
    const called = JSON.stringify([kind, resource.url, resource.version, nameOf(origin)]);
    const at = places.get(nameOf(origin));
    if (at === undefined) throw new AppError("internal", `${nameOf(origin)} is not of the set`);
    if (seen.has(called)) continue;
    seen.add(called);
    const line = Buffer.from(`${JSON.stringify(resource)}\n`);
    rows[supplemented === undefined ? kind : "supplement"].push([supplemented ?? resource.url, resource.version ?? null, at, start, line.length - 1]);
    lines.push(line);
    start += line.length;
  }
  const index = Buffer.from(`${JSON.stringify({ packages, unusable, rows } satisfies Index)}\n`);
  const rest = Buffer.concat([index, ...lines]);
  const head: Head = { form: COMPILED_FORM, key, index: index.length - 1, bytes: rest.length, crc32: crc32(rest) };
  return new Uint8Array(Buffer.concat([Buffer.from(`${JSON.stringify(head)}\n`), rest]));
}

/** Longer than the first line of any. */
const HEAD_BYTES = 1000;

/**
 * Reads one from memory, which is kept and must not change.
 * @param bytes may be shared by threads
 * @param key what it must be made of; not asked where it comes with the program
 * @throws AppError `damaged` where it is another's, of another form, or not whole
 */
export function readCompiledSet(bytes: Uint8Array, key?: string): CompiledSet {
  const memory = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const headEnd = memory.subarray(0, HEAD_BYTES).indexOf(10);
  const head = (headEnd < 0 ? undefined : parsed(memory.toString("utf8", 0, headEnd))) as Head | undefined;
  if (head?.form !== COMPILED_FORM) throw new AppError("damaged", "it is no compiled set of this version of the program");
  if (key !== undefined && head.key !== key) throw new AppError("damaged", "it is made of something else");
  const rest = memory.subarray(headEnd + 1);
  if (rest.length !== head.bytes || crc32(rest) !== head.crc32) throw new AppError("damaged", "it is not as it was written");
  const index = (rest[head.index] === 10 ? parsed(rest.toString("utf8", 0, head.index)) : undefined) as Index | undefined;
  if (index === undefined) throw new AppError("damaged", "its index cannot be read");
  const from = headEnd + 1 + head.index + 1;
  const { packages, unusable, rows } = index;
  const entriesOf = (kind: DefinitionKind, some: readonly Row[], isSupplement = false): SetEntry[] =>
    some.map(([url, version, at, start, length]) => ({
      ...{ kind, url, isSupplement, version: version ?? undefined, origin: packages[at] ?? R4_CORE, start: from + start, length },
    }));
  return {
    packages,
    unusable,
    entries: [
      ...entriesOf("StructureDefinition", rows.StructureDefinition),
      ...entriesOf("ValueSet", rows.ValueSet),
      ...entriesOf("CodeSystem", rows.CodeSystem),
      ...entriesOf("CodeSystem", rows.supplement, true),
    ],
    read: ({ start, length }) => JSON.parse(memory.toString("utf8", start, start + length)) as KindOf[DefinitionKind],
    bytes: memory.length,
  };
}

/** The system that a supplement supplements; undefined for what is none. */
export function supplementedBy(kind: DefinitionKind, resource: KindOf[DefinitionKind]): string | undefined {
  if (kind !== "CodeSystem") return undefined;
  const { content, supplements = "" } = resource as CodeSystem;
  return content === "supplement" ? supplements.replace(/\|.*$/s, "") : undefined;
}

/** `hl7.fhir.uv.ips#1.1.0`: a package by name and version. */
export function nameOf({ name, version }: Origin): string {
  return `${name}#${version}`;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
