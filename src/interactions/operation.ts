import type { JsonObject } from "../core/fhir/json/tree.ts";
import type { Submission } from "../pipeline/record.ts";
import type { InteractionContext } from "./context.ts";

/** Where an operation is called (R4 operations.html, "Executing an Operation Synchronously"): `/$name`, `/{type}/$name` or `/{type}/{id}/$name`. */
export interface OperationCall {
  /** Absent on the level of the system. */
  readonly type?: string;
  /** Present on the level of an instance. */
  readonly id?: string;
  /** What was sent: the operation's Parameters, or its one resource; absent when the body was empty or the method GET. */
  readonly submission?: Submission;
  /** Parameters in the address, first value of each. */
  readonly query: ReadonlyMap<string, string>;
}

/** What an operation answers. `unreadable`: the body could not be read, so that nothing can be said (400); otherwise 200. */
export interface OperationAnswer {
  readonly kind: "done" | "unreadable";
  readonly resource: JsonObject;
}

/** One operation of R4's operations framework: what routes are mounted from and the CapabilityStatement is made of. */
export interface FhirOperation {
  /** Without `$`. */
  readonly name: string;
  /** Canonical address of its OperationDefinition. */
  readonly definition: string;
  /** For the CapabilityStatement: markdown, one or two sentences. */
  readonly documentation: string;
  /** Simple parameters that may stand in the address. */
  readonly queryParameters: readonly string[];
  handle(call: OperationCall, context: InteractionContext): Promise<OperationAnswer>;
}
