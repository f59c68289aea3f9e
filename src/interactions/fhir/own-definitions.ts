/** What the service says of itself in resources: OperationDefinitions, SearchParameters, MessageDefinitions and topics of subscriptions, made of the registry, so that they say what is done and nothing else. */
import type { SearchParameter, SearchParameters } from "../../core/fhir/r4/search-parameters.ts";
import { treeOf, type JsonObject } from "../../core/fhir/tree/tree.ts";
import { DERIVED_TAG } from "../../search/derived/derived-patient.ts";
import { EXTRACTED_TAG, MADE_TAG, SUBMITTED_TAG, SUPERSEDED_TAG, tagSystem } from "../../search/derived/project.ts";
import { sha256Url } from "../../search/derived/served-made.ts";
import { WITH_DERIVED, WITH_SUPERSEDED } from "../../search/query/result-parameters.ts";
import { FED_TAG } from "../../search/feed/fed-patient.ts";
import { logSizeUrl, moreThanUrl } from "./entry-bundle.ts";
import { isAnswered } from "../../search/query/query-context.ts";
import { messageDefinitions } from "./messages/message-definitions.ts";
import type { OperationParameter, OperationResult } from "./operation.ts";
import { topicResources } from "./subscriptions/topic-resources.ts";
import type { RoutedOperation } from "./routed-operations.ts";

export interface DefinitionFacts {
  readonly fhirBase: string;
  /** An instant: since when it is so. */
  readonly startedAt: Date;
  readonly resourceTypes: readonly string[];
}

/** By `OperationDefinition/{id}` and `SearchParameter/{id}`, each made when it is asked for. */
export type OwnDefinitions = ReadonlyMap<string, () => JsonObject>;

export function ownDefinitions(operations: readonly RoutedOperation[], parameters: SearchParameters, facts: DefinitionFacts): OwnDefinitions {
  const made = new Map<string, () => JsonObject>();
  for (const placed of operations.flatMap(eachDefined))
    made.set(`OperationDefinition/${lastOf(placed.operation.definition)}`, () => operationDefinition(placed, facts));
  for (const [url, uses] of usesOf(parameters, facts.resourceTypes))
    made.set(`SearchParameter/${lastOf(url)}`, () => searchParameter(url, uses, facts));
  for (const choice of RESULT_CHOICES) made.set(`SearchParameter/${choice.id}`, () => choiceParameter(choice, facts));
  for (const one of extensionsOf(facts.fhirBase)) made.set(`StructureDefinition/${lastOf(one.url)}`, () => extensionDefinition(one, facts));
  made.set("CodeSystem/extracted-data", () => extractedData(facts));
  for (const [address, makeOne] of messageDefinitions(facts)) made.set(address, makeOne);
  for (const [address, makeOne] of topicResources(facts)) made.set(address, makeOne);
  return made;
}

/** Parameters of ours that choose among what a search finds (R4 search.html: codes of a server's own begin with a dash). */
export const RESULT_CHOICES = [
  {
    code: WITH_SUPERSEDED,
    id: "with-superseded",
    name: "WithSuperseded",
    description: "`true`: also data of documents that were superseded or entered in error, tagged as such.",
  },
  {
    code: WITH_DERIVED,
    id: "with-derived",
    name: "WithDerived",
    description:
      "`true`: also the DocumentReference and the List that the repository makes of a document whose source submitted its own (IHE MHD). Without it, or their `_id`, a search finds what the source submitted.",
  },
] as const;

function choiceParameter({ code, id, name, description }: (typeof RESULT_CHOICES)[number], { fhirBase, startedAt }: DefinitionFacts): JsonObject {
  return treeOf({
    resourceType: "SearchParameter",
    id,
    url: `${fhirBase}/SearchParameter/${id}`,
    name,
    status: "active",
    date: startedAt.toISOString(),
    description,
    code,
    base: ["Resource"],
    type: "special",
    multipleOr: false,
    multipleAnd: false,
  }) as JsonObject;
}

