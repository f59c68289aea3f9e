import express, { type Express } from "express";
import type { Logger } from "pino";
import { capabilityStatement } from "../interactions/fhir/capabilities.ts";
import { routedOperations } from "../interactions/fhir/routed-operations.ts";
import { currentStatement, type Statements } from "../interactions/fhir/statements.ts";
import { terminologyCapabilities } from "../interactions/fhir/terminology-capabilities.ts";
import { discoveryRoutes } from "./access/discovery-routes.ts";
import { receptionRoutes } from "./accounts/reception-routes.ts";
import { admitCallers } from "./access/gate.ts";
import { signInRoutes } from "./access/sign-in-routes.ts";
import { basePathOf, plainAddresses } from "./addresses.ts";
import type { BodyOptions } from "./bodies/body.ts";
import { ByteBudget } from "./bodies/byte-budget.ts";
import { deliverAnswers } from "./answers/delivery.ts";
import { JOB_PATH, jobRoutes } from "./jobs/job-routes.ts";
import { respondAsync } from "./jobs/respond-async.ts";
import { answerErrors } from "./answers/errors.ts";
import { operationRoutes } from "./fhir/fhir-operations.ts";
import { graphRoutes } from "./fhir/fhir-graphql.ts";
import { auditRoutes } from "./fhir/fhir-audit.ts";
import { batchRoutes } from "./fhir/fhir-batch.ts";
import { definitionRoutes } from "./fhir/fhir-definitions.ts";
import { exportRoutes } from "./fhir/fhir-export.ts";
import { feedRoutes } from "./fhir/fhir-feed.ts";
import { keptRoutes } from "./fhir/fhir-kept.ts";
import { historyRoutes } from "./fhir/fhir-history.ts";
import { searchRoutes } from "./fhir/fhir-search.ts";
import type { RoutedTypes } from "./fhir/fhir-methods.ts";
import { fhirRoutes } from "./fhir/fhir-routes.ts";
import { Allowances, limitStrangers } from "./bounds/allowances.ts";
import { guardHost, guardOrigin } from "./bounds/guards.ts";
import { secureAnswers } from "./answers/headers.ts";
import { healthRoutes } from "./operators/health-routes.ts";
import type { Intake } from "./bodies/intake.ts";
import type { Lifecycle } from "./operators/lifecycle.ts";
import { HTTP_LIMITS, type HttpLimits } from "./bounds/limits.ts";
import { eventRoutes, type EventStreamLimits } from "./log/event-routes.ts";
import { keyRoutes } from "./log/key-routes.ts";
import { answerOptions, refuseUnknownMethods } from "./openapi/methods.ts";
import { describedRoutes, openapiOf, openapiRoutes } from "./openapi/openapi-routes.ts";
import { logRoutes } from "./log/log-routes.ts";
import { openPublicAddresses, openToOrigins } from "./bounds/public-access.ts";
import { watchRequests, type RequestWatch } from "./operators/request-watch.ts";
import { identifyRequests, logRequests, noteAddresses } from "./request-facts.ts";
import type { Served } from "./served.ts";
import { limitTimes } from "./bounds/time-limits.ts";
import { auditPageRoutes } from "./pages/audit-routes.ts";
import { jobPageRoutes } from "./pages/job-page-routes.ts";
import { subscriptionRoutes } from "./pages/subscription-routes.ts";
import { glassRoutes } from "./pages/glass-routes.ts";
import { errorPageFor, viewerRoutes } from "./pages/viewer-routes.ts";
import { auditAnswers } from "./trail/audit-answers.ts";
import { writeView } from "./pages/write-view.ts";

export interface AppOptions {
  readonly served: Served;
  readonly version: string;
  readonly log: Logger;
  readonly lifecycle: Lifecycle;
  readonly startedAt: Date;
  readonly maxDocumentBytes: number;
  /** Of answers that wait to be taken. */
  readonly maxAnswerBytes: number;
  readonly intake: Intake;
  /** Requests a second of one client or address; 0: as many as come. */
  readonly rateLimit: number;
  readonly limits?: HttpLimits;
  /** Of the log as it is followed. */
  readonly eventStreams?: EventStreamLimits;
  /** Who looks on while requests are answered. */
  readonly watch?: RequestWatch | undefined;
}

