/** `$export` and `Patient/$export` (Bulk Data Access 2.0): what is asked is understood, and a job begun that gives it as of now. */
import type { Asked } from "../../../core/asked.ts";
import { AppError } from "../../../core/errors.ts";
import type { Jobs } from "../../../jobs/job.ts";
import type { PublicLog } from "../../log/public-log.ts";
import type { Reader } from "../../../reader/reader.ts";
import { requireScope, type Access } from "../../../security/access.ts";
import type { FhirOperation, OperationAnswer, OperationCall } from "../operation.ts";
import { callParameters } from "../operations/call-parameters.ts";
import type { SearchNeeds } from "../search-resources.ts";
import type { BulkEdition } from "./editions.ts";
import type { ExportOrder } from "./export-order.ts";
import { newestReceived, positionSince } from "./export-position.ts";
import { exportQuery } from "./export-query.ts";
import { exportAsked, type ExportAsked } from "./export-request.ts";

export interface ExportNeeds extends Pick<SearchNeeds, "definitions" | "parameters" | "terminology" | "fhirBase"> {
  readonly reader: Pick<Reader, "find">;
  readonly access: Access;
  readonly jobs: Pick<Jobs, "begin">;
  /** Where a job's state is told: an absolute address. */
  readonly jobAddress: (id: string) => string;
  readonly store: Pick<PublicLog, "checkpoint" | "entries">;
  readonly bulkEdition: BulkEdition;
}

const CANONICAL = "http://hl7.org/fhir/uv/bulkdata/OperationDefinition";

export function exportOperation(using: ExportNeeds): FhirOperation {
  const { bulkEdition } = using;
  return {
    name: "export",
    definition: `${CANONICAL}/export`,
    definitionOnType: `${CANONICAL}/patient-export`,
    documentation:
      "Bulk Data Access: documents whole as Bundles, one a line, DocumentReferences, and on request (`_type`) any resource that documents hold, as NDJSON; without `_type` Bundle and DocumentReference, of patients Patient too. It is as of one size of the log, whose checkpoint the manifest has, and the manifest is signed: `chartulary verify --export` proves offline that it is complete. Groups are not held.",
    levels: ["system", "type"],
    types: ["Patient"],
    affectsState: false,
    isAskedByAddress: bulkEdition.mayGet,
    isAlwaysAsynchronous: true,
    parameters: [
      { name: "_outputFormat", isSimple: true, type: "string", min: 0, max: "1" },
      { name: "_since", isSimple: true, type: "instant", min: 0, max: "1" },
      { name: "_until", isSimple: true, type: "instant", min: 0, max: "1" },
      { name: "_type", isSimple: true, type: "string", min: 0, max: "*" },
      { name: "_typeFilter", isSimple: true, type: "string", min: 0, max: "*" },
      { name: "_elements", isSimple: true, type: "string", min: 0, max: "*" },
      { name: "patient", isSimple: false, type: "Reference", min: 0, max: "*" },
      { name: "includeAssociatedData", isSimple: true, type: "code", min: 0, max: "*" },
    ],
    handle: (asked, call) => begin(asked, call, using),
  };
}

async function begin(asked: Asked, call: OperationCall, using: ExportNeeds): Promise<OperationAnswer> {
  const { definitions, parameters, bulkEdition, store } = using;
  if (call.isAsynchronous !== true)
    throw new AppError("unsupported", "An export is asked for with the header Prefer: respond-async, and is answered when it is done.");
  const read = exportAsked(callParameters(call, definitions), {
    ...{ edition: bulkEdition, definitions, parameters },
    ...{ isLenient: call.handling === "lenient", isOfPatients: call.type !== undefined },
  });
  const permitted = await withScopes(asked, read, using.access);
  const checkpoint = await store.checkpoint();
  const size = checkpoint?.size ?? 0;
  const { since } = permitted;
  const order: ExportOrder = {
    ...{ size, checkpoint: checkpoint?.note ?? "", ...permitted },
    from: since === undefined ? 0 : await positionSince(new Date(since), size, store),
    at: (await newestReceived(size, store)) ?? new Date().toISOString(),
  };
  // What cannot be answered, or is not permitted at all, is refused now and not in an hour. Nobody is shown what the trial finds.
  const query = exportQuery(order, { ...using, base: using.fhirBase, now: new Date() });
  const { noted: _, ...unnoted } = asked;
  await using.reader.find(unnoted, { ...query, count: 1 });
  const job = await using.jobs.begin({
    ...{ kind: "export", owner: asked.caller, url: call.address ?? "", order: JSON.stringify(order) },
    ...(asked.purpose !== undefined && { purpose: asked.purpose }),
  });
  return { kind: "accepted", location: using.jobAddress(job.id) };
}

/** Without the types of which a token opens nothing, which is told. AppError `forbidden` where none is left. */
async function withScopes(asked: Asked, read: ExportAsked, access: Access): Promise<ExportAsked> {
  const grant = await access.grantOf(asked);
  const isOpen = (type: string): boolean => {
    const scoped = grant.scoped(type, type === "Binary" ? ["r", "s"] : ["s"]);
    return scoped.kind === "all" || scoped.parts.length > 0;
  };
  const types = read.types.filter(({ type }) => isOpen(type));
  const [closed] = read.types.filter((one) => !types.includes(one)).map(({ type }) => type);
  if (types.length === 0 && closed !== undefined) await requireScope(access, asked, closed, ["s"]);
  const remarks = read.types
    .filter((one) => !types.includes(one))
    .map(({ type }) => ({ code: "forbidden", text: `No scope opens ${type}: none is in this export.` }));
  return { ...read, types, remarks: [...read.remarks, ...remarks] };
}