/** What our answers say in extensions of ours. */
function extensionsOf(fhirBase: string): readonly ExtensionFacts[] {
  return [
    {
      url: logSizeUrl(fhirBase),
      name: "LogSize",
      title: "Size of the log",
      description: "How many entries of the log an answer is as of: pages of one search are as of the same size.",
      short: "Entries of the log",
      type: "unsignedInt",
      context: "Bundle.meta",
    },
    {
      url: moreThanUrl(fhirBase),
      name: "MoreThan",
      title: "More match than were counted",
      description:
        "That a search matches more than this number, beyond which it did not count: it has no total then. With _total=accurate all are counted.",
      short: "Matches that were counted",
      type: "unsignedInt",
      context: "Bundle.meta",
    },
    {
      url: sha256Url(fhirBase),
      name: "Sha256",
      title: "SHA-256 of the content",
      description: "The SHA-256 of the bytes at the address of the attachment, beside `hash`, which is their SHA-1 in R4.",
      short: "SHA-256, in base64 as hash has it",
      type: "base64Binary",
      context: "Attachment",
    },
  ];
}

interface ExtensionFacts {
  readonly url: string;
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly short: string;
  readonly type: string;
  /** The element that has it. */
  readonly context: string;
}

function extensionDefinition({ url, name, title, description, short, type, context }: ExtensionFacts, { startedAt }: DefinitionFacts): JsonObject {
  const differential = [
    { id: "Extension", path: "Extension", short, min: 0, max: "1" },
    { id: "Extension.extension", path: "Extension.extension", max: "0" },
    { id: "Extension.url", path: "Extension.url", fixedUri: url },
    { id: "Extension.value[x]", path: "Extension.value[x]", min: 1, type: [{ code: type }] },
  ];
  return treeOf({
    resourceType: "StructureDefinition",
    id: lastOf(url),
    ...{ url, name, title, status: "active", date: startedAt.toISOString(), description, fhirVersion: "4.0.1" },
    kind: "complex-type",
    abstract: false,
    context: [{ type: "element", expression: context }],
    type: "Extension",
    baseDefinition: "http://hl7.org/fhir/StructureDefinition/Extension",
    derivation: "constraint",
    differential: { element: differential },
  }) as JsonObject;
}

/** The tags of what was taken out of documents, or made of them. */
function extractedData({ fhirBase, startedAt }: DefinitionFacts): JsonObject {
  return treeOf({
    resourceType: "CodeSystem",
    id: "extracted-data",
    url: tagSystem(fhirBase),
    name: "ExtractedData",
    title: "What data is that was taken out of documents",
    status: "active",
    date: startedAt.toISOString(),
    description: "Tags by which resources are marked that are not attested by themselves.",
    caseSensitive: true,
    content: "complete",
    concept: [EXTRACTED_TAG, SUPERSEDED_TAG, DERIVED_TAG, FED_TAG, SUBMITTED_TAG, MADE_TAG],
  }) as JsonObject;
}

/** One that is defined otherwise on types is two. */
function eachDefined({ operation, places }: RoutedOperation): RoutedOperation[] {
  const { definitionOnType, definitionOf, types: _, ...atSystem } = operation;
  if (definitionOf) return definedByType({ operation, places }, definitionOf);
  if (definitionOnType === undefined) return [{ operation, places }];
  return [
    { operation: { ...atSystem, types: [] }, places: { ...places, onTypes: [], onInstancesOf: [] } },
    { operation: { ...operation, definition: definitionOnType }, places: { ...places, onSystem: false } },
  ];
}

/** One for each type that has its own, and one for the others. */
function definedByType({ operation, places }: RoutedOperation, definitionOf: Readonly<Record<string, string>>): RoutedOperation[] {
  const isOwn = (type: string): boolean => Object.hasOwn(definitionOf, type);
  const upon = (types: readonly string[], definition: string): RoutedOperation => ({
    operation: { ...operation, definition, types },
    places: { ...places, onTypes: places.onTypes.filter((type) => types.includes(type)) },
  });
  const others = upon(
    places.onTypes.filter((type) => !isOwn(type)),
    operation.definition,
  );
  return [others, ...Object.entries(definitionOf).map(([type, definition]) => upon([type], definition))];
}