/** The whole HTTP interface. */
export function createApp(options: AppOptions): Express {
  const { served, version, log, lifecycle, startedAt, limits = HTTP_LIMITS } = options;
  const app = express();
  app.disable("x-powered-by").disable("etag").enable("case sensitive routing").enable("strict routing");
  const { registry, fhirBase, baseUrl, isOpen, door, definitions } = served;
  const resourceTypes = definitions.resourceTypes();
  const bodies: BodyOptions = { maxBytes: options.maxDocumentBytes, intake: options.intake, turns: served.turns };
  const later = respondAsync({ jobs: served.jobs, served, bodies });

  if (options.watch) app.use(watchRequests(options.watch));
  app.use(plainAddresses(basePathOf(baseUrl)), identifyRequests(), noteAddresses(door.proxies), logRequests(log), secureAnswers(baseUrl));
  const answerError = answerErrors({ log, definitions, errorPage: errorPageFor(served) });
  if (served.audit) app.use(auditAnswers({ ...served.audit, answerError }));
  app.use(deliverAnswers({ answers: new ByteBudget(options.maxAnswerBytes), limits }), limitTimes(limits), lifecycle.admit());
  const allowances = new Allowances({ ...limits, perSecond: options.rateLimit });
  app.use(limitStrangers(allowances, served));
  const described = describedRoutes(served);
  app.use(guardHost(baseUrl), openPublicAddresses(), openToOrigins(door.corsOrigins), refuseUnknownMethods(described));
  app.use(guardOrigin(baseUrl, door.corsOrigins), admitCallers(served, allowances), answerOptions(described));
  app.use(openapiRoutes(() => openapiOf(served, version)));
  app.use(healthRoutes(served, lifecycle), discoveryRoutes(served), signInRoutes({ served, bodies }));
  if (served.reception) app.use(receptionRoutes({ served, reception: served.reception }));
  const operations = routedOperations(registry.fhir, resourceTypes);
  app.use(graphRoutes({ graphql: registry.fhir.graphql, operations, served, log }));
  app.use(operationRoutes({ operations, served, bodies, later }), jobRoutes({ jobs: registry.jobs, served }));
  app.use(exportRoutes(`${JOB_PATH}/:file`, registry.exports));
  app.use(definitionRoutes({ own: registry.fhir.ownDefinitions, served }));
  const statements: Statements = {
    statement: currentStatement(
      (oauth) =>
        capabilityStatement(registry.fhir, { version, fhirBase, startedAt, isOpen, hasCors: door.corsOrigins.size > 0, resourceTypes, oauth }),
      () => door.smartConfiguration(),
    ),
    terminology: terminologyCapabilities({ version, fhirBase, startedAt }),
  };
  app.use(batchRoutes({ batch: registry.fhir.batch, served, bodies, statements, later }));
  if (served.audit?.questions) app.use(auditRoutes({ questions: served.audit.questions, served, later }));
  app.use(feedRoutes({ update: registry.fhir.update, resources: registry.fhir.resources, served, bodies }));
  app.use(keptRoutes({ kept: registry.fhir.kept, served, bodies }));
  app.use(historyRoutes({ histories: registry.fhir.histories, served }));
  app.use(searchRoutes({ resources: registry.fhir.resources, served, later }));
  app.use(
    fhirRoutes({
      interactions: registry.fhir.interactions,
      places: placesOf(registry.fhir),
      statements,
      served,
      bodies,
      writeView: (request, response, id, form) => writeView({ request, response, id, form, served }),
    }),
  );
  app.use(
    glassRoutes({ served }),
    subscriptionRoutes({ served }),
    jobPageRoutes({ served }),
    logRoutes(registry.log),
    eventRoutes(registry.following, () => lifecycle.isStopping, options.eventStreams),
    keyRoutes(served),
  );
  if (served.audit?.pages) app.use(auditPageRoutes({ audit: served.audit.pages, served }));
  app.use(viewerRoutes({ served, bodies }));
  app.use(answerError);
  return app;
}

function placesOf({ resources, histories }: Served["registry"]["fhir"]): RoutedTypes {
  return { types: resources.types, histories: histories.types, compartments: resources.parameters.compartments() };
}
