import { Router, type RequestHandler } from "express";
import type { SearchedDefinitions } from "../../interactions/fhir/search-definitions.ts";
import { AppError } from "../../core/errors.ts";
import { agreeOn, isPretty, resourceText, writeBytes } from "../answers/write.ts";
import type { Served } from "../served.ts";
import { answerUnchanged, contentTag } from "./conditional.ts";

export interface DefinitionRoutesOptions {
  readonly own: Pick<SearchedDefinitions, "read">;
  readonly served: Pick<Served, "definitions">;
}

/** R4 has no type of this name: nothing else stands there. */
const TOPIC = /^SubscriptionTopic\//;

/** Reads of definitions that are ours: of operations and search parameters, and of what we write ourselves into resources. Mounted before reads of those that stand in documents, whose ids are others. */
export function definitionRoutes({ own, served }: DefinitionRoutesOptions): Router {
  const router = Router({ caseSensitive: true, strict: true });
  const answer: RequestHandler = (request, response, next) => {
    const resource = own.read(request.path.slice("/fhir/".length).replace(TOPIC, "Basic/"));
    if (!resource && TOPIC.test(request.path.slice("/fhir/".length))) throw new AppError("not-found", "There is no such topic here.");
    if (!resource) return next();
    response.vary("Accept");
    const { form, contentType } = agreeOn(request, ["json", "xml"]);
    const text = resourceText(resource, form, isPretty(request), served.definitions);
    response.setHeader("Cache-Control", "no-cache");
    if (!answerUnchanged(request, response, { etag: contentTag(text) })) writeBytes(response, text, contentType);
  };
  router.get(
    // A topic is named by the address that R5 has for it; what stands there is the Basic that R4 has in its place.
    ["OperationDefinition", "SearchParameter", "StructureDefinition", "CodeSystem", "SubscriptionTopic"].map((type) => `/fhir/${type}/:id`),
    answer,
  );
  return router;
}
