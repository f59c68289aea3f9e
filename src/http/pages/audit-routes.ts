import { Router, type Request, type Response } from "express";
import type { AuditPages } from "../../interactions/trail/audit-pages.ts";
import { printableAccount } from "../../interactions/trail/print-account.ts";
import { AUDIT_FIELDS, type AuditFields, type AuditPeriod } from "../../pipeline/render/pages/audit-shown.ts";
import { allowFor } from "../answers/headers.ts";
import { writeBytes, writeHead } from "../answers/write.ts";
import { READ_WEIGHT, SEARCH_WEIGHT } from "../fhir/fhir-search.ts";
import { wholeQueryOf } from "../fhir/preferences.ts";
import { askedBy } from "../request-facts.ts";
import type { Served } from "../served.ts";
import { localeOf } from "./locale.ts";
import { paperOf } from "./paper.ts";
import { refuseMethod } from "./viewer-routes.ts";
import { writePage } from "./write-view.ts";

const PDF = "application/pdf";

/** The pages for auditors, and the account of disclosures, which the policy may give patients of themselves. */
export function auditPageRoutes({ audit, served }: { readonly audit: AuditPages; readonly served: Served }): Router {
  const { pages, turns } = served;
  const router = Router({ caseSensitive: true, strict: true });

  router.get("/audit", async (request, response) => {
    const query = begin(request, response, AUDIT_FIELDS);
    const fields = given(query, AUDIT_FIELDS) as AuditFields;
    const shown = await turns.take(READ_WEIGHT, () => audit.events(askedBy(response, "page"), fields, pageOf(query)));
    // What was asked for stands beside names.
    writePage(response, pages.audit(shown, { locale: localeOf(request) }), served, { isMixed: true });
  });
  router.get("/audit/anomalies", async (request, response) => {
    const query = begin(request, response, PERIOD);
    const shown = await turns.take(SEARCH_WEIGHT, () => audit.anomalies(askedBy(response, "page"), periodOf(query), pageOf(query)));
    writePage(response, pages.audit(shown, { locale: localeOf(request) }), served);
  });
  router.get("/audit/patients/:id.pdf", async (request, response) => {
    const query = begin(request, response, [...PERIOD, "paper"]);
    const paper = paperOf(request, served.paper);
    const shown = await turns.take(SEARCH_WEIGHT, () => audit.disclosures(askedBy(response, "page"), idOf(request), periodOf(query), pageOf(query)));
    allowFor(response, "pdf");
    if (request.method === "HEAD") return writeHead(response, PDF);
    const account = pages.printedAccount(shown, { locale: localeOf(request) });
    const made = await served.makePdf(printableAccount(account, shown, { paper, templatesVersion: pages.templatesVersion }));
    response.setHeader("Content-Disposition", `inline; filename="disclosures-${shown.patient.id}.pdf"`);
    if (made.level !== undefined)
      response.setHeader("Chartulary-Pdf-Signature", `PAdES-${made.level}${made.isStampMissing ? "; time-stamp=missing" : ""}`);
    writeBytes(response, made.bytes, PDF);
  });
  router.get("/audit/patients/:id", async (request, response) => {
    const query = begin(request, response, PERIOD);
    const shown = await turns.take(SEARCH_WEIGHT, () => audit.disclosures(askedBy(response, "page"), idOf(request), periodOf(query), pageOf(query)));
    writePage(response, pages.audit(shown, { locale: localeOf(request) }), served);
  });
  router.all(["/audit", "/audit/anomalies", "/audit/patients/:id.pdf", "/audit/patients/:id"], refuseMethod("GET, HEAD"));
  return router;
}

const PERIOD = ["from", "to"] as const;

function begin(request: Request, response: Response, names: readonly string[]): URLSearchParams {
  response.vary("Accept-Language").setHeader("Cache-Control", "no-store");
  return wholeQueryOf(request, [...names, "page"]);
}

/** Those of the parameters that were filled in. */
function given(query: URLSearchParams, names: readonly string[]): Readonly<Record<string, string>> {
  const filled = names.map((name) => [name, query.get(name)?.trim() ?? ""] as const);
  return Object.fromEntries(filled.filter(([, value]) => value !== ""));
}

function periodOf(query: URLSearchParams): AuditPeriod {
  return given(query, PERIOD);
}

function pageOf(query: URLSearchParams): string | undefined {
  return query.get("page") || undefined;
}

function idOf(request: Request): string {
  return String(request.params["id"]);
}
