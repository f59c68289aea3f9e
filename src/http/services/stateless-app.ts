import { Router, type Express, type Request, type Response } from "express";
import { AppError } from "../../core/errors.ts";
import { operationOutcome } from "../../core/fhir/issue.ts";
import { routesOf } from "../../interactions/fhir/operation.ts";
import type { RoutedOperation } from "../../interactions/fhir/routed-operations.ts";
import { serviceStatement } from "../../interactions/fhir/service-statement.ts";
import { currentStatement } from "../../interactions/fhir/statements.ts";
import { terminologyCapabilities } from "../../interactions/fhir/terminology-capabilities.ts";
import { allowFor } from "../answers/headers.ts";
import { agreeOn, writeBytes, writeResource } from "../answers/write.ts";
import { documentBodyType, withBody, type BodyOptions } from "../bodies/body.ts";
import { operationRoutes } from "../fhir/fhir-operations.ts";
import { fhirRoutes } from "../fhir/fhir-routes.ts";
import { openFront, type AppFacts } from "../front.ts";
import type { DescribedRoute } from "../openapi/described.ts";
import { openapiDocument } from "../openapi/document.ts";
import { describeOperations } from "../openapi/operation-routes.ts";
import { openapiRoutes, securityOf } from "../openapi/openapi-routes.ts";
import { ASSET_ROWS, HEALTH_ROWS, METADATA_ROWS, rowsOf } from "../openapi/other-paths.ts";
import { healthRoutes } from "../operators/health-routes.ts";
import { assetRoutes } from "../pages/asset-routes.ts";
import { localeOf } from "../pages/locale.ts";
import { paperOf } from "../pages/paper.ts";
import { checkForm } from "../pages/submit-form.ts";
import { giveVerifier, showVerifyForm, verifySentFile } from "../pages/verify-file.ts";
import { refuseMethod } from "../pages/viewer-routes.ts";
import { seeOther, writePage } from "../pages/write-view.ts";
import { TOLD, type Stateless } from "./stateless.ts";

/** Every route of a service that keeps nothing. */
export function describedService({ name, operations, definitions }: Pick<Stateless, "name" | "operations" | "definitions">): DescribedRoute[] {
  return [
    ...describeOperations(placed({ operations, definitions }), definitions.resourceTypes()),
    ...rowsOf("fhir", METADATA_ROWS),
    ...rowsOf("pages", { ...TOLD[name].rows, ...ASSET_ROWS }),
    ...rowsOf("operators", HEALTH_ROWS),
  ];
}

/** The HTTP interface of such a service: its own routes, behind the same front as the repository's. */
export function createStatelessApp(options: AppFacts & { readonly served: Stateless }): Express {
  const { served, version, lifecycle, startedAt } = options;
  const { name, fhirBase, baseUrl, isOpen, door, definitions } = served;
  const resourceTypes = definitions.resourceTypes();
  const described = describedService(served);
  const { app, bodies, answerError } = openFront({ ...served, registry: { glass: NO_GLASS }, audit: undefined }, described, options);
  app.use(
    openapiRoutes(async () => {
      const security = await securityOf({ door, isOpen, baseUrl });
      return openapiDocument(described, { ...security, version, baseUrl, description: TOLD[name].does, resourceTypes, searchedTypes: resourceTypes });
    }),
    healthRoutes(served, lifecycle),
  );
  const operations = placed(served);
  app.use(operationRoutes({ operations, served: { ...served, registry: { pages: { weight: () => Promise.resolve(0) } } }, bodies }));
  const facts = { version, fhirBase, startedAt, isOpen, hasCors: door.corsOrigins.size > 0, resourceTypes };
  const statement = currentStatement(
    (oauth) => serviceStatement(operations, TOLD[name].does, { ...facts, oauth }),
    () => door.smartConfiguration(),
  );
  const statements = { statement, terminology: () => terminologyCapabilities({ version, fhirBase, startedAt }) };
  const nothing = { types: [], histories: [], compartments: [] };
  app.use(fhirRoutes({ interactions: [], places: nothing, statements, served, bodies, writeView: () => Promise.reject(nothingHere()) }));
  app.use(assetRoutes(served), pagesOf(served, bodies));
  app.use(() => {
    throw nothingHere();
  });
  app.use(answerError);
  return app;
}

