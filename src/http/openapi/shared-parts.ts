/** What routes share in the OpenAPI document: schemas, parameters, headers and refusals, each once. Resources are R4's: its definitions say what is in them, and they are not repeated here. */
import { forms, schema, type Piece } from "./described.ts";

const DEFINED = "R4's StructureDefinitions say what is in it";

const ofType = (name: string, more: Piece = {}): Piece => ({
  allOf: [schema("Resource")],
  type: "object",
  properties: { resourceType: { const: name }, ...more },
  description: DEFINED,
});

/** @param resourceTypes of R4 @param searched those that are read and searched */
export function sharedSchemas(resourceTypes: readonly string[], searched: readonly string[]): Piece {
  return {
    Resource: {
      type: "object",
      required: ["resourceType"],
      properties: { resourceType: schema("ResourceType"), id: { type: "string" }, meta: { type: "object" } },
      description: `A resource of FHIR R4: ${DEFINED}`,
    },
    ResourceType: { type: "string", enum: [...resourceTypes].sort(), description: "Every type of resource of R4" },
    // What no client can send is left out of the addresses, too.
    SearchedType: { type: "string", enum: [...searched].sort(), description: "The types that are read and searched here" },
    Bundle: ofType("Bundle", { type: { type: "string" }, entry: { type: "array", items: { type: "object" } } }),
    Parameters: ofType("Parameters", { parameter: { type: "array", items: { type: "object" } } }),
    OperationOutcome: {
      ...ofType("OperationOutcome", {
        issue: {
          type: "array",
          minItems: 1,
          items: {
            type: "object",
            required: ["severity", "code"],
            properties: { severity: { enum: ["fatal", "error", "warning", "information"] }, code: { type: "string" } },
          },
        },
      }),
      required: ["issue"],
    },
    Criteria: {
      type: "object",
      additionalProperties: { type: "string" },
      description: "R4's search parameters of the type, with modifiers and chains: the CapabilityStatement (/fhir/metadata) lists them",
    },
  };
}

const header = (description: string): Piece => ({ description, schema: { type: "string" } });

export const SHARED_HEADERS: Piece = {
  "X-Request-Id": header("By which this request is found in the service's log"),
  ETag: header("The version, or the very content: for If-None-Match"),
  Location: header("Where it is"),
  "Retry-After": { description: "Seconds until it may be tried again", schema: { type: "integer", minimum: 0 } },
  "WWW-Authenticate": header("How to prove who asks (RFC 9110, RFC 6750)"),
};

const inQuery = (name: string, description: string, more: Piece): Piece => ({ name, in: "query", description, schema: more });
const inHeader = (name: string, description: string, more: Piece = { type: "string" }): Piece => ({ name, in: "header", description, schema: more });

export const SHARED_PARAMETERS: Piece = {
  _format: inQuery("_format", "The form of the answer; overrides Accept", {
    // Without a value it is none.
    enum: ["", "json", "xml", "application/fhir+json", "application/fhir+xml"],
  }),
  _pretty: inQuery("_pretty", "true: the answer is indented; whatever else: it is not", {}),
  criteria: {
    name: "criteria",
    in: "query",
    description: "What is searched for, each criterion a parameter of its own",
    style: "form",
    explode: true,
    schema: schema("Criteria"),
  },
  _count: inQuery("_count", "Resources on a page, at most", { type: "string", pattern: "^[0-9]{0,6}$" }),
  _since: inQuery("_since", "From when on: an instant, or less precisely", { type: "string" }),
  Prefer: inHeader("Prefer", "return=minimal, representation or OperationOutcome; handling=strict or lenient; respond-async (RFC 7240)"),
  "If-None-Exist": inHeader("If-None-Exist", "A search: created only if it finds nothing"),
  "If-Match": inHeader("If-Match", "The version that is changed", { type: "string", pattern: '^(W/)?"[1-9][0-9]{0,8}"$' }),
  "If-None-Match": inHeader("If-None-Match", "Versions that the client has"),
};

/** Why something is not done, by status: in words that hold for every route. */
const REFUSALS: Readonly<Record<number, string>> = {
  400: "It cannot be read, or asks for what is not supported",
  401: "Who asks did not prove who it is",
  403: "Who asks may not",
  404: "There is no such thing here, or who asks may not know of it",
  405: "Not done at this address",
  406: "It can't be given in a form that the client takes",
  408: "What was sent stood still, or came too slowly",
  409: "It contradicts what is here already",
  410: "It was erased, deleted, or is over",
  412: "A condition of the request does not hold",
  413: "More than is taken",
  415: "Nothing of this media type is taken",
  416: "No such range",
  421: "The address (Host) is not the service's",
  422: "It breaks rules: each with its place and what to change",
  429: "Too many requests of one client or address",
  500: "A fault of the service, which its log tells of",
  503: "Stopping, or too much is under way: try again",
};

/** Statuses that tell when to come again. */
const WAITS: ReadonlySet<number> = new Set([408, 429, 503]);

/** Every status that something is refused with. */
export const REFUSED: readonly number[] = Object.keys(REFUSALS).map(Number);

/** What a refusal is called among the shared answers: of routes of FHIR, or of pages, which tell people in HTML. */
export const refusalName = (status: number): string => `Refused${status}`;

export function sharedAnswers(): Piece {
  return Object.fromEntries(
    Object.entries(REFUSALS).map(([status, description]) => [
      refusalName(Number(status)),
      {
        description,
        headers: {
          "X-Request-Id": { $ref: "#/components/headers/X-Request-Id" },
          ...(WAITS.has(Number(status)) && { "Retry-After": { $ref: "#/components/headers/Retry-After" } }),
          ...(Number(status) === 401 && { "WWW-Authenticate": { $ref: "#/components/headers/WWW-Authenticate" } }),
        },
        content: { ...forms("OperationOutcome"), "text/html": { schema: {} } },
      },
    ]),
  );
}
