import { Router, type Request, type Response } from "express";
import type { TrailQuestions } from "../../interactions/trail/search-trail.ts";
import { agreeOn, writeResource } from "../answers/write.ts";
import { askedBy } from "../request-facts.ts";
import { parametersOf, searchForm } from "./fhir-search.ts";
import type { RespondAsync } from "../jobs/respond-async.ts";
import type { Served } from "../served.ts";

export interface AuditRoutesOptions {
  readonly questions: TrailQuestions;
  readonly served: Pick<Served, "definitions">;
  readonly later: RespondAsync;
}

/** AuditEvents of this service (ITI-81). Mounted before what stands in documents; an id with a dot is one of those. */
export function auditRoutes({ questions, served, later }: AuditRoutesOptions): Router {
  const router = Router({ caseSensitive: true, strict: true });
  const search = async (request: Request, response: Response): Promise<void> => {
    response.vary("Accept");
    const agreed = agreeOn(request, ["json", "xml"]);
    const bundle = await questions.search(askedBy(response, "rest"), [...parametersOf(request)]);
    response.setHeader("Cache-Control", "no-store");
    writeResource(request, response, bundle, agreed, served.definitions);
  };
  router.get("/fhir/AuditEvent", later(), search);
  router.post("/fhir/AuditEvent/_search", ...searchForm(), later(), search);
  router.get("/fhir/AuditEvent/:id", async (request, response, next) => {
    const { id } = request.params;
    if (/[.$_]/.test(id)) return next();
    response.vary("Accept");
    const agreed = agreeOn(request, ["json", "xml"]);
    const event = await questions.read(askedBy(response, "rest"), id);
    response.setHeader("Cache-Control", "no-store");
    writeResource(request, response, event, agreed, served.definitions);
  });
  return router;
}
