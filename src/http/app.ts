import express, { type Express } from "express";
import type { Logger } from "pino";
import { capabilityStatement, placedOperations } from "../interactions/capabilities.ts";
import { answerErrors } from "./errors.ts";
import { operationRoutes } from "./fhir-operations.ts";
import { fhirRoutes } from "./fhir-routes.ts";
import { guardHost, guardOrigin } from "./guards.ts";
import { secureAnswers } from "./headers.ts";
import { healthRoutes } from "./health-routes.ts";
import type { Lifecycle } from "./lifecycle.ts";
import { logRoutes } from "./log-routes.ts";
import { identifyRequests, logRequests } from "./request-facts.ts";
import type { Served } from "./served.ts";
import { errorPageFor, viewerRoutes } from "./viewer-routes.ts";
import { writeView } from "./write-view.ts";

export interface AppOptions {
  readonly served: Served;
  readonly version: string;
  readonly log: Logger;
  readonly lifecycle: Lifecycle;
  readonly startedAt: Date;
  readonly maxDocumentBytes: number;
}

/** The whole HTTP interface. */
export function createApp({ served, version, log, lifecycle, startedAt, maxDocumentBytes }: AppOptions): Express {
  const app = express();
  app.disable("x-powered-by").disable("etag").enable("case sensitive routing").enable("strict routing");
  const { registry, fhirBase, baseUrl, isOpen, resourceTypes } = served;

  app.use(identifyRequests(), logRequests(log), secureAnswers());
  app.use(lifecycle.admit(), guardHost(baseUrl), guardOrigin(baseUrl));
  app.use(healthRoutes(served.store, lifecycle));
  app.use(operationRoutes({ operations: placedOperations(registry.fhir, resourceTypes), maxDocumentBytes }));
  app.use(
    fhirRoutes({
      interactions: registry.fhir.interactions,
      statement: capabilityStatement(registry.fhir, { version, fhirBase, startedAt, isOpen, resourceTypes }),
      addresses: served,
      maxDocumentBytes,
      writeView: (request, response, id, form) => writeView({ request, response, id, form, served }),
    }),
  );
  app.use(logRoutes(registry.log));
  app.use(viewerRoutes({ served, maxDocumentBytes }));
  app.use(answerErrors({ log, errorPage: errorPageFor(served) }));
  return app;
}
