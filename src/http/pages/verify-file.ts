import type { Request, Response } from "express";
import { treeOf } from "../../core/fhir/tree/tree.ts";
import { writeJson } from "../../core/fhir/json/write-json.ts";
import { reportFields } from "../../pipeline/verify/report.ts";
import { AppError } from "../../core/errors.ts";
import { allowVerifier } from "../answers/headers.ts";
import { agreeOn, writeBytes } from "../answers/write.ts";
import type { BodyOptions } from "../bodies/body.ts";
import { askedBy } from "../request-facts.ts";
import type { PageInteractions } from "../../interactions/pages/page-interactions.ts";
import type { Served } from "../served.ts";
import { withFormFiles } from "./form-document.ts";
import { localeOf } from "./locale.ts";
import { writePage } from "./write-view.ts";

/** What files are verified by. */
export interface VerifyingServed extends Pick<Served, "pages" | "baseUrl"> {
  readonly registry: {
    readonly pages: Pick<PageInteractions, "verifyFile">;
    /** The trust file that counts where none comes along; undefined: there is none. */
    readonly log: { trust(): Promise<string | undefined> };
  };
}

/** `GET /verify`: where a file that somebody holds can be verified. */
export async function showVerifyForm(request: Request, response: Response, served: VerifyingServed): Promise<void> {
  response.vary("Accept-Language");
  await write(undefined, { request, response, served });
}

/** `GET /verify.html`: the verifier as one file, for whoever wants to ask nobody. */
export async function giveVerifier(response: Response, { pages }: Pick<Served, "pages">): Promise<void> {
  const verifier = await pages.verifier();
  if (verifier === undefined) throw new AppError("not-found", "The verifier for browsers has not been built here (npm run build).");
  response.setHeader("Content-Disposition", 'attachment; filename="verify.html"');
  writeBytes(response, verifier.file(), "text/html; charset=utf-8");
}

async function write(
  sent: Parameters<Served["pages"]["verifyFile"]>[0],
  { request, response, served }: { readonly request: Request; readonly response: Response; readonly served: VerifyingServed },
): Promise<void> {
  const { pages, registry } = served;
  const built = await pages.verifier();
  const trust = built && (await registry.log.trust());
  const verifier = built && trust !== undefined ? { script: built.path, trust } : undefined;
  const page = pages.verifyFile(sent, { locale: localeOf(request), verifier });
  writePage(response, page, served, { isMixed: sent !== undefined, ...(verifier && { allow: allowVerifier }) });
}

/** `POST /verify`: a PDF or document (field `document`), with its receipt, a trust file of one's own and its deposit record where there are any. Nothing of it is kept. */
export async function verifySentFile(
  request: Request,
  response: Response,
  { served, bodies }: { readonly served: VerifyingServed; readonly bodies: BodyOptions },
): Promise<void> {
  response.vary("Accept").vary("Accept-Language");
  response.setHeader("Cache-Control", "no-store");
  const { form } = agreeOn(request, ["html", "json"]);
  const { name, report } = await withFormFiles(
    request,
    response,
    { bodies, fields: ["receipt", "trust", "record"] },
    async ({ name, bytes }, others) => ({
      name,
      report: await served.registry.pages.verifyFile(askedBy(response, "page"), {
        bytes,
        receipt: others.get("receipt")?.bytes,
        trust: others.get("trust")?.bytes,
        record: others.get("record")?.bytes,
      }),
    }),
  );
  if (form === "json") return writeBytes(response, writeJson(treeOf({ file: name, ...reportFields(report) })), "application/json; charset=utf-8");
  await write({ name, result: report }, { request, response, served });
}
