/** Documents of which an answer that is kept tells something: by them it is asked again who may have it, and with them it is gone. */
import { utf8 } from "../../../core/crypto/bytes.ts";
import type { Asked } from "../../../core/asked.ts";
import { AppError } from "../../../core/errors.ts";
import type { JobFile, JobFiles } from "../../../jobs/job-files.ts";
import type { Job } from "../../../jobs/job.ts";
import type { Reader } from "../../../reader/reader.ts";
import type { KeptResources } from "../kept/kept-resources.ts";
import type { AnsweredRequest } from "./answered-request.ts";

/** By their ids. */
export interface AnsweredDocuments {
  /** What was found or read. */
  readonly shown: readonly string[];
  /** What was deposited: its sender may have it back, whether they may read it or not. */
  readonly stored: readonly string[];
  /** What is kept beside documents and was shown, as `Type/id`; absent in answers of before. */
  readonly others?: readonly string[];
}

/** What is kept beside documents, by its type. */
export type KeptBeside = readonly Pick<KeptResources, "type" | "versions">[];

export async function keepDocuments(documents: AnsweredDocuments, files: JobFiles): Promise<JobFile> {
  const writer = files.write("documents");
  await writer.append(utf8(JSON.stringify(documents)));
  return writer.finish();
}

/** AppErrors `gone` when something of it was erased since, `forbidden` when it tells of what may not be known any more. */
export async function askAgain(
  asked: Asked,
  answered: AnsweredRequest,
  files: JobFiles,
  { reader, kept }: { readonly reader: Pick<Reader, "standing">; readonly kept: KeptBeside },
): Promise<void> {
  const documents = await documentsOf(answered, files);
  if (!documents) throw goneError();
  const { shown, stored, others = [] } = documents;
  // It was told to the audit trail when it was answered.
  const { noted: _, ...again } = asked;
  const standing = await reader.standing(
    again,
    [...shown, ...stored].map((documentId) => ({ documentId })),
  );
  if (standing.includes("gone")) {
    await removeAnswer(answered, files);
    throw goneError();
  }
  if (standing.slice(0, shown.length).includes("withheld")) throw withheldError();
  for (const one of others) if (!(await mayReadBeside(again, one, kept))) throw withheldError();
}

async function mayReadBeside(asked: Asked, reference: string, kept: KeptBeside): Promise<boolean> {
  const [type, id = ""] = reference.split("/");
  try {
    await kept.find((one) => one.type === type)?.versions(asked, id);
    return true;
  } catch (error) {
    if (error instanceof AppError && ["not-found", "forbidden"].includes(error.code)) return false;
    throw error;
  }
}

function withheldError(): AppError {
  return new AppError("forbidden", "This answer tells of what you may not have any more: ask again.");
}

/** Removes the answer of a job that tells of a document whose erasure was entered. */
export async function removeFromAnswer({ kind, result }: Pick<Job, "kind" | "result">, files: JobFiles, documentId: string): Promise<void> {
  if (kind !== "request" || result === undefined) return;
  const answered = JSON.parse(result) as AnsweredRequest;
  const documents = await documentsOf(answered, files);
  if (documents && (documents.shown.includes(documentId) || documents.stored.includes(documentId))) await removeAnswer(answered, files);
}

/** Undefined once the answer is gone. */
async function documentsOf({ documents }: AnsweredRequest, files: JobFiles): Promise<AnsweredDocuments | undefined> {
  try {
    const pieces: Uint8Array[] = [];
    for await (const piece of files.read(documents)) pieces.push(piece);
    return JSON.parse(new TextDecoder().decode(Buffer.concat(pieces))) as AnsweredDocuments;
  } catch (error) {
    if (error instanceof AppError && error.code === "gone") return undefined;
    throw error;
  }
}

/** What it tells of is known until it is gone: who is interrupted finds it again. */
async function removeAnswer({ file, documents }: AnsweredRequest, files: JobFiles): Promise<void> {
  await files.remove(file);
  await files.remove(documents);
}

function goneError(): AppError {
  return new AppError("gone", "This answer told of a document that was erased since, and is gone with it: ask again.");
}
