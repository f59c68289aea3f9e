import type { IncomingMessage, ServerResponse } from "node:http";
import type { Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import { AppError } from "../core/errors.ts";
import type { FhirMediaType } from "../pipeline/record.ts";
import { isOurVersion, parseMediaType } from "./negotiate.ts";

/** What each media type of a request is read as (R4 http.html; the generic ones are tolerated). */
const BODY_TYPES: Readonly<Record<string, FhirMediaType>> = {
  "application/fhir+json": "application/fhir+json",
  "application/json": "application/fhir+json",
  "text/json": "application/fhir+json",
  "application/json+fhir": "application/fhir+json",
  "application/fhir+xml": "application/fhir+xml",
  "application/xml": "application/fhir+xml",
  "text/xml": "application/fhir+xml",
  "application/xml+fhir": "application/fhir+xml",
};

/** The form of a FHIR request body. AppError `unsupported-media-type` for any other, for a charset that is not UTF-8, and for another version of FHIR. */
export function fhirBodyType(contentType: string | undefined): FhirMediaType {
  const parsed = contentType === undefined ? undefined : parseMediaType(contentType);
  const mediaType = parsed && BODY_TYPES[parsed.name];
  if (!parsed || !mediaType) throw refusal("Send the document with Content-Type application/fhir+json or application/fhir+xml.");
  const charset = parsed.parameters.get("charset");
  if (charset !== undefined && !/^utf-?8$/i.test(charset))
    throw refusal("FHIR resources travel in UTF-8 only (R4 http.html): send them so, with charset=utf-8 or without charset.");
  if (!isOurVersion(parsed.parameters)) throw refusal("This is a FHIR R4 repository: fhirVersion=4.0 is the only version accepted.");
  return mediaType;
}

/** What a request body may be. */
export interface BodyLimits {
  /** After decompression. */
  readonly maxBytes: number;
}

/**
 * The bytes of a request body as the sender had them: gzip is undone. Never holds more than `maxBytes`.
 *
 * @throws AppError `too-large` at the first byte above the limit; what follows is read and thrown away, so that the answer reaches a client that is still sending.
 * @throws AppError `unsupported-media-type` for another Content-Encoding.
 * @throws AppError `malformed` when the body ends early or is no gzip.
 */
export async function readBody(request: IncomingMessage, response: ServerResponse, { maxBytes }: BodyLimits): Promise<Uint8Array> {
  const encoding = (request.headers["content-encoding"] ?? "identity").trim().toLowerCase();
  if (encoding !== "identity" && encoding !== "gzip" && encoding !== "x-gzip") {
    response.setHeader("Accept-Encoding", "gzip, identity");
    throw refusal("Content-Encoding may be gzip or identity.");
  }
  if (Number(request.headers["content-length"] ?? 0) > maxBytes && encoding === "identity") throw tooLarge(maxBytes);
  if (/^100-continue$/i.test(request.headers.expect ?? "")) response.writeContinue();
  if (encoding === "identity") return collect(request, maxBytes);
  const unzipped = createGunzip();
  request.on("error", (error) => unzipped.destroy(error)).on("aborted", () => unzipped.destroy(new Error("aborted")));
  try {
    return await collect(request.pipe(unzipped), maxBytes);
  } finally {
    request.unpipe(unzipped);
    unzipped.destroy();
    request.resume();
  }
}

function collect(stream: Readable, maxBytes: number): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const onData = (chunk: Buffer): void => {
      size += chunk.length;
      if (size <= maxBytes) return void chunks.push(chunk);
      chunks.length = 0;
      stream.off("data", onData);
      stream.resume();
      reject(tooLarge(maxBytes));
    };
    stream.on("data", onData);
    stream.once("end", () => resolve(Buffer.concat(chunks)));
    stream.once("error", (cause) => reject(new AppError("malformed", "The request body could not be read to its end.", { cause })));
    stream.once("close", () => reject(new AppError("malformed", "The request body ended early.")));
  });
}

function tooLarge(maxBytes: number): AppError {
  return new AppError("too-large", `A document may have at most ${maxBytes} bytes (MAX_DOCUMENT_BYTES).`);
}

function refusal(message: string): AppError {
  return new AppError("unsupported-media-type", message);
}
