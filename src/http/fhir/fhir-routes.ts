import { Router, type Request, type RequestHandler } from "express";
import { AppError } from "../../core/errors.ts";
import type { FhirInteraction, ReadInteraction } from "../../interactions/interaction.ts";
import { statementFor, type Statements } from "../../interactions/fhir/statements.ts";
import type { BodyOptions } from "../bodies/body.ts";
import { answerUnchanged, contentTag } from "./conditional.ts";
import { create } from "./fhir-create.ts";
import { otherMethods, refuseMethod, type RoutedTypes } from "./fhir-methods.ts";
import { read, type ViewWriter } from "./fhir-read.ts";
import { queryOf } from "./preferences.ts";
import type { Served } from "../served.ts";
import { agreeOn, isPretty, resourceText, writeBytes } from "../answers/write.ts";

export interface FhirRoutesOptions {
  readonly interactions: readonly FhirInteraction[];
  readonly served: Pick<Served, "baseUrl" | "fhirBase" | "turns" | "openings" | "definitions">;
  /** What else is read and searched, by routes of its own. */
  readonly places: RoutedTypes;
  readonly bodies: BodyOptions;
  readonly statements: Statements;
  /** The attested view of a document, which is what HTML and PDF mean at its own address. */
  readonly writeView: ViewWriter;
}

/** Parameters that R4 defines for every interaction and that we honour. */
const KNOWN_PARAMETERS = ["_format", "_pretty"];

const BASE = "/fhir";

/** The RESTful interface below `/fhir`, mounted from the registry. */
export function fhirRoutes(options: FhirRoutesOptions): Router {
  const router = Router({ caseSensitive: true, strict: true });
  const allowed = new Map<string, string[]>();
  const mount = (method: "get" | "post", path: string, handler: RequestHandler): void => {
    router[method](`${BASE}${path}`, (request, response, next) => {
      queryOf(request, path === "/metadata" ? [...KNOWN_PARAMETERS, "mode"] : KNOWN_PARAMETERS);
      return handler(request, response, next);
    });
    allowed.set(path, [...(allowed.get(path) ?? []), ...(method === "get" ? ["GET", "HEAD"] : ["POST"])]);
  };

  mount("get", "/metadata", async (request, response) => {
    response.vary("Accept");
    const { form, contentType } = agreeOn(request, ["json", "xml"]);
    const text = resourceText(await statementFor(modeOf(request), options.statements), form, isPretty(request), options.served.definitions);
    response.setHeader("Cache-Control", "no-cache");
    if (!answerUnchanged(request, response, { etag: contentTag(text) })) writeBytes(response, text, contentType);
  });
  for (const interaction of options.interactions) {
    const { type } = interaction;
    if (interaction.code === "create") {
      const readBack = options.interactions.find((other): other is ReadInteraction => other.type === type && other.code === "read");
      mount("post", `/${type}`, (request, response) => create(request, response, { ...options, interaction, readBack }));
    } else {
      mount("get", interaction.code === "read" ? `/${type}/:id` : `/${type}/:id/_history/:versionId`, (request, response) =>
        read(request, response, { ...options, interaction }),
      );
    }
  }
  const searched = new Set(options.places.types.map((type) => `/${type}`));
  for (const [path, methods] of allowed)
    router.all(`${BASE}${path}`, refuseMethod(searched.has(path) && !methods.includes("GET") ? ["GET", "HEAD", ...methods] : methods));
  // Where nothing is read or searched, such an address is none.
  if (options.places.types.length > 0) {
    router.all([BASE, `${BASE}/`], refuseMethod(["GET", "HEAD", "POST"]));
    router.use(otherMethods(options.places));
  }
  router.use(BASE, () => {
    throw new AppError("not-found", "There is nothing at this address; GET /fhir/metadata tells what is here.");
  });
  return router;
}

function modeOf(request: Request): string | undefined {
  return new URL(request.originalUrl, "http://localhost").searchParams.get("mode") ?? undefined;
}
