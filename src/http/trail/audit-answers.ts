import type { ErrorRequestHandler, Request, RequestHandler, Response } from "express";
import type { TrailForm, TrailRequest } from "../../core/formats/audit-trail.ts";
import type { AuditPages } from "../../interactions/trail/audit-pages.ts";
import type { TrailQuestions } from "../../interactions/trail/search-trail.ts";
import type { Recording } from "../../pipeline/trail/trail.ts";
import { Notes, outcomeOf, type PatientOf, type Told } from "../../security/trail/notes.ts";
import { callerOf, failureOf, noteFor, requestIdOf, fromOf } from "../request-facts.ts";
import { deedOf, EMBEDDED_SERVER, isAudited, patternOf } from "./audited-requests.ts";
import { holdBack } from "./hold-back.ts";

export interface AuditOptions {
  readonly trail: Recording;
  readonly patientOf: PatientOf;
  /** Auditors' questions; undefined where the trail cannot be read. */
  readonly questions?: TrailQuestions | undefined;
  /** The pages for them, alike. */
  readonly pages?: AuditPages | undefined;
}

export interface AuditAnswersOptions extends AuditOptions {
  /** Answers a failure: Express's own way to it may have been gone already, by whoever refused the request. */
  readonly answerError: ErrorRequestHandler;
}

/** So much of an address or of a form is kept, in bytes; nobody's question is longer (LARGEST_FORM). */
const LONGEST = 100_000;

/**
 * Has every answer wait until the audit trail has written down what it tells: the one place, before any route. Whatever is not a public address (audited-requests.ts) is an event, a 304, a HEAD and a
 * refusal too. When it cannot be written down the answer is 503, and nothing of it leaves.
 */
export function auditAnswers({ trail, patientOf, answerError }: Omit<AuditAnswersOptions, "questions" | "pages">): RequestHandler {
  return (request, response, next) => {
    const notes = new Notes();
    noteFor(response, notes);
    // Express changes them on the way.
    const { method, originalUrl } = request;
    const before = (): Promise<void> | undefined => {
      const pattern = patternOf(request);
      if (!isAudited({ method, path: request.path }, pattern, response.statusCode)) return undefined;
      const told = toldOf(request, response, { method, address: originalUrl, pattern });
      return notes.events(told, patientOf).then((events) => trail.record(events));
    };
    const fail = (error: unknown): void => void Promise.resolve(answerError(error, request, response, next)).catch(() => response.destroy());
    holdBack(response, before, fail);
    next();
  };
}

interface Sent {
  readonly method: string;
  readonly address: string;
  readonly pattern: string | undefined;
}

function toldOf(request: Request, response: Response, { method, address, pattern = "-" }: Sent): Told {
  const outcome = outcomeOf(response.statusCode);
  const body: unknown = request.body;
  const path = withoutSecrets(address, pattern);
  const asked: TrailRequest = {
    id: requestIdOf(response),
    method,
    route: pattern,
    raw: base64Of(path ?? withoutSecretAddress(address)),
    status: response.statusCode,
    ...(path === undefined && typeof body === "string" && body !== "" && { body: base64Of(body) }),
  };
  const { form, ...deed } = deedOf(method, pattern);
  const given = form === "resource" || form === undefined ? (formGiven(response) ?? form) : form;
  return {
    ...callerOf(response),
    ...deed,
    at: new Date().toISOString(),
    outcome,
    request: asked,
    from: fromOf(request, response),
    ...(outcome !== 0 && { reason: failureOf(response) ?? `status ${response.statusCode}` }),
    ...(given && { form: given }),
    ...storedIn(response, pattern),
  };
}

/** So much of an address as may be kept where codes, links or secrets stand in what is sent: to the authorization server, and by it; undefined where all of it may. */
function withoutSecrets(address: string, pattern: string): string | undefined {
  if (address.startsWith(EMBEDDED_SERVER)) return EMBEDDED_SERVER;
  return pattern.startsWith("/sign-in/callback") ? address.split("?", 1)[0] : undefined;
}

/** Where an answer to a message is to go may hold a secret, as where notifications go: of it the origin is kept, whatever is called by that name. */
function withoutSecretAddress(address: string): string {
  const [path, query] = splitAt(address, "?");
  if (query === undefined) return address;
  const parts = query.split("&").map((part) => {
    const [name, value] = splitAt(part, "=");
    if (value === undefined || decoded(name) !== "response-url") return part;
    return `${name}=${encodeURIComponent(URL.parse(decoded(value))?.origin ?? "")}`;
  });
  return `${path}?${parts.join("&")}`;
}

function splitAt(text: string, separator: string): readonly [string, string?] {
  const at = text.indexOf(separator);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}

/** As URLSearchParams reads it, which is how it is read where it counts. */
function decoded(text: string): string {
  return new URLSearchParams(`a=${text}`).get("a") ?? "";
}

/** The document that the answer says was stored, by its Location; a page that only leads on to a document stored none. */
function storedIn(response: Response, pattern: string): Pick<Told, "storedAs"> {
  if (response.statusCode === 303 && pattern !== "/documents") return {};
  const location = response.getHeader("Location");
  const [, storedAs] = typeof location === "string" ? (/\/(?:Bundle|documents)\/([0-9a-f-]{36})(?:\/|$)/.exec(location) ?? []) : [];
  return storedAs === undefined ? {} : { storedAs };
}

/** A document's own address gives its page or its PDF too. */
function formGiven(response: Response): TrailForm | undefined {
  const type = response.getHeader("Content-Type");
  if (typeof type !== "string") return undefined;
  return type.startsWith("application/pdf") ? "pdf" : type.startsWith("text/html") ? "page" : undefined;
}

function base64Of(text: string): string {
  return Buffer.from(text.slice(0, LONGEST), "utf8").toString("base64");
}
