import type { Request, Response } from "express";
import type { Issue } from "../core/fhir/issue.ts";
import type { InteractionContext } from "../interactions/context.ts";
import { checkFile } from "../interactions/check-file.ts";
import { deposit } from "../pipeline/deposit.ts";
import { basePathOf, below } from "./addresses.ts";
import type { BodyOptions } from "./body.ts";
import { withFormDocument } from "./form-document.ts";
import { allowFor } from "./headers.ts";
import { localeOf } from "./locale.ts";
import { requestIdOf } from "./request-facts.ts";
import { writeBytes } from "./write.ts";
import { seeOther } from "./write-view.ts";

interface FormRoute {
  readonly context: InteractionContext;
  readonly bodies: BodyOptions;
}

/** `POST /documents`: what a person submitted on the start page. Leads to the document, or tells why it was refused. */
export async function submitForm(request: Request, response: Response, { context, bodies }: FormRoute): Promise<void> {
  const result = await withFormDocument(request, response, bodies, ({ bytes, mediaType }) =>
    deposit({ bytes, mediaType, receivedAt: new Date(), submitter: "unauthenticated", requestId: requestIdOf(response) }, context),
  );
  if (result.kind === "created" || result.kind === "repeated") return seeOther(response, `/documents/${result.stored.id}`, context);
  const status = result.kind === "unreadable" ? 400 : result.kind === "conflict" ? 409 : 422;
  const refusal = result.kind === "conflict" ? { issues: [taken(result.reason)] } : { issues: result.issues, source: result.source };
  response.status(status);
  writeResult(response, context.pages.refusal(refusal, { locale: localeOf(request) }), context);
}

/** `POST /check`: the same form, sent by its other button. Tells what is to be said of the file; nothing is stored. */
export async function checkForm(request: Request, response: Response, { context, bodies }: FormRoute): Promise<void> {
  const checked = await withFormDocument(request, response, bodies, async ({ name, bytes, mediaType }) => ({
    ...(await checkFile(bytes, mediaType, context)),
    name,
  }));
  writeResult(response, context.pages.check(checked, { locale: localeOf(request) }), context);
}

/** What a form came to holds patient data of a file that may never be deposited: no cache keeps it. */
function writeResult(response: Response, page: string, { baseUrl }: InteractionContext): void {
  response.vary("Accept-Language");
  response.setHeader("Cache-Control", "no-store");
  allowFor(response, "html");
  writeBytes(response, below(basePathOf(baseUrl), page), "text/html; charset=utf-8", { isMixed: true });
}

function taken(reason: string): Issue {
  return { severity: "error", code: "conflict", rule: "identifier-taken", text: reason, expression: "Bundle.identifier" };
}
