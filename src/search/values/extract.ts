import { FhirPathError } from "../../core/fhir/fhirpath/errors.ts";
import { compileFhirPath } from "../../core/fhir/fhirpath/compile.ts";
import type { Environment } from "../../core/fhir/fhirpath/environment.ts";
import type { Collection, Item } from "../../core/fhir/fhirpath/item.ts";
import { UnitSizes } from "../../core/fhir/fhirpath/ucum.ts";
import { FhirPathNode, nodeOf } from "../../core/fhir/fhirpath/node.ts";
import type { Definitions } from "../../core/fhir/r4/definitions.ts";
import type { Knowledge } from "../../core/fhir/r4/knowledge.ts";
import type { SearchParameter, SearchParameters, SearchType } from "../../core/fhir/r4/search-parameters.ts";
import { parseReference } from "../../core/fhir/references.ts";
import { JsonObject } from "../../core/fhir/tree/tree.ts";
import { FIRST_CONTAINED } from "../resource-number.ts";
import { tokenRows } from "./coded-values.ts";
import type { DocumentResource, DocumentResources } from "./document-resources.ts";
import { impliedSystem } from "./implied-system.ts";
import { componentName } from "./index-row.ts";
import { dateRows, numberRows, quantityRows } from "./ordered-values.ts";
import { referenceRows, type ExtractedRow, type ReferenceContext } from "./reference-values.ts";
import { stringRows, uriRows } from "./string-values.ts";
import { TypeTasks, type Task } from "./type-tasks.ts";

/** What a resource is found by. */
export interface Extracted {
  readonly rows: readonly ExtractedRow[];
  /** Parameters whose expression could not be worked out on this resource: it is not found by them. */
  readonly failed: readonly { readonly code: string; readonly error: FhirPathError }[];
}

/** Among which a resource stands. */
type ReferredResources = Pick<DocumentResources, "all" | "target">;

/** Parameters that are answered by other means than a value of the resource: its id and receipt, its text. */
const ANSWERED_OTHERWISE: ReadonlySet<string> = new Set(["_id", "_lastUpdated", "_text", "_content", "_query"]);

/**
 * Takes the values out of resources by which they are found (SearchParameter.expression). Expressions are compiled when a resource of their type first comes.
 */
export class Extractor {
  readonly #knowledge: Knowledge;
  readonly #parameters: SearchParameters;
  readonly #personOf: ReferenceContext["personOf"];
  readonly #sizes = new UnitSizes();
  readonly #tasks = new Map<string, TypeTasks>();

  constructor(knowledge: Knowledge, parameters: SearchParameters, personOf: ReferenceContext["personOf"] = () => undefined) {
    this.#knowledge = knowledge;
    this.#parameters = parameters;
    this.#personOf = personOf;
  }

