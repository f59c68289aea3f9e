/**
 * Reads an archive of a FHIR package (a gzipped tar; R4 and later, https://hl7.org/fhir/packages.html), as the world has them: names with `./` before them or without, a folder that is named otherwise than
 * `package`, no index, files that are no JSON or no resource. An operator chose it and somebody else made it: what is hostile in it is refused, and nothing of it is ever written to a disk under a name that it gives.
 */
import { Readable, type Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { extract, type ExtractEvents, type Header } from "tar-stream";
import { AppError } from "../../errors.ts";
import type { DefinitionKind, KindOf, PackageFacts, SetDefinition } from "./compiled-set.ts";
import { isFields, textOf, type Fields } from "./fields.ts";
import { packageFacts } from "./package-facts.ts";
import { strippedStructureDefinition } from "./strip-structure-definition.ts";
import { strippedCodeSystem, strippedValueSet } from "./strip-terminology.ts";

/** How much an archive may hold. The largest that is published (value sets of one country) has a third of it. */
export interface ArchiveLimits {
  /** Bytes of all files together, unpacked, with the tar's own. */
  readonly bytes: number;
  /** Bytes of one file of JSON. */
  readonly fileBytes: number;
  readonly files: number;
}

export const ARCHIVE_LIMITS: ArchiveLimits = { bytes: 512 * 2 ** 20, fileBytes: 64 * 2 ** 20, files: 50_000 };

type Source = ExtractEvents["entry"][1];

/** A package as it was read. */
export interface ReadPackage {
  readonly facts: PackageFacts;
  readonly definitions: readonly SetDefinition[];
  /** Files of the package that were passed over, and why: in words. */
  readonly passedOver: readonly { readonly file: string; readonly why: string }[];
}

/** A definition before it is known which package it is of. */
interface Found {
  readonly kind: DefinitionKind;
  readonly resource: KindOf[DefinitionKind];
}

/** What is in one folder of the archive. */
interface Folder {
  about: Fields | undefined;
  readonly found: Found[];
  readonly passedOver: { readonly file: string; readonly why: string }[];
}

/**
 * @param packed the archive's bytes
 * @throws AppError `malformed` for what is no such archive, or hostile; `too-large` beyond the limits; `unsupported` for a package that is of another FHIR than R4
 */
export async function readArchive(packed: Uint8Array, limits: ArchiveLimits = ARCHIVE_LIMITS): Promise<ReadPackage> {
  const folders = await foldersOf(packed, limits);
  const candidates = [...folders].filter(([, { about }]) => about !== undefined);
  const [folder] = (
    candidates.find(([name]) => name === "package") ??
    candidates.toSorted(([one], [other]) => one.length - other.length)[0] ??
    []
  ).slice(1) as [Folder?];
  if (folder?.about === undefined) throw new AppError("malformed", "it is no FHIR package: there is no package.json in it");
  const facts = packageFacts(folder.about);
  const { name, version } = facts;
  const definitions = folder.found.map((one) => ({ ...one, origin: { name, version } }) as SetDefinition);
  return { facts, definitions, passedOver: folder.passedOver };
}

async function foldersOf(packed: Uint8Array, limits: ArchiveLimits): Promise<ReadonlyMap<string, Folder>> {
  const folders = new Map<string, Folder>();
  const tar = extract();
  let files = 0;
  let failure: unknown;
  tar.on("entry", (header, source, next) => {
    // What ends the archive ends the file that is being read as well: it is told once, by the archive, and is no error that nobody waits for.
    source.on("error", () => undefined);
    files += 1;
    if (files > limits.files) return next(new AppError("too-large", `there are more than ${limits.files} files in it`));
    takeEntry(header, source, limits, folders).then(
      () => next(),
      (error: unknown) => next(error as Error),
    );
  });
  const unzip = createGunzip({ chunkSize: 2 ** 18 });
  let bytes = 0;
  try {
    await pipeline(
      Readable.from([packed], { objectMode: false }),
      unzip,
      async function* (pieces: AsyncIterable<Uint8Array>) {
        for await (const piece of pieces) {
          bytes += piece.length;
          if (bytes > limits.bytes) throw new AppError("too-large", `there are more than ${limits.bytes} bytes in it, unpacked`);
          yield piece;
        }
      },
      tar as unknown as Writable,
    );
  } catch (error) {
    failure = error;
  }
  if (failure instanceof AppError) throw failure;
  if (failure !== undefined)
    throw new AppError("malformed", `it is no gzipped tar archive, or not whole (${(failure as Error).message})`, { cause: failure });
  // Node passes over what follows a zero behind the last member; zeros alone are a tape's.
  if (packed.subarray(unzip.bytesWritten).some((byte) => byte !== 0)) throw new AppError("malformed", "there is something behind the end of it");
  return folders;
}

async function takeEntry(header: Header, source: Source, limits: ArchiveLimits, folders: Map<string, Folder>): Promise<void> {
  const parts = partsOf(header.name);
  if (header.type === "directory") return discard(source);
  if (header.type !== "file" && header.type !== "contiguous-file")
    throw new AppError("malformed", `${told(header.name)} in it is a ${(header.type as string | null) ?? "thing of unknown kind"}, not a file`);
  const file = parts.at(-1) ?? "";
  if (parts.length > 2 || !/\.json$/i.test(file) || file.startsWith(".")) return discard(source);
  if (header.size > limits.fileBytes) throw new AppError("too-large", `${told(header.name)} in it has more than ${limits.fileBytes} bytes`);
  const pieces: Uint8Array[] = [];
  for await (const piece of source as AsyncIterable<Uint8Array>) pieces.push(piece);
  const name = parts.slice(0, -1).join("/");
  const folder: Folder = folders.get(name) ?? { about: undefined, found: [], passedOver: [] };
  folders.set(name, folder);
  takeFile(file, Buffer.concat(pieces).toString("utf8"), folder);
}

/** The names that lead to a file. AppError `malformed` where they lead out of the archive. */
function partsOf(name: string): string[] {
  const parts = name.split("/").filter((part) => part !== "" && part !== ".");
  if (name.startsWith("/") || /[\\\0]|^[A-Za-z]:/.test(name) || parts.includes(".."))
    throw new AppError("malformed", `${told(name)} in it leads out of it`);
  return parts;
}

async function discard(source: Source): Promise<void> {
  for await (const _ of source as AsyncIterable<Uint8Array>);
}

function takeFile(file: string, text: string, folder: Folder): void {
  const passOver = (why: string): void => void folder.passedOver.push({ file: told(file), why });
  let content: unknown;
  try {
    content = JSON.parse(text.replace(/^\uFEFF/, ""));
  } catch {
    return passOver("it is no JSON");
  }
  if (!isFields(content)) return passOver("it is no resource");
  if (file === "package.json") folder.about = content;
  const kind = textOf(content["resourceType"]);
  if (kind === "StructureDefinition") {
    // A type of its own, or a model: no resource of R4 can be held against it, and none may take the place of R4's.
    if (content["derivation"] !== "constraint" || content["kind"] === "logical") return;
    const resource = strippedStructureDefinition(content);
    if (resource === undefined) return passOver("it lacks url, type or kind");
    folder.found.push({ kind, resource });
  } else if (kind === "CodeSystem" || kind === "ValueSet") {
    const resource = kind === "CodeSystem" ? strippedCodeSystem(content) : strippedValueSet(content);
    if (resource === undefined) return passOver(kind === "CodeSystem" ? "it lacks url or content" : "it lacks url");
    folder.found.push({ kind, resource });
  }
}

/** A name that a stranger gave, as it may be shown. */
function told(name: string): string {
  return JSON.stringify(name.slice(0, 200)).slice(1, -1);
}
