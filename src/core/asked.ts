/**
 * Who asks, for what purpose, and by which request: what every interaction is told, whether it came by HTTP, from the command line or from a part of the
 * program itself. Nothing here decides anything; `security/` does.
 */

/** Somebody or something that asks. */
export type Caller =
  /** Somebody who reached a service without access control. */
  | { readonly kind: "unauthenticated" }
  /** Somebody who proved nothing to a service with access control: what is public is all that he may have. */
  | { readonly kind: "anonymous" }
  /** A part of the program that acts by itself, such as the samples of the first start or a follower of the log. */
  | { readonly kind: "program"; readonly name: string }
  | KnownCaller;

/** A person, or a system, of whom it was proved who it is. What stands here was proved with it: by the issuer of a token, the session or the certificate. */
export interface KnownCaller {
  readonly kind: "person" | "system";
  /** Who says so: the issuer's address; `certificate` for a client certificate alone. */
  readonly issuer: string;
  /** By which it is known there (`sub`; of a certificate the SHA-256 of its DER, base64url). Nobody else has the same issuer and subject. */
  readonly subject: string;
  /** As people read it; the subject where nobody said another. */
  readonly name: string;
  /** The client that asks for it (`client_id`); undefined for a person's own session here. */
  readonly client?: string | undefined;
  readonly roles: readonly string[];
  /** Identifiers of the organisations for which it acts, `system|value`. */
  readonly organisations: readonly string[];
  /** Codes of confidentiality and sensitivity up to which it may see, as the policy names them. */
  readonly clearance: readonly string[];
  /** What a token narrows it to (SMART scopes v2); undefined: nothing narrows it, as of a session. */
  readonly scopes?: readonly Scope[] | undefined;
  /** The logical id of the Patient of the launch. */
  readonly patient?: string | undefined;
  /** The address of the person's own resource, as the issuer says it. */
  readonly fhirUser?: string | undefined;
  /** By which the audit names the token: `urn:ietf:params:oauth:jti:…`, or the last 32 characters of an opaque one (BALP). */
  readonly token?: string | undefined;
}

/** What a scope lets be done: create, read, update, delete, search (SMART App Launch 2.2, scopes and launch context). */
export type ScopeRight = "c" | "r" | "u" | "d" | "s";

/** One SMART scope, `patient/Observation.rs?category=…`, as it was understood. */
export interface Scope {
  readonly level: "patient" | "user" | "system";
  /** A resource type, or `*`. */
  readonly type: string;
  readonly rights: readonly ScopeRight[];
  /** Search parameters, as written after `?`; every access under this scope is narrowed by them. */
  readonly query?: string | undefined;
}

/** How a question came in. */
export type Channel = "rest" | "page" | "program";

/** A patient whose documents are opened to the caller by breaking the glass (security/glass). */
export interface OpenGlass {
  readonly id: string;
  /** Keys by which the patient is known, and single documents of a patient who is known by none. */
  readonly patient: { readonly keys: readonly string[]; readonly documents: readonly string[] };
  /** A code of v3-ActReason, and why in the person's own words. */
  readonly reason: string;
  readonly text: string;
  /** Until when, and not at that moment any more: an instant. */
  readonly until: string;
}

/** A question's circumstances. */
export interface Asked {
  readonly caller: Caller;
  readonly channel: Channel;
  /** What the answer is for: a code of http://terminology.hl7.org/ValueSet/v3-PurposeOfUse; undefined when the caller did not say. */
  readonly purpose?: string;
  /** What the caller broke the glass for, and is open still. */
  readonly glass?: readonly OpenGlass[];
  /** Names the request in logs, records and answers. */
  readonly requestId: string;
  /** Told, for the audit trail, of what is decided while the question is answered; undefined where nobody is shown anything: a part of the program asks. */
  readonly noted?: Noted;
}

/** What is done with a document, as the audit trail tells it. */
export type NotedDeed = "find" | "relate" | "read" | "deposit";

/** What the audit trail keeps of a document. */
export interface NotedDocument {
  readonly id: string;
  /** Keys by which its patient is known anywhere; none where the patient stands alone. */
  readonly patient: readonly string[];
  readonly confidentiality: readonly string[];
  /** `system|code` */
  readonly labels: readonly string[];
}

/** A version of a consent that was entered here. */
export interface NotedConsent {
  readonly id: string;
  readonly version: number;
}

/** Why something was not permitted. */
export interface NotedRefusal {
  readonly reason: string;
  /** The consents that it follows from. */
  readonly consents?: readonly NotedConsent[];
}

/** Takes down what is decided about documents, and which resources of ours were entered or shown (docs/design/audit-trail.md). */
export interface Noted {
  /**
   * @param refusal why it was not permitted; undefined when it was
   * @param glass id of the broken glass but for which it would not have been permitted
   */
  decided(deed: NotedDeed, document: NotedDocument, refusal?: NotedRefusal, glass?: string): void;
  /** Documents are submitted with their metadata (IHE MHD). */
  provided(): void;
  /** @param patient whom it is about: keys by which they are known, and single documents of somebody who is known by none */
  consent(consent: NotedConsent, patient: { readonly keys: readonly string[]; readonly documents: readonly string[] }): void;
  /** Another resource of our own, which is about no patient, was entered or shown. @param reference `Type/id/_history/version` */
  resource(reference: string): void;
}

/** True of somebody whom a service with access control knows. */
export function isKnown(caller: Caller): caller is KnownCaller {
  return caller.kind === "person" || caller.kind === "system";
}

/** Names a caller among others: two questions with the same name are by the same. */
export function callerName({ caller, glass = [] }: Asked): string {
  if (isKnown(caller)) {
    const { kind, issuer, subject, client, scopes, patient, roles, organisations, clearance } = caller;
    // Whoever is narrowed otherwise is another, and so is whoever broke the glass.
    const opened = glass.length > 0 ? [glass.map(({ id }) => id)] : [];
    return JSON.stringify([kind, issuer, subject, client, scopes, patient, roles, organisations, clearance, ...opened]);
  }
  return caller.kind === "program" ? `${caller.kind} ${caller.name}` : caller.kind;
}

/** What a part of the program asks by itself. `requestId`: its name, unless a request of its own is known. */
export function askedByProgram(name: string, requestId: string = name): Asked {
  return { caller: { kind: "program", name }, channel: "program", requestId };
}
