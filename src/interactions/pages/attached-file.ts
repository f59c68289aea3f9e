import type { Asked } from "../../core/asked.ts";
import { AppError } from "../../core/errors.ts";
import type { HandedFile } from "../../pipeline/work/tasks.ts";
import type { ViewNeeds } from "./view-document.ts";

/** The file of that number within a document, from 1. AppError `not-found`, `gone`, `damaged`. */
export async function readAttachedFile(
  asked: Asked,
  id: string,
  number: number,
  { reader, work }: Pick<ViewNeeds, "reader" | "work">,
): Promise<HandedFile> {
  const { bytes, mediaType, leaf } = await (await reader.document(id, asked)).original();
  const { file } = await work.do("file", { bytes, mediaType, leaf, number }, { bytes: bytes.length });
  if (file === undefined) throw new AppError("not-found", "The document has no such file.");
  return file;
}
