/** By what packages are compiled: what was compiled by another program than this is made anew. A part of the composition root. */
import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

/** The code that reads archives, strips definitions, makes snapshots and writes the set. What it takes from elsewhere are types and errors. */
const FOLDERS = ["../core/fhir/packages/", "../core/fhir/snapshots/"];

/**
 * A digest of the code that compiles packages, as hex. Nobody has to remember to raise a number when a definition is stripped otherwise: the code itself tells. In a checkout that is TypeScript, in the built package JavaScript:
 * each keeps what it made. Some 25 small files, read at each start with packages.
 */
export async function compiledBy(
  folders: readonly string[] = FOLDERS.map((folder) => fileURLToPath(new URL(folder, import.meta.url))),
): Promise<string> {
  const hash = createHash("sha256");
  for (const folder of folders)
    for (const file of (await readdir(folder)).sort()) hash.update(`${file}\n`).update(await readFile(`${folder}${file}`));
  return hash.digest("hex");
}
