import { fhirMediaTypeOf } from "../../core/fhir/reading/fhir-media-type.ts";
import type { Request, Response } from "express";
import { AppError } from "../../core/errors.ts";
import type { DocumentMediaType } from "../../pipeline/document-forms.ts";
import { withBody, type BodyOptions } from "../bodies/body.ts";

/** What the boundaries and headers of a form take beside the file. */
const FORM_OVERHEAD = 16_384;
const FIELD = "document";

/** A file that a person sent. */
export interface FormDocument {
  /** As the browser calls it; empty for pasted text. */
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly mediaType: DocumentMediaType;
}

/** Files of a form by the fields that they stand in; a field that was left empty has none. */
export type FormFiles = ReadonlyMap<string, FormDocument>;

/**
 * Gives `use` the file of the submission form (RFC 7578, field `document`), or the text that was pasted into a field of that name. The whole form is bounded before it is
 * taken apart.
 *
 * @throws AppError `too-large`, `unsupported-media-type`, `malformed`.
 */
export function withFormDocument<Result>(
  request: Request,
  response: Response,
  bodies: BodyOptions,
  use: (document: FormDocument) => Promise<Result>,
): Promise<Result> {
  return withFormFiles(request, response, { bodies, fields: [] }, (document) => use(document));
}

/** The same of a form with other fields beside the document's, all of them together no larger than a document may be. */
export function withFormFiles<Result>(
  request: Request,
  response: Response,
  { bodies, fields }: { readonly bodies: BodyOptions; readonly fields: readonly string[] },
  use: (document: FormDocument, others: FormFiles) => Promise<Result>,
): Promise<Result> {
  const contentType = request.get("Content-Type") ?? "";
  if (!/^multipart\/form-data\s*;/i.test(contentType))
    throw new AppError("unsupported-media-type", "The form is sent as multipart/form-data, with the file in its field document.");
  const { maxBytes } = bodies;
  return withBody(request, response, { ...bodies, maxBytes: maxBytes + FORM_OVERHEAD }, async (body) => {
    const files = await filesIn(body, contentType, [FIELD, ...fields]);
    const document = files.get(FIELD);
    if (document === undefined) throw new AppError("malformed", "Choose a file first: the form came without a document.");
    if (document.bytes.byteLength > maxBytes) throw new AppError("too-large", `A document may have at most ${maxBytes} bytes (MAX_DOCUMENT_BYTES).`);
    return use(document, files);
  });
}

async function filesIn(body: Uint8Array, contentType: string, fields: readonly string[]): Promise<Map<string, FormDocument>> {
  const form = await new globalThis.Response(body as Uint8Array<ArrayBuffer>, { headers: { "Content-Type": contentType } })
    .formData()
    .catch((cause: unknown) => {
      throw new AppError("malformed", "The form could not be read.", { cause });
    });
  const files = new Map<string, FormDocument>();
  for (const name of fields) {
    const field = form.get(name);
    if (field === null) continue;
    const bytes = typeof field === "string" ? Buffer.from(field, "utf8") : await field.bytes();
    if (bytes.byteLength === 0) continue;
    const fileName = typeof field === "string" ? "" : field.name;
    files.set(name, { name: fileName, bytes, mediaType: fhirMediaTypeOf(bytes, fileName) });
  }
  return files;
}
