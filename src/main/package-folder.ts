/** PACKAGES_DIR: its archives, packages.json, and where what is compiled of them is kept. A part of the composition root. */
import { lstat, mkdir, open, readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { AppError } from "../core/errors.ts";
import { sha256 } from "../core/crypto/digest.ts";
import { toHex } from "../core/crypto/bytes.ts";
import { isCode, replaceFile } from "../core/files/durable-files.ts";
import { readArchive, type ReadPackage } from "../core/fhir/packages/archive.ts";
import { nameOf, R4_CORE, type PackageFacts } from "../core/fhir/packages/compiled-set.ts";
import { PINS_FILE, readPins } from "../core/fhir/packages/pins.ts";
import { codeOf } from "./surroundings.ts";

/** Bytes of an archive as it lies there: far more than any that is published has. */
const LARGEST_ARCHIVE = 256 * 2 ** 20;
/** Archives in a folder, whatever sets they are of. */
const MOST_ARCHIVES = 2000;
const LARGEST_PINS = 2 ** 20;

/** An archive that lies there. */
export interface HeldArchive extends PackageFacts {
  /** Its name in the folder. */
  readonly file: string;
  /** SHA-256 of its bytes, as hex. */
  readonly digest: string;
  readonly bytes: number;
}

/** An archive that can't be used, and why. */
export interface BrokenArchive {
  readonly file: string;
  readonly error: AppError;
}

export type Pins = ReturnType<typeof readPins>;

export interface FoundPackages {
  /** In order of name and version. */
  readonly archives: readonly HeldArchive[];
  readonly broken: readonly BrokenArchive[];
  /** Undefined without the file. */
  readonly pins: Pins | undefined;
  /** Reads one, once. */
  readonly read: (archive: HeldArchive) => Promise<ReadPackage>;
}

export interface PackageFolder {
  readonly folder: string;
  /** What lies there now. AppError `invalid` where the folder or packages.json can't be read. */
  find(): Promise<FoundPackages>;
  /** What was compiled under a name; undefined where there is none. In memory that threads share. */
  compiled(key: string): Promise<Uint8Array<SharedArrayBuffer> | undefined>;
  /** Keeps it under its name. False where it can be kept nowhere. */
  keep(key: string, bytes: Uint8Array): Promise<boolean>;
  /** Removes what was compiled under other names than these, in this form. */
  forgetOthers(keys: readonly string[]): Promise<void>;
}

/** What package.json of an archive says, by the archive's digest: it takes unpacking to see. */
interface Catalogue {
  /** The code that read it (`compiledBy`). */
  readonly by: string;
  readonly facts: Readonly<Record<string, PackageFacts>>;
}

const CATALOGUE = "archives.json";
const COMPILED = /^[0-9a-f]{64}\.set$/;

/**
 * @param cacheFolder where it is kept if nothing can be written in the folder itself
 * @param by names the code that reads archives (`compiledBy`)
 */
export function packageFolder(folder: string, cacheFolder: string, by: string): PackageFolder {
  const places = [join(folder, ".compiled"), join(cacheFolder, "packages")];

  const readKept = async (name: string): Promise<Uint8Array<SharedArrayBuffer> | undefined> => {
    for (const place of places) {
      const bytes = (await isOurs(place)) ? await sharedFile(join(place, name)) : undefined;
      if (bytes !== undefined) return bytes;
    }
    return undefined;
  };
  const writeKept = async (name: string, content: string | Uint8Array): Promise<boolean> => {
    for (const place of places) {
      try {
        await mkdir(place, { recursive: true, mode: 0o700 });
        if (!(await isOurs(place))) continue;
        await replaceFile(join(place, name), content);
        return true;
      } catch {
        // Read-only, full, another's: the next place, and without one it is made anew at each start.
      }
    }
    return false;
  };
  const readCatalogue = async (): Promise<Catalogue["facts"]> => {
    try {
      const bytes = await readKept(CATALOGUE);
      const catalogue = JSON.parse(bytes === undefined ? "{}" : Buffer.from(bytes.buffer).toString("utf8")) as Partial<Catalogue>;
      return catalogue.by === by ? (catalogue.facts ?? {}) : {};
    } catch {
      return {};
    }
  };
  return {
    folder,
    find: async () => {
      const files = await archivesIn(folder);
      const pins = await pinsOf(folder);
      const known = await readCatalogue();
      const read = new Map<string, ReadPackage>();
      const readOne = async ({ file, digest }: Pick<HeldArchive, "file" | "digest">): Promise<ReadPackage> => {
        const found = read.get(digest) ?? (await readArchive(await bytesOf(folder, file)));
        read.set(digest, found);
        return found;
      };
      const archives: HeldArchive[] = [];
      const broken: BrokenArchive[] = [];
      for (const file of files) {
        try {
          const packed = await bytesOf(folder, file);
          const digest = toHex(sha256(packed));
          const facts = Object.hasOwn(known, digest) ? known[digest] : undefined;
          if (facts === undefined) read.set(digest, await readArchive(packed));
          archives.push({ ...(facts ?? (await readOne({ file, digest })).facts), file, digest, bytes: packed.length });
        } catch (error) {
          if (!(error instanceof AppError)) throw error;
          broken.push({ file, error });
        }
      }
      const facts = Object.fromEntries(archives.map(({ file: _, digest, bytes: _bytes, ...one }) => [digest, one]));
      if (archives.some(({ digest }) => !Object.hasOwn(known, digest))) await writeKept(CATALOGUE, JSON.stringify({ by, facts } satisfies Catalogue));
      return { ...unambiguous(archives, broken), pins, read: readOne };
    },
    compiled: (key) => readKept(`${key}.set`),
    keep: (key, bytes) => writeKept(`${key}.set`, bytes),
    forgetOthers: async (keys) => {
      for (const place of places) {
        const names = (await isOurs(place)) ? await readdir(place).catch(() => []) : [];
        const others = names.filter((name) => COMPILED.test(name) && !keys.includes(name.slice(0, 64)));
        for (const name of others) await rm(join(place, name), { force: true }).catch(() => undefined);
      }
    },
  };
}

/** Of archives with the same bytes one stands; of two that call themselves the same package none does, for nobody can tell which is meant. R4 itself is ours. */
function unambiguous(archives: readonly HeldArchive[], broken: readonly BrokenArchive[]): Pick<FoundPackages, "archives" | "broken"> {
  const byName = Map.groupBy(
    archives.filter(({ name }) => name !== R4_CORE.name),
    nameOf,
  );
  const several = [...byName].filter(([, some]) => new Set(some.map(({ digest }) => digest)).size > 1);
  const doubts = several.map(([name, some]): BrokenArchive => {
    const files = some.map(({ file }) => file).join(" and ");
    return { file: files, error: new AppError("conflict", `each is called ${name}, and they are not the same: remove one`) };
  });
  const standing = [...byName].filter(([name]) => !several.some(([other]) => other === name)).flatMap(([, some]) => some.slice(0, 1));
  return { archives: standing.toSorted((one, other) => (nameOf(one) < nameOf(other) ? -1 : 1)), broken: [...broken, ...doubts] };
}

async function archivesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((cause: unknown) => {
    throw new AppError("invalid", `PACKAGES_DIR ${folder} cannot be read (${codeOf(cause)})`, { cause });
  });
  const files = entries.filter((entry) => /\.(tgz|tar\.gz)$/i.test(entry.name) && !entry.isDirectory()).map(({ name }) => name);
  if (files.length > MOST_ARCHIVES) throw new AppError("invalid", `PACKAGES_DIR ${folder} has more than ${MOST_ARCHIVES} archives`);
  return files.sort();
}

