/**
 * Who asks, for what purpose, and by which request: what every interaction is told, whether it came by HTTP, from the command line or from a part of the
 * program itself. Nothing here decides anything; `security/` does.
 */

/** Somebody or something that asks. Kinds are added when they can be told apart. */
export type Caller =
  /** Somebody who reached a service without access control. */
  | { readonly kind: "unauthenticated" }
  /** A part of the program that acts by itself, such as the samples of the first start or a follower of the log. */
  | { readonly kind: "program"; readonly name: string };

/** How a question came in. */
export type Channel = "rest" | "page" | "program";

/** A question's circumstances. */
export interface Asked {
  readonly caller: Caller;
  readonly channel: Channel;
  /** What the answer is for: a code of http://terminology.hl7.org/ValueSet/v3-PurposeOfUse; undefined when the caller did not say. */
  readonly purpose?: string;
  /** Names the request in logs, records and answers. */
  readonly requestId: string;
}

/** Names a caller among others: two questions with the same name are by the same. */
export function callerName({ caller }: Asked): string {
  return caller.kind === "unauthenticated" ? caller.kind : `${caller.kind} ${caller.name}`;
}

/** What a part of the program asks by itself. `requestId`: its name, unless a request of its own is known. */
export function askedByProgram(name: string, requestId: string = name): Asked {
  return { caller: { kind: "program", name }, channel: "program", requestId };
}
