import { Router, type Request, type RequestHandler, type Response } from "express";
import type { HistoryInteractions } from "../../interactions/fhir/read-history.ts";
import { writeBytes } from "../answers/write.ts";
import { askedBy } from "../request-facts.ts";
import type { Served } from "../served.ts";
import { formOf, SEARCH_WEIGHT, handlingOf } from "./fhir-search.ts";

export interface HistoryRoutesOptions {
  readonly histories: HistoryInteractions;
  readonly served: Pick<Served, "turns">;
}

/** Histories (R4 http.html). Mounted before what would take `_history` for an id. */
export function historyRoutes({ histories, served }: HistoryRoutesOptions): Router {
  const router = Router({ caseSensitive: true, strict: true });
  const types = new Set(histories.types);
  const known: RequestHandler = (request, _response, next) => next(types.has(String(request.params["type"])) ? undefined : "route");
  const answer = async (request: Request, response: Response): Promise<void> => {
    const { agreed, written } = formOf(request, response);
    const { type, id } = Object.fromEntries(Object.entries(request.params).map(([name, value]) => [name, String(value)]));
    const parameters = [...new URL(request.originalUrl, "http://localhost").searchParams];
    const asked = askedBy(response, "rest");
    const question = { type, id, parameters, handling: handlingOf(request) };
    const bytes = await served.turns.take(SEARCH_WEIGHT, () => histories.history(asked, question, written));
    response.setHeader("Cache-Control", "no-store");
    writeBytes(response, bytes, agreed);
  };
  router.get("/fhir/_history", answer);
  router.get("/fhir/:type/_history", known, answer);
  router.get("/fhir/:type/:id/_history", known, answer);
  return router;
}
