import type { Request, Response } from "express";
import type { Issue } from "../core/fhir/issue.ts";
import type { InteractionContext } from "../interactions/context.ts";
import { checkFile } from "../interactions/check-file.ts";
import { deposit } from "../pipeline/deposit.ts";
import { readFormDocument } from "./form-document.ts";
import { allowFor } from "./headers.ts";
import { localeOf } from "./locale.ts";
import { requestIdOf } from "./request-facts.ts";
import { writeBytes } from "./write.ts";

interface FormRoute {
  readonly context: InteractionContext;
  readonly maxDocumentBytes: number;
}

/** `POST /documents`: what a person submitted on the start page. Leads to the document, or tells why it was refused. */
export async function submitForm(request: Request, response: Response, { context, maxDocumentBytes }: FormRoute): Promise<void> {
  const { bytes, mediaType } = await readFormDocument(request, response, { maxBytes: maxDocumentBytes });
  const result = await deposit({ bytes, mediaType, receivedAt: new Date(), submitter: "unauthenticated", requestId: requestIdOf(response) }, context);
  if (result.kind === "created" || result.kind === "repeated") return response.redirect(303, `/documents/${result.stored.id}`);
  const status = result.kind === "unreadable" ? 400 : result.kind === "conflict" ? 409 : 422;
  const refusal = result.kind === "conflict" ? { issues: [taken(result.reason)] } : { issues: result.issues, source: result.source };
  response.status(status);
  writeResult(response, context.pages.refusal(refusal, { locale: localeOf(request) }));
}

/** `POST /check`: the same form, sent by its other button. Tells what is to be said of the file; nothing is stored. */
export async function checkForm(request: Request, response: Response, { context, maxDocumentBytes }: FormRoute): Promise<void> {
  const { name, bytes, mediaType } = await readFormDocument(request, response, { maxBytes: maxDocumentBytes });
  const checked = await checkFile(bytes, mediaType, context);
  writeResult(response, context.pages.check({ ...checked, name }, { locale: localeOf(request) }));
}

/** What a form came to holds patient data of a file that may never be deposited: no cache keeps it. */
function writeResult(response: Response, page: string): void {
  response.vary("Accept-Language");
  response.setHeader("Cache-Control", "no-store");
  allowFor(response, "html");
  writeBytes(response, page, "text/html; charset=utf-8");
}

function taken(reason: string): Issue {
  return { severity: "error", code: "conflict", rule: "identifier-taken", text: reason, expression: "Bundle.identifier" };
}
