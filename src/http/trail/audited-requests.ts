/** Which requests are audited, and as what. */
import type { Request } from "express";
import type { TrailEvent, TrailForm, TrailKind } from "../../core/formats/audit-trail.ts";

/** What tells nothing about a patient and changes nothing, by method and the pattern of its route: not audited, and why. Everything else is. */
export const NOT_AUDITED: Readonly<Record<string, string>> = {
  "GET /healthz": "says that the process answers",
  "GET /readyz": "says whether documents are taken",
  "GET /trust.json": "public keys",
  "GET /.well-known/jwks.json": "public keys",
  "GET /certificates": "public keys",
  "GET /certificates/:file": "public keys",
  "GET /log/checkpoint": "the log, which is public and holds no patient data",
  "GET /log/consistency": "the log, which is public and holds no patient data",
  "GET /log/events": "the log, which is public and holds no patient data",
  "GET /log/tile/*place": "the log, which is public and holds no patient data",
  "GET /openapi.json": "what the service says of itself",
  "GET /fhir/metadata": "what the service says of itself",
  "GET /fhir/.well-known/smart-configuration": "what the service says of itself",
  "GET /fhir/OperationDefinition/:id": "what the service says of itself",
  "GET /fhir/SearchParameter/:id": "what the service says of itself",
  "GET /fhir/StructureDefinition/:id": "what the service says of itself",
  "GET /fhir/CodeSystem/:id": "what the service says of itself",
  "GET /fhir/SubscriptionTopic/:id": "what the service says of itself",
  "GET /assets/*name": "files of the program",
  "GET /documents": "leads to the start page",
  "GET /check": "leads to the start page",
  "GET /verify": "an empty form",
  "GET /verify.html": "a file of the program",
};

/**
 * The embedded authorization server: passwords, codes, tokens and links stand in what is sent there, and none of them may be kept. Who signed in, or was refused, is told by whoever looked
 * (accounts/sign-in-trail.ts).
 */
export const EMBEDDED_SERVER = "/oauth/";

/** Refusals that are audited although no route was reached: somebody did not prove who they are, or may not. */
const REFUSED: ReadonlySet<number> = new Set([401, 403]);

/** Whoever waits for a job asks again and again: until it has come to its end nothing is told of anything. */
const JOB = "/fhir/jobs/:job";
const UNTOLD: ReadonlySet<number> = new Set([202, 429]);

/** What programs call of it. Whoever looks at passwords and invitations tells of them; of what is refused here nobody else does. */
const TOKENS = "/oauth/*path";

function isRefusal(status: number): boolean {
  return status >= 400 && status < 500 && status !== 404;
}

/** Whether an answer is an event. @param pattern of the route that was matched; undefined for none */
export function isAudited({ method, path }: Pick<Request, "method" | "path">, pattern: string | undefined, status: number): boolean {
  if (path.startsWith(EMBEDDED_SERVER)) return (pattern === undefined && REFUSED.has(status)) || (pattern === TOKENS && isRefusal(status));
  if (pattern === undefined) return REFUSED.has(status);
  if (pattern === JOB && method !== "DELETE" && UNTOLD.has(status)) return false;
  return !Object.hasOwn(NOT_AUDITED, `${method === "HEAD" ? "GET" : method} ${pattern}`);
}

/** The pattern of the route that a request matched, of several that stand for one the one that it matches; undefined for none. */
export function patternOf(request: Request): string | undefined {
  const path = (request.route as { readonly path?: unknown } | undefined)?.path;
  const patterns = (Array.isArray(path) ? path : [path]).filter((one): one is string => typeof one === "string");
  if (patterns.length < 2) return patterns[0];
  return patterns.find((one) => regularOf(one).test(request.path)) ?? patterns[0];
}

function regularOf(pattern: string): RegExp {
  const source = pattern.replace(/[.$()[\]{}^|+?\\]/g, "\\$&").replace(/:[A-Za-z]+/g, "[^/]+").replace(/\*[A-Za-z]+/g, ".+"); // prettier-ignore
  return new RegExp(`^${source}$`);
}

/** What somebody does by a request, as R4's interactions have it. */
export function deedOf(
  method: string,
  pattern: string,
): { readonly kind: TrailKind; readonly action: TrailEvent["action"]; readonly form?: TrailForm } {
  const last = pattern.split("/").at(-1) ?? "";
  if (pattern === TOKENS) return { kind: "token", action: "E" };
  if (CONSENTS.has(pattern) && (method === "POST" || method === "PUT")) return { kind: "consent", action: method === "POST" ? "C" : "U" };
  if (method === "PUT" || method === "PATCH") return { kind: "update", action: "U" };
  if (method === "DELETE") return { kind: "update", action: "D" };
  if (last.startsWith("$")) return { kind: "operation", action: "E" };
  if (method === "POST") {
    if (CREATES.has(pattern)) return { kind: "create", action: "C" };
    // A batch: what it stores is told as stored.
    return { kind: last === "_search" || pattern === "/fhir" ? "search" : "operation", action: "E" };
  }
  if (SEARCHES.has(pattern)) return { kind: "search", action: "E", ...(!pattern.startsWith("/fhir") && { form: "page" }) };
  return { kind: "read", action: "R", form: formOf(pattern) };
}

/** Consents of our own; what else may be asked there is answered by other routes. */
const CONSENTS: ReadonlySet<string> = new Set(["/fhir/Consent", "/fhir/Consent/:id"]);

const CREATES: ReadonlySet<string> = new Set(["/documents", "/fhir/Bundle", "/fhir/DocumentReference", "/fhir/Subscription"]);

const SEARCHES: ReadonlySet<string> = new Set([
  ...[
    "/",
    "/patients/:id",
    "/audit",
    "/audit/anomalies",
    "/audit/patients/:id",
    "/audit/patients/:id.pdf",
    "/audit/glass",
    "/subscriptions",
    "/jobs",
  ],
  ...["/fhir", "/fhir/", "/fhir/:type", "/fhir/:type/:id/:member", "/fhir/_history", "/fhir/:type/_history", "/fhir/AuditEvent"],
]);

function formOf(pattern: string): TrailForm {
  if (pattern.endsWith(".pdf")) return "pdf";
  if (/(?:\/receipt|\/record|\.tlog-proof)$/.test(pattern)) return "receipt";
  if (pattern.startsWith("/fhir/Binary") || pattern.includes("/files/")) return "original";
  return pattern.startsWith("/fhir") ? "resource" : "page";
}
