import { Router, type Request, type RequestHandler } from "express";
import { AppError } from "../core/errors.ts";
import { treeOf } from "../core/fhir/json/tree.ts";
import { writeJson } from "../core/fhir/json/write-json.ts";
import { browseDocuments } from "../interactions/browse-documents.ts";
import type { InteractionContext } from "../interactions/context.ts";
import { readReceipt, verifyDocument } from "../interactions/verify-document.ts";
import { reportFields } from "../pipeline/verify/report.ts";
import type { Failure } from "./errors.ts";
import { localeOf } from "./locale.ts";
import { queryOf } from "./preferences.ts";
import { checkForm, submitForm } from "./submit-form.ts";
import { agreeOn, writeBytes } from "./write.ts";
import { writePage, writeView } from "./write-view.ts";

const FOREVER = "public, max-age=31536000, immutable";

/** The pages for people. */
export function viewerRoutes(options: { readonly context: InteractionContext; readonly maxDocumentBytes: number }): Router {
  const { context } = options;
  const { pages } = context;
  const router = Router({ caseSensitive: true, strict: true });

  router.get("/", async (request, response) => {
    const query = queryOf(request, ["q", "before"]);
    const text = query.get("q") ?? "";
    const listing = await browseDocuments({ query: text, before: query.get("before") ?? undefined }, context);
    response.vary("Accept-Language");
    writePage(request, response, pages.start(listing, { locale: localeOf(request), query: text }));
  });
  router.get("/documents", (_request, response) => response.redirect(303, "/"));
  router.post("/documents", (request, response) => submitForm(request, response, options));
  // Whoever reloads the address of a result alone comes to where a file can be chosen.
  router.get("/check", (_request, response) => response.redirect(303, "/"));
  router.post("/check", (request, response) => checkForm(request, response, options));
  router.get("/documents/:id.pdf", (request, response) => writeView({ request, response, id: idOf(request), form: "pdf", context }));
  router.get("/documents/:id", (request, response) => writeView({ request, response, id: idOf(request), form: "html", context }));
  router.get("/documents/:id/verify", async (request, response) => {
    const id = idOf(request);
    const report = await verifyDocument(id, context);
    response.vary("Accept").vary("Accept-Language");
    response.setHeader("Cache-Control", "private, no-cache");
    if (agreeOn(request, ["html", "json"]).form === "html")
      return writePage(request, response, pages.verification(id, report, { locale: localeOf(request) }));
    writeBytes(
      response,
      writeJson(treeOf({ id, isVerified: report.verdict === "proven", ...reportFields(report) })),
      "application/json; charset=utf-8",
    );
  });
  router.get("/documents/:id/receipt", async (request, response) => {
    const id = idOf(request);
    const receipt = await readReceipt(id, context);
    response.setHeader("Content-Disposition", `attachment; filename="receipt-${id}.json"`);
    writeBytes(response, receipt, "application/json; charset=utf-8");
  });
  router.get("/assets/*name", async (request, response) => {
    const asset = pages.assets.get(request.path);
    if (!asset) throw new AppError("not-found", "There is no such file.");
    const body = typeof asset.body === "string" ? asset.body : await asset.body();
    response.setHeader("Cache-Control", FOREVER);
    writeBytes(response, body, asset.contentType);
  });
  router.all(["/", "/documents/:id", "/documents/:id/verify", "/documents/:id/receipt"], refuseMethod("GET, HEAD"));
  router.all(["/documents", "/check"], refuseMethod("GET, HEAD, POST"));
  router.use(() => {
    throw new AppError("not-found", "There is nothing at this address.");
  });
  return router;
}

/** The page that a browser is shown for a failure. */
export function errorPageFor({ pages }: InteractionContext): (failure: Failure, request: Request) => string {
  return (failure, request) => pages.error(failure, { locale: localeOf(request) });
}

function idOf(request: Request): string {
  return String(request.params["id"]);
}

function refuseMethod(allowed: string): RequestHandler {
  return (request, response) => {
    response.setHeader("Allow", allowed);
    throw new AppError("method-not-allowed", `${request.method} is not allowed here: documents are never changed or deleted.`);
  };
}
