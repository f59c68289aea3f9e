import type { Asked } from "../../core/asked.ts";
import type { JsonObject } from "../../core/fhir/tree/tree.ts";
import type { Handling } from "../../search/query/parse-query.ts";
import type { Parameter } from "../../search/query/search-query.ts";
import type { WrittenForm } from "../../pipeline/serve.ts";
import type { Content } from "../../pipeline/document-forms.ts";

/** Where an operation is called (R4 operations.html, "Executing an Operation Synchronously"). */
export type OperationLevel = "system" | "type" | "instance";

/** One call: `/$name`, `/{type}/$name` or `/{type}/{id}/$name`. */
export interface OperationCall {
  /** Absent on the level of the system. */
  readonly type?: string;
  /** Present on the level of an instance. */
  readonly id?: string;
  /** What was sent: the operation's Parameters, or its one resource; absent when the body was empty or the method GET. */
  readonly sent?: Content;
  /** A signed message (CMS) that was sent in its place, to an operation that takes documents in every form in which they are deposited. */
  readonly message?: Uint8Array;
  /** Parameters in the address, first value of each. */
  readonly query: ReadonlyMap<string, string>;
  /** All of them, in order, for an operation that takes what a search takes. */
  readonly parameters: readonly Parameter[];
  readonly handling: Handling;
  /** `Prefer: respond-async`. */
  readonly isAsynchronous?: boolean;
  /** What was called: an absolute address with its query. */
  readonly address?: string;
}

/** Lines that are sent in the place of Parameters (`application/fhir+ndjson`): as many as there are. */
export interface SentLines {
  /** Takes them as they come, each piece when the one before was taken. AppErrors of a body that does not come whole; what `take` throws. */
  receive(take: (piece: Uint8Array) => Promise<void>): Promise<void>;
}

/** What an operation answers; the HTTP status follows from it. */
export type OperationAnswer =
  /** A resource, 200. */
  | { readonly kind: "resource"; readonly resource: JsonObject }
  /** A resource that is written as it is made, 200; `location`: where it is kept. */
  | { readonly kind: "written"; readonly location?: string; write(form: WrittenForm): Promise<Uint8Array> }
  /** The body could not be read, so that nothing can be said: an OperationOutcome, 400. */
  | { readonly kind: "unreadable"; readonly resource: JsonObject }
  /** It was not done, and why: an OperationOutcome. */
  | { readonly kind: "refused"; readonly status: number; readonly resource: JsonObject }
  /** Something that is no resource, 200. */
  | { readonly kind: "content"; readonly bytes: Uint8Array; readonly mediaType: string }
  /** A job was begun (R4 async.html), 202; its state is told at `location`, an absolute address. */
  | { readonly kind: "accepted"; readonly location: string }
  /** It was taken, and is answered later elsewhere: an OperationOutcome, 202. */
  | { readonly kind: "promised"; readonly resource: JsonObject }
  /** The answer stands elsewhere, 303 to `location`. */
  | { readonly kind: "redirect"; readonly location: string };

/** A parameter of an operation, as its OperationDefinition has it (R4 operationdefinition.html, parameter). */
export interface OperationParameter {
  readonly name: string;
  /** A simple one may stand in the address as well as in the body. */
  readonly isSimple: boolean;
  /** Name of a FHIR type; undefined of one that has parts. */
  readonly type?: string;
  readonly parts?: readonly OperationParameter[];
  readonly min: number;
  /** A number, or `*`. */
  readonly max: string;
}

/** What an operation answers by a name: a value, or parts. */
export type OperationResult = { readonly name: string; readonly min: number; readonly max: "1" | "*" } & (
  { readonly type: string; readonly parts?: undefined } | { readonly parts: readonly OperationResult[] }
);

/** One operation of R4's operations framework: what routes are mounted from and the CapabilityStatement is made of. */
export interface FhirOperation {
  /** Without `$`. */
  readonly name: string;
  /** Canonical address of its OperationDefinition. */
  readonly definition: string;
  /** Where it is another one on the level of types. */
  readonly definitionOnType?: string;
  /** Where it is another one for a type of resource, by that. */
  readonly definitionOf?: Readonly<Record<string, string>>;
  /** For the CapabilityStatement: markdown, one or two sentences. */
  readonly documentation: string;
  readonly levels: readonly OperationLevel[];
  /** The types of resource that it is called on; `any`: all of R4. Instances of `any` are those of types that are read whole. */
  readonly types: readonly string[] | "any";
  /** Whether a call changes anything (OperationDefinition.affectsState): such an operation is called with POST alone. */
  readonly affectsState: boolean;
  readonly parameters: readonly OperationParameter[];
  /** What its Parameters hold, of an operation that is defined here. */
  readonly results?: readonly OperationResult[];
  /** Whether an address says all that it needs, so that GET calls it wherever it is called, with parameters of a search besides its own; else GET is for an instance alone. */
  readonly isAskedByAddress?: boolean;
  /** Of an operation that is called by routes of its own, since what it is sent and answers is no FHIR: the media types of both. */
  readonly ownRoutes?: { readonly sent: readonly string[]; readonly answered: readonly string[] };
  /** Whether it may be sent a document within a signed message (`application/pkcs7-mime`), which is no resource. */
  readonly takesMessages?: boolean;
  /** Whether it begins a job of its own kind whenever it is called, as Bulk Data's `$export`. */
  readonly isAlwaysAsynchronous?: boolean;
  handle(asked: Asked, call: OperationCall): Promise<OperationAnswer>;
  /** Of an operation that may be sent lines. */
  handleLines?(asked: Asked, call: OperationCall, lines: SentLines): Promise<OperationAnswer>;
}

/** Where an operation is routed and advertised: at `/$name` if `onSystem`, at `/{type}/$name` for each of `onTypes`, at `/{type}/{id}/$name` for each of `onInstancesOf`. */
export interface OperationRoutes {
  readonly onSystem: boolean;
  readonly onTypes: readonly string[];
  readonly onInstancesOf: readonly string[];
}

/**
 * The places of an operation. `readable`: the types of which instances can be read here; `all`: every type of R4. Routes and CapabilityStatement are both made from
 * this, so that neither says what the other does not do.
 */
export function routesOf(
  { levels, types }: Pick<FhirOperation, "levels" | "types">,
  { readable, all }: { readonly readable: readonly string[]; readonly all: readonly string[] },
): OperationRoutes {
  const named = types === "any" ? all : types;
  return {
    onSystem: levels.includes("system"),
    onTypes: levels.includes("type") ? named : [],
    onInstancesOf: levels.includes("instance") ? (types === "any" ? readable : types) : [],
  };
}
