/**
 * What came of a request that was answered later, as its client is given it: a Bundle of type batch-response with one entry, whose response says status and headers and whose resource is what the answer held (FHIR R5,
 * async-bundle). R4's page (async.html, a draft) knows but lists of files for bulk data, which tell neither.
 */
import { randomUUID } from "node:crypto";
import type { JobFile, JobFiles } from "../../../jobs/job-files.ts";

export interface AnsweredRequest {
  readonly status: number;
  readonly statusText: string;
  readonly contentType: string;
  readonly headers: { readonly location?: string | undefined; readonly etag?: string; readonly lastModified?: string };
  readonly file: JobFile;
  /** Of which documents it tells (answered-documents.ts). */
  readonly documents: JobFile;
  /** As whom it was asked (`callerName`): whoever may by now do otherwise is not given it. */
  readonly as: string;
}

/** Something to be written as it is read. */
export interface WrittenResult {
  readonly contentType: string;
  readonly pieces: AsyncIterable<Uint8Array>;
}

/** Base64 is written of so many bytes at a time, but for the last. */
const THREE = 3;

const encoder = new TextEncoder();

export function writeAnswered(answered: AnsweredRequest, files: JobFiles, timestamp: string): WrittenResult {
  const { contentType } = answered;
  const isXml = /^application\/fhir\+xml\b/.test(contentType);
  const isFhir = isXml || /^application\/fhir\+json\b/.test(contentType);
  const bytes = files.read(answered.file);
  const resource = answered.file.length === 0 ? undefined : isXml ? withoutProlog(bytes) : isFhir ? bytes : binary(bytes, contentType);
  const form = isXml ? xmlBundle(answered, timestamp) : jsonBundle(answered, timestamp);
  return { contentType: `application/fhir+${isXml ? "xml" : "json"}; charset=utf-8`, pieces: enclosed(form, resource) };
}

/** What stands before the resource and behind it; all of it where there is none. */
interface Frame {
  readonly before: string;
  readonly open: string;
  readonly close: string;
  readonly after: string;
}

function jsonBundle({ status, statusText, headers }: AnsweredRequest, timestamp: string): Frame {
  const response = { status: `${status} ${statusText}`.trim(), ...headers };
  return {
    before: `{"resourceType":"Bundle","id":"${randomUUID()}","type":"batch-response","timestamp":"${timestamp}","entry":[{`,
    open: `"resource":`,
    close: ",",
    after: `"response":${JSON.stringify(response)}}]}`,
  };
}

function xmlBundle({ status, statusText, headers }: AnsweredRequest, timestamp: string): Frame {
  const values = { status: `${status} ${statusText}`.trim(), ...headers };
  const elements = Object.entries(values).map(([name, value]) => `<${name} value="${escaped(value ?? "")}"/>`);
  return {
    before: `<Bundle xmlns="http://hl7.org/fhir"><id value="${randomUUID()}"/><type value="batch-response"/><timestamp value="${timestamp}"/><entry>`,
    open: "<resource>",
    close: "</resource>",
    after: `<response>${elements.join("")}</response></entry></Bundle>`,
  };
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}

async function* enclosed({ before, open, close, after }: Frame, resource: AsyncIterable<Uint8Array> | undefined): AsyncGenerator<Uint8Array> {
  yield encoder.encode(resource ? before + open : before + after);
  if (!resource) return;
  yield* resource;
  yield encoder.encode(close + after);
}

/** An XML declaration stands at the beginning of a document alone. */
async function* withoutProlog(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let isFirst = true;
  for await (const piece of pieces) {
    if (!isFirst) yield piece;
    else {
      const [prolog = ""] = /^\s*<\?xml[^>]*\?>\s*/.exec(new TextDecoder().decode(piece.subarray(0, 200))) ?? [];
      yield piece.subarray(encoder.encode(prolog).length);
    }
    isFirst = false;
  }
}

/** What is no resource stands in a Binary. */
async function* binary(pieces: AsyncIterable<Uint8Array>, contentType: string): AsyncGenerator<Uint8Array> {
  yield encoder.encode(`{"resourceType":"Binary","contentType":${JSON.stringify(contentType)},"data":"`);
  let rest: Uint8Array = new Uint8Array();
  for await (const piece of pieces) {
    const bytes = Buffer.concat([rest, piece]);
    const whole = bytes.length - (bytes.length % THREE);
    yield encoder.encode(bytes.subarray(0, whole).toString("base64"));
    rest = bytes.subarray(whole);
  }
  yield encoder.encode(`${Buffer.from(rest).toString("base64")}"}`);
}
