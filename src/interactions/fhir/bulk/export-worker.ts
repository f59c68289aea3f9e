/**
 * Writes an export: a job that is done by any instance (jobs/). Its files are written in parts of the log, each with a file for each type; after each part what was written is saved, so that after a crash the part
 * that was not saved is written anew. Nothing is held in memory but what is written now.
 */
import type { Asked } from "../../../core/asked.ts";
import { operationOutcome, type Severity } from "../../../core/fhir/issue.ts";
import { writeJson } from "../../../core/fhir/json/write-json.ts";
import { treeOf } from "../../../core/fhir/tree/tree.ts";
import type { JobProgress, JobWorker, RunningJob } from "../../../jobs/job.ts";
import type { PublicLog } from "../../log/public-log.ts";
import type { Reader } from "../../../reader/reader.ts";
import { resourceId } from "../../../search/query/resource-id.ts";
import { positionOf, type ResourceNumber } from "../../../search/resource-number.ts";
import type { QueryContext } from "../../../search/query/query-context.ts";
import { erasedBehind, removeErased } from "./erased-exports.ts";
import { MOST_OF_PART, PartFiles, type KeptFile, type PartLimits, type SavedExport } from "./export-files.ts";
import { edgeOf, leavesTogether, throughLog } from "./export-log.ts";
import { manifestOf, type ManifestNeeds } from "./export-manifest.ts";
import { isOfAllDocuments, type ExportOrder } from "./export-order.ts";
import { exportQuery } from "./export-query.ts";
import { exportedLines, type ExportedLine, type ExportedLines } from "./export-walk.ts";

export interface ExportWorkerNeeds extends ManifestNeeds {
  readonly context: Omit<QueryContext, "now">;
  readonly reader: Pick<Reader, "find" | "pageOf" | "standing">;
  readonly store: PublicLog;
  /** When a part ends; the default: `MOST_OF_PART`. */
  readonly partLimits?: PartLimits | undefined;
  readonly fhirBase: string;
}

const NOTHING_SAVED: SavedExport = { part: 0, isAtEnd: false, files: [] };

/** A day: whoever asks for much waits for long, and not for ever. */
const TIME = 24 * 60 * 60 * 1_000;
/** Bytes of one line at most: few readers of NDJSON take longer ones. */
export const LONGEST_LINE = 64_000_000;
/** It is told how far it has come so often, in milliseconds, whether there was anything to save or not: it keeps the lease. */
const TELLING = 5_000;

export function exportWorker(using: ExportWorkerNeeds): JobWorker {
  return { kind: "export", atOnce: 1, time: TIME, run: (running) => run(running, using) };
}

async function run(running: RunningJob, using: ExportWorkerNeeds): Promise<string> {
  const { job, signal } = running;
  const order = JSON.parse(job.order) as ExportOrder;
  let saved: SavedExport = job.saved === undefined ? NOTHING_SAVED : (JSON.parse(job.saved) as SavedExport);
  if (saved.part === 0) {
    saved = { part: 1, isAtEnd: false, files: await writeLogPart(running, order, using) };
    await running.save(JSON.stringify(saved), progressOf(order, saved.after));
  }
  const lines = linesBehind(saved, running, order, using);
  try {
    while (!saved.isAtEnd) {
      signal.throwIfAborted();
      saved = await writePart(running, order, { saved, lines }, using);
      await running.save(JSON.stringify(saved), progressOf(order, saved.after));
    }
  } finally {
    await lines.return(undefined);
  }
  const erased = await erasedBehind(order.size, using.store);
  if (erased.size > 0) await removeErased(saved.files, running.files, (documentId) => erased.has(documentId));
  const edge = isOfAllDocuments(order) ? await edgeOf(order.from, using.store) : [];
  return manifestOf({ job, order, files: saved.files, edge }, using);
}

/** All that is not written yet. */
function linesBehind(
  { after }: SavedExport,
  running: RunningJob,
  order: ExportOrder,
  using: ExportWorkerNeeds,
): AsyncGenerator<ExportedLines, undefined> {
  const { lines: mostLines } = using.partLimits ?? MOST_OF_PART;
  const found = exportQuery(order, { ...using.context, now: new Date(order.at) });
  const query = { ...found, count: Math.min(found.count, mostLines) };
  return exportedLines(() => askedBy(running), { order, query, after }, using);
}

