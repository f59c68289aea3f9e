import type { Request, Response } from "express";
import { treeOf } from "../../core/fhir/tree/tree.ts";
import { writeJson } from "../../core/fhir/json/write-json.ts";
import { reportFields } from "../../pipeline/verify/report.ts";
import { agreeOn, writeBytes } from "../answers/write.ts";
import type { BodyOptions } from "../bodies/body.ts";
import { askedBy } from "../request-facts.ts";
import type { Served } from "../served.ts";
import { withFormFiles } from "./form-document.ts";
import { localeOf } from "./locale.ts";
import { writePage } from "./write-view.ts";

/** `GET /verify`: where a file that somebody holds can be verified. */
export function showVerifyForm(request: Request, response: Response, served: Served): void {
  response.vary("Accept-Language");
  writePage(response, served.pages.verifyFile(undefined, { locale: localeOf(request) }), served);
}

/** `POST /verify`: a PDF or document (field `document`), with its receipt and a trust file of one's own where there are any. Nothing of it is kept. */
export async function verifySentFile(
  request: Request,
  response: Response,
  { served, bodies }: { readonly served: Served; readonly bodies: BodyOptions },
): Promise<void> {
  response.vary("Accept").vary("Accept-Language");
  response.setHeader("Cache-Control", "no-store");
  const { form } = agreeOn(request, ["html", "json"]);
  const { name, report } = await withFormFiles(request, response, { bodies, fields: ["receipt", "trust"] }, async ({ name, bytes }, others) => ({
    name,
    report: await served.registry.pages.verifyFile(askedBy(response, "page"), {
      bytes,
      receipt: others.get("receipt")?.bytes,
      trust: others.get("trust")?.bytes,
    }),
  }));
  if (form === "json") return writeBytes(response, writeJson(treeOf({ file: name, ...reportFields(report) })), "application/json; charset=utf-8");
  writePage(response, served.pages.verifyFile({ name, result: report }, { locale: localeOf(request) }), served, { isMixed: true });
}
