import type { Request, Response } from "express";
import type { BodyOptions } from "../bodies/body.ts";
import { STATUS_OF } from "../../interactions/interaction.ts";
import { withFormDocument } from "./form-document.ts";
import { localeOf } from "./locale.ts";
import { askedBy } from "../request-facts.ts";
import type { PageInteractions } from "../../interactions/pages/page-interactions.ts";
import type { Served } from "../served.ts";
import { seeOther, writePage } from "./write-view.ts";

/** What files are looked at by. */
export interface CheckingServed extends Pick<Served, "pages" | "baseUrl"> {
  readonly registry: { readonly pages: Pick<PageInteractions, "check" | "mayDeposit"> };
}

interface FormRoute<Using> {
  readonly served: Using;
  readonly bodies: BodyOptions;
}

/** `POST /documents`: what a person submitted on the start page. Leads to the document, or tells why it was refused. */
export async function submitForm(request: Request, response: Response, { served, bodies }: FormRoute<Served>): Promise<void> {
  const { id, kind, ...refusal } = await withFormDocument(request, response, bodies, ({ bytes, mediaType }) =>
    served.registry.deposit.handle(askedBy(response, "page"), { bytes, mediaType, receivedAt: new Date() }),
  );
  if (id !== undefined) return seeOther(response, `/documents/${id}`, served);
  response.status(STATUS_OF[kind]);
  const mayDeposit = await served.registry.pages.mayDeposit(askedBy(response, "page"));
  writeResult(response, served.pages.refusal({ ...refusal, mayDeposit }, { locale: localeOf(request) }), served);
}

/** `POST /check`: the same form, sent by its other button. Tells what is to be said of the file; nothing is stored. */
export async function checkForm(request: Request, response: Response, { served, bodies }: FormRoute<CheckingServed>): Promise<void> {
  const checked = await withFormDocument(request, response, bodies, async ({ name, bytes, mediaType }) => ({
    ...(await served.registry.pages.check(askedBy(response, "page"), { bytes, mediaType })),
    name,
  }));
  const mayDeposit = await served.registry.pages.mayDeposit(askedBy(response, "page"));
  writeResult(response, served.pages.check({ ...checked, mayDeposit }, { locale: localeOf(request) }), served);
}

/** What a form came to holds patient data of a file that may never be deposited: no cache keeps it. */
function writeResult(response: Response, page: string, served: Pick<Served, "pages" | "baseUrl">): void {
  response.vary("Accept-Language");
  writePage(response, page, served, { isMixed: true });
}
