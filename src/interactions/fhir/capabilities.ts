import { treeOf, type JsonObject } from "../../core/fhir/tree/tree.ts";
import { routedOperations, type RoutedOperation } from "./routed-operations.ts";
import { IHE_OPTIONS, IHE_PROFILES, iheActors } from "./ihe-actors.ts";
import { messageEndpoint } from "../../pipeline/messages/message-answer.ts";
import { messagingCapability } from "./messages/message-definitions.ts";
import { RESULT_CHOICES } from "./own-definitions.ts";
import { SOCKET_PATH } from "../../events/socket-path.ts";
import { BACKPORT } from "../../events/topics.ts";
import { topicExtensions } from "./subscriptions/topic-resources.ts";
import { isAnswered } from "../../search/query/query-context.ts";
import type { SearchParameters } from "../../core/fhir/r4/search-parameters.ts";
import type { OAuthAddresses } from "./statements.ts";
import { TRAIL_PARAMETERS } from "../trail/narrowing.ts";
import type { FhirRegistry } from "../registry.ts";

/** What the statement says besides the interactions. */
export interface CapabilityFacts {
  /** e.g. `0.1.0` */
  readonly version: string;
  readonly fhirBase: string;
  /** When this configuration began to be served. */
  readonly startedAt: Date;
  /** True while whoever reaches the service may do everything. */
  readonly isOpen: boolean;
  /** Whether apps of other origins may call from a browser. */
  readonly hasCors?: boolean;
  /** Where apps sign in. */
  readonly oauth?: OAuthAddresses;
  /** Every type of resource of R4. */
  readonly resourceTypes: readonly string[];
}

/** The CapabilityStatement (R4 http.html, "capabilities"): exactly what is registered, each on the types and levels on which it is routed. */
export function capabilityStatement(registry: FhirRegistry, facts: CapabilityFacts): JsonObject {
  const { interactions } = registry;
  const placed = routedOperations(registry, facts.resourceTypes);
  const { resources } = registry;
  const types = [
    ...new Set([
      ...resources.types,
      ...interactions.map(({ type }) => type),
      ...placed.flatMap(({ places }) => [...places.onTypes, ...places.onInstancesOf]),
    ]),
  ];
  const onSystem = placed.filter(({ places }) => places.onSystem);
  return treeOf({
    resourceType: "CapabilityStatement",
    status: "active",
    date: facts.startedAt.toISOString(),
    kind: "instance",
    instantiates: [
      ...iheActors(registry.update !== undefined),
      `${BACKPORT}/CapabilityStatement/backport-subscription-server-r4`,
      registry.bulkEdition.canonical,
    ],
    software: { name: "Chartulary", version: facts.version },
    implementation: { description: "A repository of FHIR documents: deposited once, never changed, provable for ever", url: facts.fhirBase },
    fhirVersion: "4.0.1",
    format: ["application/fhir+json", "application/fhir+xml", "json", "xml"],
    rest: [
      {
        extension: [{ url: WEBSOCKET, valueUri: `${facts.fhirBase.replace(/^http/, "ws").replace(/\/fhir$/, "")}${SOCKET_PATH}` }],
        mode: "server",
        documentation: IHE_OPTIONS,
        security: securityOf(facts),
        resource: types.sort().map((type) => resourceOf(type, placed, { ...registry, fhirBase: facts.fhirBase })),
        interaction: [
          {
            code: "batch",
            documentation:
              "Deposits, reads, searches, histories and operations that change nothing, each by itself, in order. With `Prefer: respond-async` batches, transactions, searches and operations are answered later, at Content-Location.",
          },
          {
            code: "transaction",
            documentation:
              "The same, all or nothing. A document cannot refer to another entry by its fullUrl: it is kept exactly as it was sent. With a DocumentReference or a List it is IHE MHD's Provide Document Bundle (ITI-65), of documents of FHIR: document Bundles, or Binaries of application/fhir+json or application/fhir+xml.",
          },
          { code: "search-system", documentation: "By the parameters that every resource has; `_type` names the types." },
          { code: "history-system", documentation: "The deposits and erasures of documents, in order of the log." },
        ],
        compartment: resources.parameters
          .compartments()
          .map((type) => `http://hl7.org/fhir/CompartmentDefinition/${type[0]?.toLowerCase() ?? ""}${type.slice(1)}`),
        // Any type with a narrative has them all.
        searchParam: [...paramsOf(resources.parameters, "DomainResource"), ...ownParams(facts.fhirBase)],
        ...(onSystem.length > 0 && { operation: onSystem.map((one) => operationOf(one, true)) }),
      },
    ],
    messaging: [messagingCapability(facts.fhirBase, messageEndpoint(facts.fhirBase))],
  }) as JsonObject;
}

/** Where R4's websockets are opened (R4 subscription.html, "WebSocket"). */
const WEBSOCKET = "http://hl7.org/fhir/StructureDefinition/capabilitystatement-websocket";

/** Clients of before `.well-known/smart-configuration` look here (SMART App Launch 1.0 and 2.x, conformance). */
const OAUTH_URIS = "http://fhir-registry.smarthealthit.org/StructureDefinition/oauth-uris";

