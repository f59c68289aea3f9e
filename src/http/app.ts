import express, { type Express } from "express";
import type { Logger } from "pino";
import { capabilityStatement } from "../interactions/capabilities.ts";
import type { InteractionContext } from "../interactions/context.ts";
import { FHIR_INTERACTIONS, FHIR_OPERATIONS } from "../interactions/registry.ts";
import { basePathOf, plainAddresses } from "./addresses.ts";
import type { BodyOptions } from "./body.ts";
import { ByteBudget } from "./byte-budget.ts";
import { deliverAnswers } from "./delivery.ts";
import { answerErrors } from "./errors.ts";
import { operationRoutes } from "./fhir-operations.ts";
import { fhirRoutes } from "./fhir-routes.ts";
import { guardHost, guardOrigin } from "./guards.ts";
import { secureAnswers } from "./headers.ts";
import { healthRoutes } from "./health-routes.ts";
import type { Intake } from "./intake.ts";
import type { Lifecycle } from "./lifecycle.ts";
import { HTTP_LIMITS, type HttpLimits } from "./limits.ts";
import { logRoutes } from "./log-routes.ts";
import { openPublicAddresses } from "./public-access.ts";
import { limitRate, RateLimiter } from "./rate-limit.ts";
import { identifyRequests, logRequests } from "./request-facts.ts";
import { limitTimes } from "./time-limits.ts";
import { errorPageFor, viewerRoutes } from "./viewer-routes.ts";
import { writeView } from "./write-view.ts";

export interface AppOptions {
  readonly context: InteractionContext;
  readonly version: string;
  readonly log: Logger;
  readonly lifecycle: Lifecycle;
  readonly startedAt: Date;
  readonly maxDocumentBytes: number;
  /** Of answers that wait to be taken. */
  readonly maxAnswerBytes: number;
  readonly intake: Intake;
  /** Requests a second from one address; 0: as many as come. */
  readonly rateLimit: number;
  readonly limits?: HttpLimits;
}

/** The whole HTTP interface. */
export function createApp(options: AppOptions): Express {
  const { context, version, log, lifecycle, startedAt, limits = HTTP_LIMITS } = options;
  const app = express();
  app.disable("x-powered-by").disable("etag").enable("case sensitive routing").enable("strict routing");
  const { fhirBase, isOpen } = context;
  const bodies: BodyOptions = { maxBytes: options.maxDocumentBytes, intake: options.intake, turns: context.turns };

  app.use(plainAddresses(basePathOf(context.baseUrl)), identifyRequests(), logRequests(log), secureAnswers());
  app.use(deliverAnswers({ answers: new ByteBudget(options.maxAnswerBytes), limits }), limitTimes(limits), lifecycle.admit());
  if (options.rateLimit > 0) app.use(limitRate(new RateLimiter(options.rateLimit)));
  app.use(guardHost(context.baseUrl), openPublicAddresses(), guardOrigin(context.baseUrl));
  app.use(healthRoutes(context.store, lifecycle));
  app.use(operationRoutes({ operations: FHIR_OPERATIONS, context, bodies }));
  app.use(
    fhirRoutes({
      interactions: FHIR_INTERACTIONS,
      statement: capabilityStatement({ interactions: FHIR_INTERACTIONS, operations: FHIR_OPERATIONS }, { version, fhirBase, startedAt, isOpen }),
      context,
      bodies,
      writeView: (request, response, id, form) => writeView({ request, response, id, form, context }),
    }),
  );
  app.use(logRoutes(context));
  app.use(viewerRoutes({ context, bodies }));
  app.use(answerErrors({ log, errorPage: errorPageFor(context) }));
  return app;
}
