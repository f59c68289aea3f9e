import { Router, type Request, type Response } from "express";
import type { BatchInteraction } from "../../interactions/fhir/batch/batch.ts";
import type { Statements } from "../../interactions/fhir/statements.ts";
import { agreeOn, writeBytes, writeResource } from "../answers/write.ts";
import { fhirBodyType, withBody, type BodyOptions } from "../bodies/body.ts";
import { askedBy } from "../request-facts.ts";
import type { RespondAsync } from "../jobs/respond-async.ts";
import type { Served } from "../served.ts";
import { formOf, handlingOf } from "./fhir-search.ts";
import { preferencesOf } from "./preferences.ts";

export interface BatchRoutesOptions {
  readonly batch: BatchInteraction;
  readonly served: Pick<Served, "turns" | "definitions">;
  readonly bodies: BodyOptions;
  readonly statements: Statements;
  readonly later: RespondAsync;
}

/** `POST /fhir`: batches and transactions. */
export function batchRoutes({ batch, served, bodies, statements, later }: BatchRoutesOptions): Router {
  const router = Router({ caseSensitive: true, strict: true });
  const look = (request: Request): void => void fhirBodyType(request.get("Content-Type"));
  router.post(["/fhir", "/fhir/"], later(look), async (request: Request, response: Response): Promise<void> => {
    const { agreed, written } = formOf(request, response);
    const mediaType = fhirBodyType(request.get("Content-Type"));
    const receivedAt = new Date();
    // What is held of the body is let go before its entries wait for their own turns.
    const unpacked = await withBody(request, response, bodies, (bytes) => batch.unpack({ bytes, mediaType }));
    const result = await batch.run(askedBy(response, "rest"), unpacked, {
      form: written,
      handling: handlingOf(request),
      returns: preferencesOf(request).returns,
      receivedAt,
      statements,
      turns: served.turns,
      isWanted: () => !response.destroyed && !response.headersSent,
    });
    response.setHeader("Cache-Control", "no-store");
    if (result.kind === "answered") return writeBytes(response, result.bytes, agreed);
    response.status(result.status);
    writeResource(request, response, result.outcome, agreeOn(request, ["json", "xml"]), served.definitions);
  });
  return router;
}
