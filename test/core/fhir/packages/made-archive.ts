import { gzipSync } from "node:zlib";
import { pack, type Header } from "tar-stream";

export interface MadeFile {
  readonly name: string;
  readonly content?: string | Uint8Array | object;
  readonly type?: Header["type"];
  readonly linkname?: string;
}

/** When all of them were made: what is made twice is the same, whatever second it is. */
const MADE = new Date("2024-01-01T00:00:00Z");

/** The bytes of a tar of these files. */
export async function madeTar(files: readonly MadeFile[]): Promise<Buffer> {
  const tar = pack();
  const pieces: Uint8Array[] = [];
  for (const { name, content = "", type = "file", linkname } of files) {
    const bytes = typeof content === "string" || content instanceof Uint8Array ? content : JSON.stringify(content);
    if (type === "file") tar.entry({ name, type, mtime: MADE }, Buffer.from(bytes));
    else tar.entry({ name, type, mtime: MADE, ...(linkname !== undefined && { linkname }) });
  }
  tar.finalize();
  for await (const piece of tar as AsyncIterable<Uint8Array>) pieces.push(piece);
  return Buffer.concat(pieces);
}

/** The bytes of an archive of these files. */
export async function madeArchive(files: readonly MadeFile[]): Promise<Buffer> {
  return gzipSync(await madeTar(files));
}

/** A package of that name with some resources. @param about more for its package.json */
export async function madePackage(name: string, version: string, resources: readonly object[] = [], about: object = {}): Promise<Buffer> {
  const files = resources.map((content, at) => ({ name: `package/r${at}.json`, content }));
  return madeArchive([{ name: "package/package.json", content: { name, version, ...about } }, ...files]);
}