/** Goes on until files are full, or all is written. */
async function writePart(
  running: RunningJob,
  order: ExportOrder,
  { saved, lines: all }: { readonly saved: SavedExport; readonly lines: AsyncGenerator<ExportedLines, undefined> },
  using: ExportWorkerNeeds,
): Promise<SavedExport> {
  const part = new PartFiles(running.files, saved.part, using.partLimits);
  let after = saved.after;
  let told = performance.now();
  do {
    const { value } = await all.next();
    running.signal.throwIfAborted();
    for (const line of value?.lines ?? []) await writeLine(line, part, using);
    after = value?.after;
    if (performance.now() - told < TELLING) continue;
    await running.save(JSON.stringify(saved), progressOf(order, after));
    told = performance.now();
  } while (after !== undefined && !part.isFull());
  const files = [...saved.files, ...(await part.finish())];
  return { part: saved.part + 1, isAtEnd: after === undefined, ...(after !== undefined && { after }), files };
}

/** The owner as of now. Nothing is shown to anybody while files are written: each is told to the audit trail, with all that stands in it, when it is fetched. */
async function askedBy(running: RunningJob): Promise<Asked> {
  const { noted: _, ...asked } = await running.asked();
  return asked;
}

async function writeLine({ place, text }: ExportedLine, part: PartFiles, { fhirBase }: ExportWorkerNeeds): Promise<void> {
  const what = `${place.type}/${resourceId(place)}`;
  if (text === undefined) {
    const reason = `${what} is not in this export: its document was erased meanwhile, or what is kept of it is damaged.`;
    return part.add("error", "OperationOutcome", outcome("error", "exception", reason), place);
  }
  if (text.length > LONGEST_LINE || Buffer.byteLength(text) > LONGEST_LINE) {
    const reason = `${what} is longer than a line may be here (${LONGEST_LINE} bytes): its submitted bytes are at ${fhirBase}/Binary/${place.documentId}.`;
    return part.add("error", "OperationOutcome", outcome("warning", "too-long", reason), place);
  }
  return part.add("output", place.type, text, place);
}

/** What is told beside what was asked for: remarks, and what the log, which is public, says: which documents were erased since, and the leaves by which all are counted. */
async function writeLogPart(running: RunningJob, order: ExportOrder, using: ExportWorkerNeeds): Promise<KeptFile[]> {
  const { files, signal } = running;
  const part = new PartFiles(files, 0);
  for (const { code, text } of order.remarks) await part.add("error", "OperationOutcome", outcome("warning", code, text), undefined);
  const isCounted = isOfAllDocuments(order);
  const asksErased = order.since !== undefined && !order.isOfPatients;
  if (!isCounted && !asksErased) return part.finish();
  const leaves = isCounted ? files.write("log.leaves") : undefined;
  const types = order.types.map(({ type }) => type);
  let [count, told] = [0, performance.now()];
  await throughLog(order, using.store, async (entries) => {
    signal.throwIfAborted();
    await leaves?.append(leavesTogether(entries.map(({ leaf }) => leaf)));
    count += entries.length;
    for (const { kind, documentId } of asksErased ? entries : [])
      if (kind === "erasure" && documentId !== undefined) await part.add("deleted", "Bundle", deletion(documentId, types), undefined);
    if (performance.now() - told < TELLING) return;
    await running.save(JSON.stringify(NOTHING_SAVED), { text: `${count} entries of the log counted` });
    told = performance.now();
  });
  const own: KeptFile[] = leaves ? [{ role: "log", type: "", count, file: await leaves.finish() }] : [];
  return [...own, ...(await part.finish())];
}

/** Resources of an erased document are gone with it; of those that are its own by name each is told (Bulk Data 2.0, `deleted`). */
function deletion(documentId: string, types: readonly string[]): string {
  const own = ["Bundle", "DocumentReference", "Binary"].filter((type) => types.includes(type));
  const entry = (own.length > 0 ? own : ["Bundle"]).map((type) => ({ request: { method: "DELETE", url: `${type}/${documentId}` } }));
  return writeJson(treeOf({ resourceType: "Bundle", type: "transaction", entry }));
}

function outcome(severity: Severity, code: string, text: string): string {
  return writeJson(operationOutcome([{ severity, code, rule: "bulk-export", text }]));
}

function progressOf({ size, from }: ExportOrder, after: ResourceNumber | undefined): JobProgress {
  const all = Math.max(1, size - from);
  const done = after === undefined ? 0 : Math.min(all, Math.max(0, size - positionOf(after)));
  return { text: `${done} of ${all} entries of the log`, share: done / all };
}
