import type { Request, Response } from "express";
import { STATUS_OF } from "./fhir-create.ts";
import { readFormDocument } from "./form-document.ts";
import { allowFor } from "./headers.ts";
import { localeOf } from "./locale.ts";
import { askedBy } from "./request-facts.ts";
import type { Served } from "./served.ts";
import { writeBytes } from "./write.ts";

interface FormRoute {
  readonly served: Served;
  readonly maxDocumentBytes: number;
}

/** `POST /documents`: what a person submitted on the start page. Leads to the document, or tells why it was refused. */
export async function submitForm(request: Request, response: Response, { served, maxDocumentBytes }: FormRoute): Promise<void> {
  const { bytes, mediaType } = await readFormDocument(request, response, { maxBytes: maxDocumentBytes });
  const { id, kind, ...refusal } = await served.registry.deposit.handle(askedBy(response, "page"), { bytes, mediaType, receivedAt: new Date() });
  if (id !== undefined) return response.redirect(303, `/documents/${id}`);
  response.status(STATUS_OF[kind]);
  writeResult(response, served.pages.refusal(refusal, { locale: localeOf(request) }));
}

/** `POST /check`: the same form, sent by its other button. Tells what is to be said of the file; nothing is stored. */
export async function checkForm(request: Request, response: Response, { served, maxDocumentBytes }: FormRoute): Promise<void> {
  const { name, bytes, mediaType } = await readFormDocument(request, response, { maxBytes: maxDocumentBytes });
  const checked = await served.registry.pages.check(askedBy(response, "page"), { bytes, mediaType });
  writeResult(response, served.pages.check({ ...checked, name }, { locale: localeOf(request) }));
}

/** What a form came to holds patient data of a file that may never be deposited: no cache keeps it. */
function writeResult(response: Response, page: string): void {
  response.vary("Accept-Language");
  response.setHeader("Cache-Control", "no-store");
  allowFor(response, "html");
  writeBytes(response, page, "text/html; charset=utf-8");
}
