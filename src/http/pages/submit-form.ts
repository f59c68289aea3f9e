import type { Request, Response } from "express";
import type { BodyOptions } from "../bodies/body.ts";
import { AppError } from "../../core/errors.ts";
import { STATUS_OF } from "../../interactions/interaction.ts";
import { withFormDocument, withFormFiles } from "./form-document.ts";
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
  const using = { bodies, fields: [PROFILE] };
  const checked = await withFormFiles(request, response, using, async ({ name, bytes, mediaType }, others) => {
    const profile = profileIn(others.get(PROFILE)?.bytes);
    return { ...(await served.registry.pages.check(askedBy(response, "page"), { bytes, mediaType }, profile)), name, profile };
  });
  const mayDeposit = await served.registry.pages.mayDeposit(askedBy(response, "page"));
  writeResult(response, served.pages.check({ ...checked, mayDeposit }, { locale: localeOf(request) }), served);
}

/** The field in which a person names a profile. */
const PROFILE = "profile";
const LONGEST_PROFILE = 500;

/** Undefined where none is named. AppError `malformed` for what can be no canonical. */
function profileIn(bytes: Uint8Array | undefined): string | undefined {
  const text = bytes === undefined ? "" : Buffer.from(bytes).toString("utf8").trim();
  if (text.length > LONGEST_PROFILE || /\s/.test(text)) throw new AppError("malformed", "The profile is no canonical: name it by its address alone.");
  return text === "" ? undefined : text;
}

/** What a form came to holds patient data of a file that may never be deposited: no cache keeps it. */
function writeResult(response: Response, page: string, served: Pick<Served, "pages" | "baseUrl">): void {
  response.vary("Accept-Language");
  writePage(response, page, served, { isMixed: true });
}
