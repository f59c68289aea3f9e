/** How routes are told of in the OpenAPI document: each by one row, which names what is shared. */

/** A piece of the document: JSON. */
export type Piece = Readonly<Record<string, unknown>>;

/** The groups in which routes are told of: our areas. */
export const AREAS = {
  fhir: "FHIR R4 below /fhir: deposits, reads, searches, histories, batches",
  operations: "Operations of FHIR, R4's and our own; each has an OperationDefinition",
  pages: "Pages for people, and what they lead to",
  log: "The log and the keys by which anybody checks it",
  access: "How people and apps come in",
  operators: "Whether the service lives and works, and what it has",
} as const;

export type Area = keyof typeof AREAS;

/** One route. */
export interface DescribedRoute {
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  /** As its router has it: `:name` for a piece of the path, `*name` for all that is left. */
  readonly pattern: string;
  /** `operationId`: unique, and it stays. */
  readonly id: string;
  readonly area: Area;
  readonly summary: string;
  /** What a piece of the path may be, by its name; the default: any text. */
  readonly pieces?: Readonly<Record<string, Piece>>;
  /** Parameters beside the path's: whole ones, or references to shared ones. */
  readonly parameters?: readonly Piece[];
  readonly body?: Piece;
  /** What it answers when it does what it was asked, by status. */
  readonly answers: Readonly<Record<number, Piece>>;
  /** Where it is told of, if not at its pattern: a type that has a path of its own has there what every type has. */
  readonly at?: string;
  /** Refusals of its own, beside those of every route of its sort. */
  readonly refusals?: readonly number[];
}

/** A route of FHIR: refused with an OperationOutcome in the form that the client reads. */
export const isFhir = ({ pattern }: Pick<DescribedRoute, "pattern">): boolean => /^\/fhir(?:\/|$)/.test(pattern);

/** As OpenAPI writes a pattern. */
export const pathOf = (pattern: string): string => pattern.replace(/[:*]([A-Za-z]+)/g, "{$1}");

/** The names of the pieces of a pattern, in order. */
export const piecesOf = (pattern: string): string[] => [...pattern.matchAll(/[:*]([A-Za-z]+)/g)].map(([, name]) => name ?? "");

export const schema = (name: string): Piece => ({ $ref: `#/components/schemas/${name}` });
export const parameter = (name: string): Piece => ({ $ref: `#/components/parameters/${name}` });

/** An answer that holds a resource, in both forms. */
export const resource = (description: string, name = "Resource", more: Piece = {}): Piece => ({ description, content: { ...forms(name), ...more } });

/** A resource in both forms, as bodies and answers have it. */
export const forms = (name = "Resource"): Piece => ({ "application/fhir+json": { schema: schema(name) }, "application/fhir+xml": { schema: XML } });

/** What stands in no schema of JSON: FHIR's schemas say what it is. */
const XML = { type: "string", description: "The resource in XML (R4 xml.html)" };

/** An answer without a body. */
export const nothing = (description: string): Piece => ({ description });

/** An answer that is no resource. @param isBinary: as bytes, of which there is no schema */
export const content = (description: string, ...mediaTypes: readonly string[]): Piece => ({
  description,
  content: Object.fromEntries(mediaTypes.map((type) => [type, type.includes("json") ? { schema: { type: "object" } } : { schema: {} }])),
});

/** A page for people. */
export const page = (description: string): Piece => content(description, "text/html");

/** One parameter in the address. */
export const query = (name: string, description: string, more: Piece = { type: "string" }): Piece => ({
  name,
  in: "query",
  description,
  schema: more,
});

/** A form that a browser sends. @param fields each with what it is */
export const form = (mediaType: string, fields: Readonly<Record<string, Piece>>, required: readonly string[] = []): Piece => ({
  required: required.length > 0,
  content: { [mediaType]: { schema: { type: "object", properties: fields, ...(required.length > 0 && { required }) } } },
});
