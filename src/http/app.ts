import express, { type Express } from "express";
import type { Logger } from "pino";
import { capabilityStatement } from "../interactions/capabilities.ts";
import type { InteractionContext } from "../interactions/context.ts";
import { FHIR_INTERACTIONS, FHIR_OPERATIONS } from "../interactions/registry.ts";
import { answerErrors } from "./errors.ts";
import { operationRoutes } from "./fhir-operations.ts";
import { fhirRoutes } from "./fhir-routes.ts";
import { guardHost, guardOrigin } from "./guards.ts";
import { secureAnswers } from "./headers.ts";
import { healthRoutes } from "./health-routes.ts";
import type { Lifecycle } from "./lifecycle.ts";
import { logRoutes } from "./log-routes.ts";
import { identifyRequests, logRequests } from "./request-facts.ts";
import { errorPageFor, viewerRoutes } from "./viewer-routes.ts";
import { writeView } from "./write-view.ts";

export interface AppOptions {
  readonly context: InteractionContext;
  readonly version: string;
  readonly log: Logger;
  readonly lifecycle: Lifecycle;
  readonly startedAt: Date;
  readonly maxDocumentBytes: number;
}

/** The whole HTTP interface. */
export function createApp({ context, version, log, lifecycle, startedAt, maxDocumentBytes }: AppOptions): Express {
  const app = express();
  app.disable("x-powered-by").disable("etag").enable("case sensitive routing").enable("strict routing");
  const { fhirBase, isOpen } = context;

  app.use(identifyRequests(), logRequests(log), secureAnswers());
  app.use(lifecycle.admit(), guardHost(context.baseUrl), guardOrigin(context.baseUrl));
  app.use(healthRoutes(context.store, lifecycle));
  app.use(operationRoutes({ operations: FHIR_OPERATIONS, context, maxDocumentBytes }));
  app.use(
    fhirRoutes({
      interactions: FHIR_INTERACTIONS,
      statement: capabilityStatement({ interactions: FHIR_INTERACTIONS, operations: FHIR_OPERATIONS }, { version, fhirBase, startedAt, isOpen }),
      context,
      maxDocumentBytes,
      writeView: (request, response, id, form) => writeView({ request, response, id, form, context }),
    }),
  );
  app.use(logRoutes(context));
  app.use(viewerRoutes({ context, maxDocumentBytes }));
  app.use(answerErrors({ log, errorPage: errorPageFor(context) }));
  return app;
}