function operationDefinition({ operation, places }: RoutedOperation, { fhirBase, startedAt, resourceTypes }: DefinitionFacts): JsonObject {
  const { name, definition, documentation, affectsState, parameters, results = [], types } = operation;
  const id = lastOf(definition);
  const url = `${fhirBase}/OperationDefinition/${id}`;
  const told = [...parameters.map(askedParameter), ...results.map(resultParameter)];
  return treeOf({
    resourceType: "OperationDefinition",
    id,
    url,
    name: name.replace(/^./, (letter) => letter.toUpperCase()).replace(/\W+/g, ""),
    status: "active",
    kind: "operation",
    date: startedAt.toISOString(),
    description: documentation,
    affectsState,
    code: name,
    ...(definition !== url && { base: definition }),
    ...(types.length > 0 && { resource: types === "any" ? resourceTypes : types }),
    system: places.onSystem,
    type: places.onTypes.length > 0,
    instance: places.onInstancesOf.length > 0,
    ...(told.length > 0 && { parameter: told }),
  }) as JsonObject;
}

function askedParameter({ name, min, max, type = "", parts }: OperationParameter): object {
  return { name, use: "in", min, max, ...(parts ? { part: parts.map(askedParameter) } : { type: codeOf(type) }) };
}

function resultParameter({ name, min, max, ...result }: OperationResult): object {
  return { name, use: "out", min, max, ...(result.parts ? { part: result.parts.map(resultParameter) } : { type: result.type }) };
}

/** Types of parameters that are abstract, or that an address writes otherwise, as a definition may name them. */
function codeOf(type: string): string {
  return type === "Resource" ? "Any" : type;
}

interface Use {
  readonly type: string;
  readonly parameter: SearchParameter;
}

/** Of each parameter that is answered, the types upon which it is. */
function usesOf(parameters: SearchParameters, types: readonly string[]): ReadonlyMap<string, readonly Use[]> {
  const common = new Set([...parameters.of("DomainResource").values()].map(({ url }) => url));
  const bases = ["DomainResource", ...types];
  const uses = bases.flatMap((type) =>
    [...parameters.of(type).values()]
      .filter((parameter) => isAnswered(parameter) && (type === "DomainResource" || !common.has(parameter.url)))
      .map((parameter) => ({ type: type === "DomainResource" && parameter.code !== "_text" ? "Resource" : type, parameter })),
  );
  return Map.groupBy(uses, ({ parameter }) => parameter.url);
}

function searchParameter(url: string, uses: readonly Use[], { fhirBase, startedAt }: DefinitionFacts): JsonObject {
  const [first] = uses;
  if (!first) throw new TypeError(`nothing uses ${url}`);
  const { code, type, components, targets } = first.parameter;
  const expression = uses.map(({ parameter }) => parameter.expression).filter((one) => one !== "");
  const bases = uses.map((one) => one.type);
  const isOfIhe = !url.startsWith("http://hl7.org/");
  return treeOf({
    resourceType: "SearchParameter",
    id: lastOf(url),
    url,
    name: code,
    status: "active",
    date: startedAt.toISOString(),
    publisher: `${isOfIhe ? "Integrating the Healthcare Enterprise" : "Health Level Seven International"}; as it is answered here`,
    description: `Searches ${bases.join(", ")} by ${code}, as ${isOfIhe ? "IHE MHD" : "R4"} defines it. Served at ${fhirBase}.`,
    code,
    base: bases,
    type,
    ...(expression.length > 0 && { expression: [...new Set(expression)].join(" | "), xpathUsage: "normal" }),
    ...(targets.length > 0 && { target: targets }),
    multipleOr: true,
    multipleAnd: true,
    ...(components.length > 0 && {
      component: components.map((component) => ({
        definition: `http://hl7.org/fhir/SearchParameter/${first.type}-${component.code}`,
        expression: component.expression,
      })),
    }),
  }) as JsonObject;
}

function lastOf(url: string): string {
  return url.slice(url.lastIndexOf("/") + 1);
}
