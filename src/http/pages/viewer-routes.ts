import { Router, type Request, type RequestHandler, type Response } from "express";
import { AppError } from "../../core/errors.ts";
import { treeOf } from "../../core/fhir/tree/tree.ts";
import { writeJson } from "../../core/fhir/json/write-json.ts";
import { callerName, type Asked } from "../../core/asked.ts";
import { FINDER_FIELDS, type FinderFields } from "../../pipeline/render/pages/finder-form.ts";
import { reportFields, type VerificationReport } from "../../pipeline/verify/report.ts";
import type { TrailOf } from "../../security/policy/permitted.ts";
import { basePathOf, below } from "../addresses.ts";
import type { BodyOptions } from "../bodies/body.ts";
import { assetRoutes } from "./asset-routes.ts";
import { writeAttachedFile } from "./attached-file.ts";
import type { Failure } from "../answers/errors.ts";
import { localeOf } from "./locale.ts";
import { READ_WEIGHT } from "../fhir/fhir-search.ts";
import { queryOf } from "../fhir/preferences.ts";
import { askedBy } from "../request-facts.ts";
import type { Served } from "../served.ts";
import { checkForm, submitForm } from "./submit-form.ts";
import { agreeOn, writeBytes } from "../answers/write.ts";
import { giveVerifier, showVerifyForm, verifySentFile } from "./verify-file.ts";
import { finished, seeOther, writePage, writeView } from "./write-view.ts";

/** The pages for people. */
export function viewerRoutes(options: { readonly served: Served; readonly bodies: BodyOptions }): Router {
  const { served } = options;
  const { pages, registry } = served;
  const router = Router({ caseSensitive: true, strict: true });

  router.get("/", async (request, response) => {
    const query = queryOf(request, ["q", "before", "page", ...FINDER_FIELDS]);
    const text = query.get("q") ?? "";
    const fields = fieldsOf(query);
    const question = { query: text, fields, before: query.get("before") ?? undefined, page: query.get("page") ?? undefined };
    const asked = askedBy(response, "page");
    // It opens no document: its turns are those of the index.
    const [listing, mayDeposit, isOverseer] = await Promise.all([
      registry.pages.browse(asked, question),
      registry.pages.mayDeposit(asked),
      registry.subscriptions.mayOversee(asked),
    ]);
    response.vary("Accept-Language");
    // A search stands beside names of patients.
    writePage(
      response,
      pages.start(
        { ...listing, mayDeposit },
        { locale: localeOf(request), query: text, fields, isAuditor: (await trailOf(asked, served)) === "all", isOverseer },
      ),
      served,
      { isMixed: true },
    );
  });
  router.get("/documents", (_request, response) => seeOther(response, "/", served));
  router.post("/documents", (request, response) => submitForm(request, response, options));
  // Whoever reloads the address of a result alone comes to where a file can be chosen.
  router.get("/check", (_request, response) => seeOther(response, "/", served));
  router.post("/check", (request, response) => checkForm(request, response, options));
  router.get("/verify", (request, response) => showVerifyForm(request, response, served));
  router.get("/verify.html", (_request, response) => giveVerifier(response, served));
  router.post("/verify", (request, response) => verifySentFile(request, response, options));
  router.get("/documents/:id.pdf", (request, response) => writeView({ request, response, id: idOf(request), form: "pdf", served }));
  router.get("/documents/:id.tlog-proof", async (request, response) => {
    const id = idOf(request);
    const proof = await registry.pages.proof(askedBy(response, "page"), id, "tlog-proof");
    response.setHeader("Cache-Control", "no-store");
    response.setHeader("Content-Disposition", `attachment; filename="${id}.tlog-proof"`);
    writeBytes(response, proof, "text/plain; charset=utf-8");
  });
  router.get("/documents/:id", (request, response) => writeView({ request, response, id: idOf(request), form: "html", served }));
  router.get("/documents/:id/verify", async (request, response) => {
    const id = idOf(request);
    response.vary("Accept").vary("Accept-Language");
    response.setHeader("Cache-Control", "no-store");
    const { form } = agreeOn(request, ["html", "json"]);
    const report = await shareReport(askedBy(response, "page"), id, served);
    if (form === "html") return writePage(response, pages.verification(id, report, { locale: localeOf(request) }), served);
    const fields = treeOf({ id, isVerified: report.verdict === "proven", ...reportFields(report) });
    writeBytes(response, writeJson(fields), "application/json; charset=utf-8");
  });
  router.get("/documents/:id/patient", async (request, response) => {
    response.setHeader("Cache-Control", "no-store");
    const asked = askedBy(response, "page");
    const id = await served.turns.take(READ_WEIGHT, () => registry.pages.patientOf(asked, idOf(request)));
    seeOther(response, `/patients/${id}`, served);
  });
  router.get("/patients/:id", (request, response) => writePatient(request, response, served));
  router.get("/documents/:id/receipt", async (request, response) => {
    const id = idOf(request);
    writeProof(response, `receipt-${id}.json`, await registry.pages.proof(askedBy(response, "page"), id, "receipt"));
  });
  router.get("/documents/:id/record", async (request, response) => {
    const id = idOf(request);
    writeProof(response, `record-${id}.json`, await registry.pages.depositRecord(askedBy(response, "page"), id));
  });
  router.get("/documents/:id/files/:number", (request, response) => writeAttachedFile(request, response, served));
  router.use(assetRoutes(served));
  router.all(
    [
      "/",
      "/documents/:id",
      "/documents/:id/verify",
      "/documents/:id/receipt",
      "/documents/:id/record",
      "/documents/:id/patient",
      "/documents/:id/files/:number",
      "/patients/:id",
      "/verify.html",
    ],
    refuseMethod("GET, HEAD"),
  );
  router.all(["/documents", "/check", "/verify"], refuseMethod("GET, HEAD, POST"));
  router.use(() => {
    throw new AppError("not-found", "There is nothing at this address.");
  });
  return router;
}

