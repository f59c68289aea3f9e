import { Router } from "express";
import { routedOperations } from "../../interactions/fhir/routed-operations.ts";
import { sessionCookie } from "../access/cookies.ts";
import { writeBytes } from "../answers/write.ts";
import { answerUnchanged, contentTag } from "../fhir/conditional.ts";
import { refuseMethod } from "../pages/viewer-routes.ts";
import type { Served } from "../served.ts";
import type { DescribedRoute, Piece } from "./described.ts";
import { openapiDocument, type DocumentFacts, type SecurityFacts } from "./document.ts";
import { describeFhir } from "./fhir-paths.ts";
import { describeOperations } from "./operation-routes.ts";
import { DISCOVERY_ROWS, HEALTH_ROWS, LOG_ROWS, METADATA_ROWS, RECEPTION_ROWS, rowsOf, SIGN_IN_ROWS } from "./other-paths.ts";
import { AUDIT_ROWS, PAGE_ROWS } from "./page-paths.ts";

/** What is public may be kept for a while by anybody. */
const A_WHILE = "public, max-age=300";

/** `GET /openapi.json`. @param make called when it is first asked for, and until it could be made */
export function openapiRoutes(make: () => Promise<Piece>): Router {
  const router = Router({ caseSensitive: true, strict: true });
  let made: Promise<string> | undefined;
  const text = (): Promise<string> => {
    made ??= make().then((document) => `${JSON.stringify(document)}\n`);
    made.catch(() => (made = undefined));
    return made;
  };
  router.get("/openapi.json", async (request, response) => {
    const body = await text();
    response.setHeader("Cache-Control", A_WHILE);
    if (!answerUnchanged(request, response, { etag: contentTag(body) })) writeBytes(response, body, "application/json; charset=utf-8");
  });
  router.all("/openapi.json", refuseMethod("GET, HEAD", "it is read only"));
  return router;
}

/** Every route of the repository, by what it has. */
export function describedRoutes({ registry, definitions, door, reception, audit }: Omit<DescribedNeeds, "baseUrl">): DescribedRoute[] {
  const all = definitions.resourceTypes();
  return [
    ...describeFhir(registry.fhir, { hasAudit: audit?.questions !== undefined }),
    ...rowsOf("fhir", METADATA_ROWS),
    ...describeOperations(routedOperations(registry.fhir, all), all),
    ...rowsOf("pages", PAGE_ROWS),
    ...(audit?.pages ? rowsOf("pages", AUDIT_ROWS) : []),
    ...rowsOf("log", LOG_ROWS),
    ...rowsOf("access", DISCOVERY_ROWS),
    ...(door.people ? rowsOf("access", SIGN_IN_ROWS) : []),
    ...(reception ? rowsOf("access", RECEPTION_ROWS) : []),
    ...rowsOf("operators", HEALTH_ROWS),
  ];
}

type DescribedNeeds = Pick<Served, "registry" | "definitions" | "door" | "reception" | "audit" | "baseUrl" | "isOpen">;

/** The repository's document. */
export async function openapiOf(served: DescribedNeeds, version: string): Promise<Piece> {
  const facts: DocumentFacts = {
    ...(await securityOf(served)),
    ...{ version, baseUrl: served.baseUrl },
    description: "A repository of FHIR documents, which renders and verifies them.",
    resourceTypes: served.definitions.resourceTypes(),
    searchedTypes: served.registry.fhir.resources.types,
  };
  return openapiDocument(describedRoutes(served), facts);
}

/** How callers are known, told as OpenAPI has it. */
export async function securityOf({ door, isOpen, baseUrl }: Pick<Served, "door" | "isOpen" | "baseUrl">): Promise<SecurityFacts> {
  const issuers = (await door.issuers()).map(({ issuer }) => issuer);
  return { isOpen, issuers, takesCertificates: door.takesCertificates === true, cookie: door.people && sessionCookie(baseUrl) };
}