async function bytesOf(folder: string, file: string): Promise<Buffer> {
  const handle = await open(join(folder, file), "r").catch((cause: unknown) => {
    throw new AppError("unavailable", `it cannot be read (${codeOf(cause)})`, { cause });
  });
  try {
    const found = await handle.stat();
    if (!found.isFile()) throw new AppError("malformed", "it is no file");
    if (found.size > LARGEST_ARCHIVE) throw new AppError("too-large", `it has more than ${LARGEST_ARCHIVE} bytes`);
    return await handle.readFile();
  } finally {
    await handle.close();
  }
}

async function pinsOf(folder: string): Promise<Pins | undefined> {
  const file = join(folder, PINS_FILE);
  try {
    const bytes = await readFile(file);
    if (bytes.length > LARGEST_PINS) throw new AppError("too-large", `it has more than ${LARGEST_PINS} bytes`);
    return readPins(bytes.toString("utf8"));
  } catch (cause) {
    if (isCode(cause, "ENOENT")) return undefined;
    throw new AppError("invalid", `${file}: ${cause instanceof AppError ? cause.message : `it cannot be read (${codeOf(cause)})`}`, { cause });
  }
}

/** A file in memory that threads share; undefined where there is none, or it can't be read. */
async function sharedFile(path: string): Promise<Uint8Array<SharedArrayBuffer> | undefined> {
  const handle = await open(path, "r").catch(() => undefined);
  if (handle === undefined) return undefined;
  try {
    const found = await handle.stat();
    if (!found.isFile()) return undefined;
    const bytes = new Uint8Array(new SharedArrayBuffer(found.size));
    let length = 0;
    while (length < bytes.length) {
      const { bytesRead } = await handle.read(bytes, length, bytes.length - length);
      if (bytesRead === 0) return undefined;
      length += bytesRead;
    }
    return bytes;
  } catch {
    return undefined;
  } finally {
    await handle.close();
  }
}

/** Whether a folder is there that nobody else can write to: what lies in it decides what documents are held against. */
async function isOurs(folder: string): Promise<boolean> {
  const found = await lstat(folder).catch(() => undefined);
  const us = process.getuid?.();
  return found?.isDirectory() === true && (us === undefined || (found.uid === us && (found.mode & 0o022) === 0));
}
