/** The OpenAPI 3.1 document: every route that is there, and nothing else. */
import { isPublicAddress } from "../bounds/public-access.ts";
import { isFhir, pathOf, piecesOf, AREAS, type DescribedRoute, type Piece } from "./described.ts";
import { refusalName, sharedAnswers, SHARED_HEADERS, SHARED_PARAMETERS, sharedSchemas } from "./shared-parts.ts";

/** How somebody proves who they are here; nothing of it where everybody may come in. */
export interface SecurityFacts {
  readonly isOpen: boolean;
  /** Issuers of access tokens, by their addresses. */
  readonly issuers: readonly string[];
  readonly takesCertificates: boolean;
  /** The cookie of people who signed in; undefined where nobody does. */
  readonly cookie: string | undefined;
}

export interface DocumentFacts extends SecurityFacts {
  readonly version: string;
  /** Without a slash at the end. */
  readonly baseUrl: string;
  /** In a sentence: what is served. */
  readonly description: string;
  readonly resourceTypes: readonly string[];
  readonly searchedTypes: readonly string[];
}

export function openapiDocument(routes: readonly DescribedRoute[], facts: DocumentFacts): Piece {
  const paths: Record<string, Record<string, Piece>> = {};
  const schemes = securitySchemes(facts);
  for (const route of [...routes, ...shadowed(routes)]) {
    const path = pathOf(route.at ?? route.pattern);
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operation(route, schemes) };
  }
  const areas = new Set(routes.map(({ area }) => area));
  return {
    openapi: "3.1.1",
    info: {
      title: "Chartulary",
      version: facts.version,
      summary: "FHIR R4 documents: deposited once, never changed, provable for ever",
      description: `${facts.description} HEAD is answered wherever GET is. Of resources R4's definitions say what is in them; /fhir/metadata tells which search parameters and operations there are.`,
      license: { name: "Apache-2.0", identifier: "Apache-2.0" },
    },
    servers: [{ url: facts.baseUrl }],
    tags: Object.entries(AREAS).flatMap(([name, description]) => (areas.has(name as DescribedRoute["area"]) ? [{ name, description }] : [])),
    paths,
    components: {
      schemas: sharedSchemas(facts.resourceTypes, facts.searchedTypes),
      parameters: SHARED_PARAMETERS,
      headers: SHARED_HEADERS,
      responses: sharedAnswers(),
      ...(Object.keys(schemes).length > 0 && { securitySchemes: schemes }),
    },
  };
}

/**
 * What every type has, at the paths of types that have one of their own: OpenAPI takes the path that names the type, and asks no other. What is told there a second time names its route (`x-route`).
 */
function shadowed(routes: readonly DescribedRoute[]): DescribedRoute[] {
  const told = new Set(routes.map(({ method, pattern }) => `${method} ${pattern}`));
  const own = new Set(routes.flatMap(({ pattern }) => (/^\/fhir\/[A-Z]/.test(pattern) ? [pattern] : [])));
  return [...own].flatMap((at) => {
    const [, type = ""] = /^\/fhir\/([A-Za-z]+)/.exec(at) ?? [];
    const pattern = at.replace(type, ":type");
    return routes.flatMap((route) =>
      route.pattern === pattern && !told.has(`${route.method} ${at}`) ? [{ ...route, at, id: `${route.id}Of${type}`, pieces: {} }] : [],
    );
  });
}

function operation(route: DescribedRoute, schemes: Piece): Piece {
  const isPublic = isPublicAddress(sampleOf(route.pattern));
  const names = Object.keys(schemes);
  const parameters = [
    ...piecesOf(route.at ?? route.pattern).map((name) => ({
      name,
      in: "path",
      required: true,
      schema: { minLength: 1, ...(route.pieces?.[name] ?? { type: "string" }) },
    })),
    ...(route.parameters ?? []),
  ];
  const refusals = refusalsOf(route, !isPublic && names.length > 0).filter((status) => route.answers[status] === undefined);
  return {
    operationId: route.id,
    summary: route.summary,
    tags: [route.area],
    ...(route.at !== undefined && { "x-route": pathOf(route.pattern) }),
    ...(names.length > 0 && { security: isPublic ? [] : names.map((name) => ({ [name]: [] })) }),
    ...(parameters.length > 0 && { parameters }),
    ...(route.body && { requestBody: route.body }),
    responses: {
      ...route.answers,
      ...Object.fromEntries(refusals.map((status) => [status, { $ref: `#/components/responses/${refusalName(status)}` }])),
    },
  };
}

/** Every route may be refused so; what has a body, a piece of the path or several forms, for more reasons. */
function refusalsOf(route: DescribedRoute, isGuarded: boolean): number[] {
  return [
    ...[400, 403, 421, 429, 500, 503],
    ...(isGuarded ? [401] : []),
    ...(isFhir(route) || "text/html" in contentOf(route) ? [406] : []),
    ...(piecesOf(route.pattern).length > 0 ? [404] : []),
    ...(route.body ? [408, 413, 415] : []),
    ...(route.refusals ?? []),
  ].sort((a, b) => a - b);
}

function contentOf({ answers }: DescribedRoute): Piece {
  return (answers[200]?.["content"] ?? {}) as Piece;
}

function sampleOf(pattern: string): string {
  return pattern.replace(/[:*][A-Za-z]+/g, "x");
}

function securitySchemes({ isOpen, issuers, takesCertificates, cookie }: SecurityFacts): Piece {
  if (isOpen) return {};
  const [issuer] = issuers;
  return {
    ...(issuer !== undefined && {
      bearer: { type: "http", scheme: "bearer", description: "An access token with SMART scopes, whose audience is the base of FHIR here" },
      openIdConnect: { type: "openIdConnect", openIdConnectUrl: `${issuer.replace(/\/$/, "")}/.well-known/openid-configuration` },
    }),
    ...(takesCertificates && { clientCertificate: { type: "mutualTLS", description: "A certificate that the operator listed" } }),
    ...(cookie !== undefined && { session: { type: "apiKey", in: "cookie", name: cookie, description: "People who signed in, with a browser" } }),
  };
}