  /** The rows of one resource of a document, of one parameter or of all. Nothing of it fails: what cannot be worked out is told. */
  extract(resource: DocumentResource, resources: ReferredResources, code?: string): Extracted {
    const { definitions } = this.#knowledge;
    const focus = nodeOf(resource.resource, definitions);
    const root = resource.contained === undefined ? focus : nodeOf(resource.entry.resource, definitions);
    const environment: Environment = {
      resource: focus,
      rootResource: root,
      context: focus,
      resolve: (reference) => resolved(reference, resource, resources, definitions),
    };
    const references = { ...referenceContext(resource, resources), personOf: this.#personOf };
    const failed: { code: string; error: FhirPathError }[] = [];
    const context = { environment, references, sizes: this.#sizes };
    const rows: ExtractedRow[] = [];
    for (const task of this.#tasksOf(resource.type).of(resource.resource.shape)) {
      if (code !== undefined && task.code !== code) continue;
      try {
        const items = task.expression.evaluate(focus, environment);
        if (items.length > 0) addDistinct(rowsOf(task, items, context), rows);
      } catch (error) {
        if (!(error instanceof FhirPathError)) throw error;
        failed.push({ code: task.code, error });
      }
    }
    return { rows, failed };
  }

  #tasksOf(type: string): TypeTasks {
    const known = this.#tasks.get(type);
    if (known) return known;
    const all = [...this.#parameters.of(type).values()]
      .filter(({ code, expression, type: kind }) => expression !== "" && kind !== "special" && !ANSWERED_OTHERWISE.has(code))
      .map((parameter) => this.#taskOf(parameter, type));
    const made = new TypeTasks(all, this.#knowledge.definitions.definitionOf(type));
    this.#tasks.set(type, made);
    return made;
  }

  #taskOf({ code, type, expression, components }: SearchParameter, resourceType: string): Task {
    const { definitions } = this.#knowledge;
    return {
      code,
      type,
      expression: compileFhirPath(expression, definitions),
      implied: type === "token" ? impliedSystem(expression, resourceType, this.#knowledge) : undefined,
      components: components.map((component, at) => ({
        code: componentName(code, at),
        type: component.type,
        expression: compileFhirPath(component.expression, definitions),
        implied: undefined,
        components: [],
      })),
    };
  }
}

interface Context {
  readonly environment: Environment;
  readonly references: ReferenceContext;
  readonly sizes: UnitSizes;
}

function rowsOf(task: Task, items: Collection, context: Context, part = 0): ExtractedRow[] {
  if (task.type !== "composite") return items.flatMap((item) => ROWS[task.type]?.(task, item, part, context) ?? []);
  // A composite's components belong together when they stand in the same element.
  return items.flatMap((item, at) => {
    if (!(item instanceof FhirPathNode)) return [];
    const parts = task.components.map((component) => rowsOf(component, component.expression.evaluate(item, context.environment), context, at + 1));
    return parts.every((rows) => rows.length > 0) ? parts.flat() : [];
  });
}

type Rows = (task: Task, item: Item, part: number, context: Context) => ExtractedRow[];

const ROWS: Readonly<Partial<Record<SearchType, Rows>>> = {
  token: ({ code, implied }, item, part) => tokenRows(code, item, part, implied),
  string: ({ code }, item, part) => stringRows(code, item, part),
  uri: ({ code }, item, part) => uriRows(code, item, part),
  date: ({ code }, item, part) => dateRows(code, item, part),
  number: ({ code }, item, part) => numberRows(code, item, part),
  quantity: ({ code }, item, part, { sizes }) => quantityRows(code, item, part, sizes),
  reference: ({ code }, item, part, { references }) => referenceRows(code, item, part, references),
};

/** The resource in the document; for one outside of it, an empty one of the type that the reference names, so that `resolve() is Patient` can be told. */
function resolved(reference: string, from: DocumentResource, resources: ReferredResources, definitions: Definitions): FhirPathNode | undefined {
  const target = resources.target(reference, from);
  if (target) return nodeOf(target.resource, definitions);
  const form = parseReference(reference);
  const type = form.kind === "relative" || form.kind === "absolute" ? form.type : undefined;
  return type === undefined ? undefined : nodeOf(new JsonObject().add("resourceType", type), definitions);
}

function referenceContext(from: DocumentResource, resources: ReferredResources): Omit<ReferenceContext, "personOf"> {
  return {
    target: (reference) => {
      const target = resources.target(reference, from);
      return target && { place: target.place, type: target.type, fullUrl: target.place < FIRST_CONTAINED ? target.entry.fullUrl : undefined };
    },
    placeOf: (resource) => resources.all.find((one) => one.resource === resource)?.place,
  };
}

/** Two codings of the same code in one concept make one row. */
function addDistinct(found: readonly ExtractedRow[], rows: ExtractedRow[]): void {
  if (found.length <= FEW) {
    const first = rows.length;
    for (const row of found) if (!isAmong(row, rows, first)) rows.push(row);
  } else for (const row of new Map(found.map((one) => [JSON.stringify(one), one])).values()) rows.push(row);
}

/** Up to how many rows a look at each is faster than a map. */
const FEW = 12;

function isAmong(row: ExtractedRow, rows: readonly ExtractedRow[], from: number): boolean {
  for (let at = from; at < rows.length; at++) if (areSame(row, rows[at] as ExtractedRow)) return true;
  return false;
}

function areSame(one: ExtractedRow, other: ExtractedRow): boolean {
  if (one.name !== other.name || one.part !== other.part) return false;
  switch (one.kind) {
    case "word":
      return other.kind === "word" && one.value === other.value && one.system === other.system;
    case "span":
      return other.kind === "span" && one.low === other.low && one.high === other.high && one.scale === other.scale;
    case "link":
      return other.kind === "link" && one.target === other.target;
    case "person":
      return other.kind === "person" && one.key === other.key && one.before === other.before && one.system === other.system;
  }
}
