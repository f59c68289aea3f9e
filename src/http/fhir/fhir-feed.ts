import { Router, type Request, type Response } from "express";
import { AppError } from "../../core/errors.ts";
import { operationOutcome } from "../../core/fhir/issue.ts";
import type { ResourceInteractions } from "../../interactions/fhir/search-resources.ts";
import { FEED_STATUS, type UpdateInteraction } from "../../interactions/fhir/identity/feed-patient.ts";
import { isPretty, agreeOn, writeBytes, writeResource } from "../answers/write.ts";
import { fhirBodyType, withBody, type BodyOptions } from "../bodies/body.ts";
import { askedBy } from "../request-facts.ts";
import type { Served } from "../served.ts";
import { SEARCH_WEIGHT } from "./fhir-search.ts";
import { preferencesOf } from "./preferences.ts";

export interface FeedRoutesOptions {
  /** Undefined where no identity feed is taken. */
  readonly update: UpdateInteraction | undefined;
  readonly resources: Pick<ResourceInteractions, "read">;
  readonly served: Pick<Served, "fhirBase" | "turns" | "definitions">;
  readonly bodies: BodyOptions;
}

const PATH = "/fhir/Patient";

/** `PUT /fhir/Patient?identifier=…`, by which an identity feed says who a person is (IHE ITI-104). Mounted before the searches of that address, whose methods are others. */
export function feedRoutes(options: FeedRoutesOptions): Router {
  const { update } = options;
  const router = Router({ caseSensitive: true, strict: true });
  const allow = (response: Response): void => void response.setHeader("Allow", update ? "GET, HEAD, PUT" : "GET, HEAD");
  router.put(PATH, async (request, response) => {
    if (update) return take(request, response, { ...options, update });
    allow(response);
    throw new AppError("method-not-allowed", "No identity feed is taken here: the operator allows one with IDENTITY_FEED=1.");
  });
  router.delete(PATH, (_request, response) => {
    allow(response);
    throw new AppError(
      "method-not-allowed",
      "What an identity feed said is kept for ever, and Patients are not removed (ITI-104, Remove Patient Option): send the Patient with active=false, or replaced by another.",
    );
  });
  return router;
}

async function take(
  request: Request,
  response: Response,
  { update, resources, served, bodies }: FeedRoutesOptions & { readonly update: UpdateInteraction },
): Promise<void> {
  response.vary("Accept");
  const agreed = agreeOn(request, ["json", "xml"]);
  const mediaType = fhirBodyType(request.get("Content-Type"));
  const condition = [...new URL(request.originalUrl, "http://localhost").searchParams];
  const asked = askedBy(response, "rest");
  const result = await withBody(request, response, bodies, (bytes) => update.handle(asked, { bytes, mediaType, condition }));
  response.status(FEED_STATUS[result.kind]);
  const { id } = result;
  const { returns } = preferencesOf(request);
  const outcome = operationOutcome(result.issues, result.source);
  if (id === undefined) return writeResource(request, response, outcome, agreed, served.definitions);
  response.setHeader("Location", `${served.fhirBase}/Patient/${id}`);
  response.setHeader("Cache-Control", "no-store");
  if (returns) response.setHeader("Preference-Applied", `return=${returns}`);
  if (returns === "OperationOutcome") return writeResource(request, response, outcome, agreed, served.definitions);
  if (returns === "representation") {
    const form = { form: agreed.form === "xml" ? "xml" : "json", pretty: isPretty(request) } as const;
    return writeBytes(response, await served.turns.take(SEARCH_WEIGHT, () => resources.read(asked, "Patient", id, form)), agreed.contentType);
  }
  response.setHeader("Content-Length", 0);
  response.end();
}