/** Of a document, which holds others' resources, it says what a scope opens (R4 security.html, containers). */
export function securityOf({ isOpen, hasCors = false, oauth = {} }: CapabilityFacts): object {
  if (isOpen) return { description: "There is no access control: whoever reaches the service may read and deposit." };
  const smart = { system: "http://terminology.hl7.org/CodeSystem/restful-security-service", code: "SMART-on-FHIR", display: "SMART-on-FHIR" };
  const addresses = Object.entries(oauth).map(([url, valueUri]) => ({ url, valueUri }));
  return {
    ...(addresses.length > 0 && { extension: [{ url: OAUTH_URIS, extension: addresses }] }),
    cors: hasCors,
    service: [{ coding: [smart], text: "OAuth 2.0 access tokens with SMART scopes (.well-known/smart-configuration)" }],
    description:
      "Every caller proves who it is: by an access token (Authorization: Bearer) whose audience is this base address, by signing in, or by a client certificate. Scopes narrow what a caller may see and never widen it. A document is read as a whole by a scope upon Bundle, and each resource that was taken out of one by a scope upon its type.",
  };
}

/** `isTold`: with its documentation, which would else be repeated for every type of R4. */
export function operationOf({ operation: { name, definition, documentation } }: RoutedOperation, isTold: boolean): object {
  return { name, definition, ...(isTold && { documentation }) };
}

function operationOnType({ operation, places }: RoutedOperation, type: string): object {
  const { definition, definitionOnType = definition, definitionOf } = operation;
  return operationOf({ operation: { ...operation, definition: definitionOf?.[type] ?? definitionOnType }, places }, !places.onSystem);
}

function resourceOf(
  type: string,
  placed: readonly RoutedOperation[],
  { interactions, resources: { types, parameters }, histories, update, kept, fhirBase }: FhirRegistry & Pick<CapabilityFacts, "fhirBase">,
): object {
  const isSearched = types.includes(type);
  const registered = interactions.filter((interaction) => interaction.type === type).map(({ code, documentation }) => ({ code, documentation }));
  const updated =
    kept.find((one) => one.type === type)?.documented ?? (update?.type === type ? [{ code: "update", documentation: update.documentation }] : []);
  const extracted = registered.some(({ code }) => code === "read") ? [] : [{ code: "read" }, { code: "vread" }];
  const own: readonly { readonly code: string; readonly documentation?: string }[] = isSearched
    ? [...registered, ...extracted, ...updated, { code: "search-type" }, ...HISTORIES]
    : histories.types.includes(type)
      ? [...registered, ...HISTORIES]
      : registered;
  const operations = placed.filter(({ places }) => places.onTypes.includes(type) || places.onInstancesOf.includes(type));
  return {
    type,
    ...(type === "Subscription" && { extension: topicExtensions(fhirBase) }),
    ...listed("supportedProfile", type === "Subscription" ? [`${BACKPORT}/StructureDefinition/backport-subscription`] : (IHE_PROFILES[type] ?? [])),
    ...(own.length > 0 && {
      interaction: own,
      versioning: "versioned",
      readHistory: own.some(({ code }) => code === "history-instance"),
      updateCreate: false,
      conditionalCreate: type === "Bundle" && own.some(({ code }) => code === "create"),
      conditionalRead: "full-support",
      conditionalUpdate: update?.type === type,
      conditionalDelete: "not-supported",
    }),
    // Found at this address is the audit trail alone, and not what stands as such in documents (docs/design/audit-trail.md).
    ...(type === "AuditEvent" &&
      listed(
        "searchParam",
        paramsOf(parameters, type, true).filter(({ name }) => TRAIL_PARAMETERS.has(name)),
      )),
    ...(isSearched &&
      type !== "AuditEvent" && {
        referencePolicy: ["literal", "logical", "resolves"],
        searchInclude: ["*", ...referencesOf(parameters, type).map((code) => `${type}:${code}`)],
        ...listed("searchRevInclude", referrersTo(type, types, parameters)),
        ...listed("searchParam", paramsOf(parameters, type, true)),
      }),
    ...(operations.length > 0 && { operation: operations.map((one) => operationOnType(one, type)) }),
  };
}

const HISTORIES = [{ code: "history-instance" }, { code: "history-type" }];

/** The search parameters of a type as they are parsed: those that are answered, and no others. `isOwn`: without those of every type, which stand once for all. */
function paramsOf(parameters: SearchParameters, type: string, isOwn = false): { readonly name: string }[] {
  const common = new Set(isOwn ? [...parameters.of("Resource").keys(), "_text"] : []);
  const answered = [...parameters.of(type).values()].filter((parameter) => isAnswered(parameter) && !common.has(parameter.code));
  return answered.map(({ code, type: kind, url }) => ({ name: code, definition: url, type: kind }));
}

/** Those that choose among what is found, in every search. */
function ownParams(fhirBase: string): object[] {
  return RESULT_CHOICES.map(({ code, id, description }) => ({
    name: code,
    definition: `${fhirBase}/SearchParameter/${id}`,
    type: "special",
    documentation: description,
  }));
}

function referencesOf(parameters: SearchParameters, type: string): string[] {
  return [...parameters.of(type).values()].filter((parameter) => parameter.type === "reference").map(({ code }) => code);
}

/** What may refer to a type by name; what may refer to anything is not repeated with each. */
function referrersTo(type: string, types: readonly string[], parameters: SearchParameters): string[] {
  return types.flatMap((source) =>
    [...parameters.of(source).values()]
      .filter((parameter) => parameter.type === "reference" && parameter.targets.includes(type))
      .map(({ code }) => `${source}:${code}`),
  );
}

/** An array in FHIR is never empty. */
function listed(name: string, values: readonly unknown[]): object {
  return values.length === 0 ? {} : { [name]: values };
}
