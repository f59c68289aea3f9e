import type { IncomingMessage, ServerResponse } from "node:http";
import type { Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import { AppError } from "../../core/errors.ts";
import type { Turns } from "../../interactions/turns.ts";
import { SIGNED_MESSAGE } from "../../core/fhir/reading/fhir-media-type.ts";
import type { DocumentMediaType, FhirMediaType } from "../../pipeline/document-forms.ts";
import type { ArrivedBody } from "./body-sink.ts";
import type { Expected, Intake } from "./intake.ts";
import { isOurVersion, parseMediaType } from "../fhir/negotiate.ts";

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

/** The same where a document may come within a signed message (CMS) too. */
export function documentBodyType(contentType: string | undefined): DocumentMediaType {
  const parsed = contentType === undefined ? undefined : parseMediaType(contentType);
  if (parsed === undefined || !MESSAGES.has(parsed.name)) return fhirBodyType(contentType);
  const kind = parsed.parameters.get("smime-type") ?? "signed-data";
  if (kind !== "signed-data") throw refusal("Of messages (application/pkcs7-mime), signed ones are taken: smime-type=signed-data.");
  return SIGNED_MESSAGE;
}

/** Media types of signed messages (RFC 8551 section 3.2, RFC 7193). */
const MESSAGES: ReadonlySet<string> = new Set([SIGNED_MESSAGE, "application/x-pkcs7-mime", "application/cms"]);

/** Whether a request brings lines (`application/fhir+ndjson`), each a resource. */
export function isLinesType(contentType: string | undefined): boolean {
  const parsed = contentType === undefined ? undefined : parseMediaType(contentType);
  return parsed !== undefined && LINES.has(parsed.name);
}

const LINES: ReadonlySet<string> = new Set(["application/fhir+ndjson", "application/ndjson", "application/x-ndjson"]);

/** What a request body may be, and what it is received and worked on with. */
export interface BodyOptions {
  /** After decompression. */
  readonly maxBytes: number;
  readonly intake: Intake;
  readonly turns: Turns;
}

/**
 * Receives the body of a request as the sender had it (gzip is undone), waits for a turn to work on it, and gives it to `use`. Nothing of it is held afterwards.
 *
 * @throws AppError `too-large` at the first byte above the limit; what follows is read and thrown away for a moment, so that the answer reaches a client that is still sending.
 * @throws AppError `unsupported-media-type` for another Content-Encoding; `malformed` when the body ends early or is no gzip; `too-slow`; `unavailable` when there is no room.
 */
export async function withBody<Result>(
  request: IncomingMessage,
  response: ServerResponse,
  { maxBytes, intake, turns }: BodyOptions,
  use: (bytes: Uint8Array) => Promise<Result>,
): Promise<Result> {
  const body = await receiveBody(request, response, { maxBytes, intake });
  try {
    return await turns.take(body.size, async () => use(await body.bytes()));
  } finally {
    await body.release();
  }
}

/**
 * Hands a body of any length on as the sender had it, piece by piece. Nothing of it is held.
 *
 * @throws AppErrors of `withBody`; what `take` throws
 */
export function handOnBody(
  request: IncomingMessage,
  response: ServerResponse,
  { intake }: Pick<BodyOptions, "intake">,
  take: (piece: Uint8Array) => Promise<void>,
): Promise<void> {
  return decoded(request, response, ({ begin }) => intake.handOn(request, begin, take));
}

function receiveBody(request: IncomingMessage, response: ServerResponse, { maxBytes, intake }: Omit<BodyOptions, "turns">): Promise<ArrivedBody> {
  return decoded(request, response, ({ begin, length }) => {
    if (length !== undefined && length > maxBytes)
      throw new AppError("too-large", `A document may have at most ${maxBytes} bytes (MAX_DOCUMENT_BYTES).`);
    return intake.receive(request, { length, maxBytes, begin });
  });
}

/** Gives the stream of a body's own bytes: gzip is undone. */
async function decoded<Result>(
  request: IncomingMessage,
  response: ServerResponse,
  use: (source: Pick<Expected, "begin" | "length">) => Promise<Result>,
): Promise<Result> {
  const encoding = (request.headers["content-encoding"] ?? "identity").trim().toLowerCase();
  if (encoding !== "identity" && encoding !== "gzip" && encoding !== "x-gzip") {
    response.setHeader("Accept-Encoding", "gzip, identity");
    throw refusal("Content-Encoding may be gzip or identity.");
  }
  const goOn = (): void => {
    if (/^100-continue$/i.test(request.headers.expect ?? "")) response.writeContinue();
  };
  if (encoding === "identity") {
    const announced = request.headers["content-length"];
    const begin = (): Readable => {
      goOn();
      return request;
    };
    return use({ length: announced === undefined ? undefined : Number(announced), begin });
  }
  const unzipped = createGunzip({ chunkSize: 65_536 });
  request.on("error", (error) => unzipped.destroy(error)).on("aborted", () => unzipped.destroy(new Error("aborted")));
  const begin = (): Readable => {
    goOn();
    return request.pipe(unzipped);
  };
  try {
    return await use({ length: undefined, begin });
  } finally {
    request.unpipe(unzipped);
    unzipped.destroy();
    request.resume();
  }
}

function refusal(message: string): AppError {
  return new AppError("unsupported-media-type", message);
}
