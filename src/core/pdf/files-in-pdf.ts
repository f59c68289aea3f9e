/** Files within a PDF (ISO 32000-1 section 7.11.4), taken out at a bounded cost. */
import { AppError } from "../errors.ts";
import { latin1 } from "./latin1.ts";
import type { PdfFile } from "./pdf-file.ts";
import { contentOf } from "./stream-content.ts";
import { asArray, PdfStream, PdfString } from "./values.ts";

/** Files that a PDF may hold: ours have three. */
const MOST_FILES = 100;

/**
 * The content of the file of this name; undefined when there is none. Names stand in one leaf, as we write them.
 *
 * @param most bytes, inflated
 * @throws AppError `malformed`, also when two have the name
 */
export async function fileIn(file: PdfFile, name: string, most: number): Promise<Uint8Array | undefined> {
  const tree = file.dictionary(file.dictionary(file.catalog.get("/Names"))?.get("/EmbeddedFiles"));
  const names = asArray(file.resolve(tree?.get("/Names"))) ?? [];
  if (tree?.has("/Kids") || names.length > 2 * MOST_FILES) throw fault("it holds too many files");
  const found = names.flatMap((key, at) => (at % 2 === 0 && key instanceof PdfString && latin1(key.bytes) === name ? [names[at + 1]] : []));
  if (found.length === 0) return undefined;
  if (found.length > 1) throw fault(`it holds two files with the name ${name}`);
  const stream = file.resolve(file.dictionary(file.dictionary(found[0])?.get("/EF"))?.get("/F"));
  if (!(stream instanceof PdfStream)) throw fault(`the file ${name} is not within it`);
  return contentOf(stream, most);
}

function fault(reason: string): AppError {
  return new AppError("malformed", reason);
}
