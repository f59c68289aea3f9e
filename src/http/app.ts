import type { Express } from "express";
import { capabilityStatement } from "../interactions/fhir/capabilities.ts";
import { routedOperations } from "../interactions/fhir/routed-operations.ts";
import { currentStatement, type Statements } from "../interactions/fhir/statements.ts";
import { currentTerminology } from "../interactions/fhir/terminology-capabilities.ts";
import { discoveryRoutes } from "./access/discovery-routes.ts";
import { receptionRoutes } from "./accounts/reception-routes.ts";
import { signInRoutes } from "./access/sign-in-routes.ts";
import { JOB_PATH, jobRoutes } from "./jobs/job-routes.ts";
import { respondAsync } from "./jobs/respond-async.ts";
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
import { healthRoutes } from "./operators/health-routes.ts";
import { eventRoutes } from "./log/event-routes.ts";
import { keyRoutes } from "./log/key-routes.ts";
import { describedRoutes, openapiOf, openapiRoutes } from "./openapi/openapi-routes.ts";
import { logRoutes } from "./log/log-routes.ts";
import { openFront, type AppFacts } from "./front.ts";
import type { Served } from "./served.ts";
import { auditPageRoutes } from "./pages/audit-routes.ts";
import { jobPageRoutes } from "./pages/job-page-routes.ts";
import { subscriptionRoutes } from "./pages/subscription-routes.ts";
import { glassRoutes } from "./pages/glass-routes.ts";
import { viewerRoutes } from "./pages/viewer-routes.ts";
import { writeView } from "./pages/write-view.ts";

export interface AppOptions extends AppFacts {
  readonly served: Served;
}

/** The whole HTTP interface. */
export function createApp(options: AppOptions): Express {
  const { served, version, log, lifecycle, startedAt } = options;
  const { registry, fhirBase, isOpen, door, definitions } = served;
  const resourceTypes = definitions.resourceTypes();
  const { app, bodies, answerError } = openFront(served, describedRoutes(served), options);
  const later = respondAsync({ jobs: served.jobs, served, bodies });
  app.use(openapiRoutes(() => openapiOf(served, version)));
  app.use(healthRoutes(served, lifecycle), discoveryRoutes(served), signInRoutes({ served, bodies }));
  if (served.reception) app.use(receptionRoutes({ served, reception: served.reception }));
  const operations = routedOperations(registry.fhir, resourceTypes);
  app.use(graphRoutes({ graphql: registry.fhir.graphql, operations, served, log, later }));
  app.use(operationRoutes({ operations, served, bodies, later }), jobRoutes({ jobs: registry.jobs, served }));
  app.use(exportRoutes(`${JOB_PATH}/:file`, registry.exports));
  app.use(definitionRoutes({ own: registry.fhir.ownDefinitions, served }));
  const statements: Statements = {
    statement: currentStatement(
      (oauth) =>
        capabilityStatement(registry.fhir, { version, fhirBase, startedAt, isOpen, hasCors: door.corsOrigins.size > 0, resourceTypes, oauth }),
      () => door.smartConfiguration(),
    ),
    terminology: currentTerminology({ version, fhirBase, startedAt }, registry.fhir.conformance),
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