/** A file that an auditor keeps. */
function writeProof(response: Response, name: string, text: string): void {
  response.setHeader("Cache-Control", "no-store");
  response.setHeader("Content-Disposition", `attachment; filename="${name}"`);
  writeBytes(response, text, "application/json; charset=utf-8");
}

/** The page that a browser is shown for a failure. */
export function errorPageFor({ pages, baseUrl }: Pick<Served, "pages" | "baseUrl">): (failure: Failure, request: Request) => string {
  return (failure, request) => {
    const page = pages.error(failure, { locale: localeOf(request) });
    return request.res ? finished(page, request, request.res, { pages, baseUrl }) : below(basePathOf(baseUrl), page);
  };
}

/** Verifying opens and reads the whole document: one report for all who ask in the same state of the log. */
async function shareReport(asked: Asked, id: string, { registry, openings, turns, store }: Served): Promise<VerificationReport> {
  const weight = await registry.pages.weight(asked, id);
  const state = (await store.checkpoint())?.size ?? 0;
  return openings.share(`${id} report ${callerName(asked)} ${state}`, () => turns.take(weight, () => registry.pages.verify(asked, id)));
}

/** The finder's fields that were filled in. */
function fieldsOf(query: URLSearchParams): FinderFields {
  const given = FINDER_FIELDS.map((name) => [name, query.get(name)?.trim() ?? ""] as const);
  return Object.fromEntries(given.filter(([, value]) => value !== ""));
}

/** A patient's documents. Of a copy in a document that a person is known by, the one page is that person's. */
async function writePatient(request: Request, response: Response, served: Served): Promise<void> {
  response.vary("Accept-Language").setHeader("Cache-Control", "no-store");
  const page = queryOf(request, ["page"]).get("page") ?? undefined;
  const asked = askedBy(response, "page");
  const answer = await served.turns.take(READ_WEIGHT, () => served.registry.pages.patient(asked, idOf(request), page));
  if (answer.kind === "person") return seeOther(response, `/patients/${answer.id}`, served);
  writePage(
    response,
    served.pages.patient(answer.page, { locale: localeOf(request), hasAccount: (await trailOf(asked, served)) !== "none" }),
    served,
  );
}

/** Whose audit trail a page may lead to. */
async function trailOf(asked: Asked, { audit, registry }: Served): Promise<TrailOf> {
  return audit?.pages ? registry.pages.trailOf(asked) : "none";
}

function idOf(request: Request): string {
  return String(request.params["id"]);
}

/** Refuses every other method. @param why of the routes that are not about documents */
export function refuseMethod(allowed: string, why = "documents are never changed or deleted"): RequestHandler {
  return (request, response) => {
    response.setHeader("Allow", allowed);
    throw new AppError("method-not-allowed", `${request.method} is not allowed here: ${why}.`);
  };
}
