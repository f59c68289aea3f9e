/** `$import` (ours, in the shape that HAPI and Microsoft's servers have): documents, one a line, fetched or uploaded, are deposited by a job, each with an outcome of its own. */
import type { Asked } from "../../../core/asked.ts";
import { AppError } from "../../../core/errors.ts";
import type { Definitions } from "../../../core/fhir/r4/definitions.ts";
import type { FileFetcher } from "../../../jobs/fetched-files.ts";
import type { JobOrder, Jobs } from "../../../jobs/job.ts";
import type { DepositContext } from "../../../pipeline/deposit.ts";
import type { FhirOperation, OperationAnswer, OperationCall, OperationParameter, SentLines } from "../operation.ts";
import { MOST_INPUTS, readImport } from "./import-request.ts";
import type { ImportOrder } from "./import-state.ts";

export interface ImportOperationNeeds {
  readonly depositing: Pick<DepositContext, "permit" | "fhirBase">;
  readonly definitions: Definitions;
  readonly jobs: Pick<Jobs, "begin">;
  /** Where a job's state is told: an absolute address. */
  readonly jobAddress: (id: string) => string;
  readonly fetcher: Pick<FileFetcher, "fault">;
  /** The largest file. */
  readonly maxImportBytes: number;
}

const UPLOAD = "upload.ndjson";

export function importOperation(using: ImportOperationNeeds): FhirOperation {
  return {
    name: "import",
    definition: `${using.depositing.fhirBase}/OperationDefinition/import`,
    documentation:
      "Deposits documents, one a line (`application/fhir+ndjson`, also packed with gzip), each by itself, later: with `Prefer: respond-async`. They are fetched (Parameters: `inputFormat`, `input` with `type` = Bundle and `url`, of hosts that the operator allows) or sent in the place of Parameters. The manifest names files of OperationOutcomes, one for each line, `line-N`. What was deposited before is recognised.",
    levels: ["system"],
    types: [],
    affectsState: true,
    isAlwaysAsynchronous: true,
    parameters: [
      { name: "inputFormat", isSimple: false, type: "code", min: 1, max: "1" },
      { name: "inputSource", isSimple: false, type: "uri", min: 0, max: "1" },
      { name: "mode", isSimple: false, type: "string", min: 0, max: "1" },
      {
        ...{ name: "storageDetail", isSimple: false, min: 0, max: "1" },
        parts: [part("type", "code"), part("credentialHttpBasic", "string"), part("maxBatchResourceCount", "string")],
      },
      {
        ...{ name: "input", isSimple: false, min: 1, max: String(MOST_INPUTS) },
        parts: [part("type", "code"), { ...part("url", "url"), min: 1 }, part("etag", "string")],
      },
    ],
    handle: async (asked, call) => {
      await entered(asked, call, using);
      if (!call.sent) throw new AppError("bad-query", "Nothing is to be imported: send Parameters with input, or lines as application/fhir+ndjson.");
      const order = readImport(call.sent, using.definitions);
      for (const [at, { url }] of order.inputs.entries()) {
        const fault = using.fetcher.fault(url);
        if (fault !== undefined) throw new AppError("unsupported", `Of input ${at + 1} the url is not fetched: ${fault}.`);
      }
      return accepted(await using.jobs.begin({ ...orderOf(asked, call), order: JSON.stringify(order) }), using);
    },
    handleLines: async (asked, call, lines) => {
      await entered(asked, call, using);
      return accepted(await beginWith(lines, orderOf(asked, call), using), using);
    },
  };
}

function part(name: string, type: string): OperationParameter {
  return { name, isSimple: false, type, min: 0, max: "1" };
}

/** Lines are kept as they come, before anybody does anything with them. */
function beginWith(
  { receive }: SentLines,
  order: Omit<JobOrder, "order">,
  { jobs, maxImportBytes }: ImportOperationNeeds,
): ReturnType<Jobs["begin"]> {
  return jobs.begin({ ...order, order: "" }, async (files) => {
    const writer = files.write(UPLOAD);
    let size = 0;
    await receive((piece) => {
      size += piece.length;
      if (size > maxImportBytes) throw new AppError("too-large", `An import may have at most ${maxImportBytes} bytes (MAX_IMPORT_BYTES).`);
      return writer.append(piece);
    });
    const whole: ImportOrder = { inputs: [], upload: await writer.finish() };
    return JSON.stringify(whole);
  });
}

/** What may be refused at once is. */
async function entered(asked: Asked, { isAsynchronous }: OperationCall, { depositing }: ImportOperationNeeds): Promise<void> {
  if (isAsynchronous !== true)
    throw new AppError("unsupported", "An import is asked for with the header Prefer: respond-async, and is answered when it is done.");
  await depositing.permit?.enter(asked);
}

function orderOf(asked: Asked, { address = "" }: OperationCall): Omit<JobOrder, "order"> {
  return { kind: "import", owner: asked.caller, url: address, ...(asked.purpose !== undefined && { purpose: asked.purpose }) };
}

function accepted({ id }: { readonly id: string }, { jobAddress }: ImportOperationNeeds): OperationAnswer {
  return { kind: "accepted", location: jobAddress(id) };
}