function pagesOf(served: Stateless, bodies: BodyOptions): Router {
  const router = Router({ caseSensitive: true, strict: true });
  const { check, verifyFile, render, trust } = served;
  if (check) {
    const pages = { ...served.pages, check: onlyChecked(served.pages.check) };
    const using = { served: { ...served, pages, registry: { pages: { check, mayDeposit: () => Promise.resolve(false) } } }, bodies };
    router.get("/", (_request, response) => seeOther(response, "/check", served));
    router.get("/check", (request, response) => {
      response.vary("Accept-Language");
      writePage(response, pages.checkForm({ locale: localeOf(request) }), served);
    });
    router.post("/check", (request, response) => checkForm(request, response, using));
    router.all("/check", refuseMethod("GET, HEAD, POST", "files are looked at here"));
  }
  if (verifyFile) {
    const verifying = { ...served, registry: { pages: { verifyFile }, log: { trust: () => Promise.resolve(trust) } } };
    router.get("/", (_request, response) => seeOther(response, "/verify", served));
    router.get("/verify", (request, response) => showVerifyForm(request, response, verifying));
    router.post("/verify", (request, response) => verifySentFile(request, response, { served: verifying, bodies }));
    router.get("/verify.html", (_request, response) => giveVerifier(response, served));
    router.all("/verify", refuseMethod("GET, HEAD, POST", "files are verified here"));
    router.all("/verify.html", refuseMethod("GET, HEAD", "it is read only"));
  }
  if (render) {
    router.post("/render", (request, response) => renderSentFile(request, response, { served, render, bodies }));
    router.all("/render", refuseMethod("POST", "a document is sent to be shown"));
  }
  if (check ?? verifyFile) router.all("/", refuseMethod("GET, HEAD", "it leads to a form"));
  return router;
}

async function renderSentFile(
  request: Request,
  response: Response,
  { served, render, bodies }: { readonly served: Stateless; readonly render: NonNullable<Stateless["render"]>; readonly bodies: BodyOptions },
): Promise<void> {
  response.vary("Accept").vary("Accept-Language");
  response.setHeader("Cache-Control", "no-store");
  const { form, contentType } = agreeOn(request, ["html", "pdf"]);
  const choice = { form: form === "pdf" ? "pdf" : "html", locale: localeOf(request), paper: paperOf(request, served.paper) } as const;
  const mediaType = documentBodyType(request.get("Content-Type"));
  const made = await withBody(request, response, bodies, (bytes) => render({ bytes, mediaType }, choice));
  if (made.kind === "refused") {
    response.status(422);
    const outcome = { form: "json", contentType: "application/fhir+json; charset=utf-8" } as const;
    return writeResource(request, response, operationOutcome(made.issues, made.source), outcome, served.definitions);
  }
  allowFor(response, choice.form);
  writeBytes(response, made.bytes, contentType);
}

/** The form on such a page looks at files, and deposits none. */
function onlyChecked(check: Stateless["pages"]["check"]): Stateless["pages"]["check"] {
  return (checked, options) => check({ ...checked, isOnlyChecked: true }, options);
}

function placed({ operations, definitions }: Pick<Stateless, "operations" | "definitions">): RoutedOperation[] {
  const all = definitions.resourceTypes();
  return operations.map((operation) => ({ operation, places: routesOf(operation, { readable: [], all }) }));
}

function nothingHere(): AppError {
  return new AppError("not-found", "There is nothing at this address; GET /openapi.json tells what is here.");
}

/** No glass is broken where nothing is kept. */
const NO_GLASS = { stateOf: () => Promise.resolve({ mayBreak: false, open: [] }) };
