import type { IncomingMessage } from "node:http";
import { AppError } from "../../core/errors.ts";
import { callerName, type Noted } from "../../core/asked.ts";
import { keepDocuments } from "../../interactions/fhir/jobs/answered-documents.ts";
import type { AnsweredRequest } from "../../interactions/fhir/jobs/answered-request.ts";
import type { JobWorker, RunningJob } from "../../jobs/job.ts";
import type { InsideRequests } from "./inside-requests.ts";
import type { RequestOrder } from "./request-order.ts";

/** Requests that are answered at once in this process: they share it with those whose client waits. */
const AT_ONCE = 4;
/** Milliseconds that one may take. */
const TIME = 3_600_000;
/** What is so because the service is busy or stops, and not because of the request. */
const PASSING: ReadonlySet<number> = new Set([408, 429, 503]);

/** Asks again what is to be answered later, as its owner is by now, and keeps the answer. */
export function requestWorker(inside: InsideRequests): JobWorker {
  return { kind: "request", atOnce: AT_ONCE, time: TIME, sent: (order) => orderIn(order).body, run: (running) => perform(running, inside) };
}

async function perform({ job, files, signal, asked }: RunningJob, inside: InsideRequests): Promise<string> {
  if (job.order === "") throw new AppError("internal", "the process that took it ended before all of it was kept");
  const order = orderIn(job.order);
  const who = await asked();
  const { caller, purpose } = who;
  const [shown, stored, others] = [new Set<string>(), new Set<string>(), new Set<string>()];
  const noted: Noted = {
    decided: (deed, { id }, refusal) => {
      // A document that another one's page only names is no disclosure of its content.
      if (!refusal && deed !== "relate") (deed === "deposit" ? stored : shown).add(id);
    },
    provided: () => undefined,
    consent: ({ id }) => void others.add(`Consent/${id}`),
    resource: (reference) => void others.add(reference.split("/", 2).join("/")),
  };
  const insider = { noted, caller, purpose, address: order.address, requestId: order.requestId };
  const { body } = order;
  const length = body ? [["content-length", String(body.length)] as const] : [];
  const answer = await inside.ask({ ...order, headers: [...order.headers, ...length], body: body && files.read(body) }, insider, signal);
  const { statusCode: status = 0 } = answer;
  if (PASSING.has(status)) {
    answer.resume();
    throw new AppError("unavailable", "the service is busy");
  }
  const writer = files.write("answer");
  try {
    for await (const piece of answer) await writer.append(piece as Uint8Array);
  } catch (cause) {
    throw new AppError("unavailable", "the answer was broken off", { cause });
  }
  const documents = await keepDocuments({ shown: [...shown], stored: [...stored], others: isQuestion(order) ? [...others] : [] }, files);
  const result: AnsweredRequest = { status, ...headersOf(answer), file: await writer.finish(), documents, as: callerName(who) };
  return JSON.stringify(result);
}

/** Whether nothing is entered by it: a batch may have entered what its sender may not read, and is told so all the same. */
function isQuestion({ method, path }: RequestOrder): boolean {
  return method === "GET" || /\/_search(?:\?|$)/.test(path);
}

function orderIn(text: string): RequestOrder {
  return JSON.parse(text) as RequestOrder;
}

function headersOf({ headers, statusMessage = "" }: IncomingMessage): Pick<AnsweredRequest, "statusText" | "contentType" | "headers"> {
  const { location, etag } = headers;
  return {
    statusText: statusMessage,
    contentType: headers["content-type"] ?? "",
    headers: {
      ...((location ?? headers["content-location"]) !== undefined && { location: location ?? headers["content-location"] }),
      ...(etag !== undefined && { etag }),
      ...(headers["last-modified"] !== undefined && { lastModified: new Date(headers["last-modified"]).toISOString() }),
    },
  };
}
