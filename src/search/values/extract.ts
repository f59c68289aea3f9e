import { FhirPathError } from "../../core/fhir/fhirpath/errors.ts";
import { compileFhirPath, type FhirPathExpression } from "../../core/fhir/fhirpath/compile.ts";
import type { Environment } from "../../core/fhir/fhirpath/environment.ts";
import type { Collection, Item } from "../../core/fhir/fhirpath/item.ts";
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

/** What a resource is found by. */
export interface Extracted {
  readonly rows: readonly ExtractedRow[];
  /** Parameters whose expression could not be worked out on this resource: it is not found by them. */
  readonly failed: readonly { readonly code: string; readonly error: FhirPathError }[];
}

/** What is worked out of a resource for a parameter. */
interface Task {
  readonly code: string;
  readonly type: SearchType;
  readonly expression: FhirPathExpression;
  readonly implied: string | undefined;
  readonly components: readonly Task[];
}

/** Parameters that are answered by other means than a value of the resource: its id and receipt, its text. */
const ANSWERED_OTHERWISE: ReadonlySet<string> = new Set(["_id", "_lastUpdated", "_text", "_content", "_query"]);

/**
 * Takes the values out of resources by which they are found (SearchParameter.expression). Expressions are compiled when a resource of their type first comes.
 */
export class Extractor {
  readonly #knowledge: Knowledge;
  readonly #parameters: SearchParameters;
  readonly #personOf: ReferenceContext["personOf"];
  readonly #tasks = new Map<string, readonly Task[]>();

  constructor(knowledge: Knowledge, parameters: SearchParameters, personOf: ReferenceContext["personOf"] = () => undefined) {
    this.#knowledge = knowledge;
    this.#parameters = parameters;
    this.#personOf = personOf;
  }

  /** The rows of one resource of a document, of one parameter or of all. Nothing of it fails: what cannot be worked out is told. */
  extract(resource: DocumentResource, resources: DocumentResources, code?: string): Extracted {
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
    const rows = this.#tasksOf(resource.type)
      .filter((task) => code === undefined || task.code === code)
      .flatMap((task) => {
        try {
          return distinct(rowsOf(task, task.expression.evaluate(focus, environment), { environment, references }));
        } catch (error) {
          if (!(error instanceof FhirPathError)) throw error;
          failed.push({ code: task.code, error });
          return [];
        }
      });
    return { rows, failed };
  }

  #tasksOf(type: string): readonly Task[] {
    const known = this.#tasks.get(type);
    if (known) return known;
    const made = [...this.#parameters.of(type).values()]
      .filter(({ code, expression, type: kind }) => expression !== "" && kind !== "special" && !ANSWERED_OTHERWISE.has(code))
      .map((parameter) => this.#taskOf(parameter, type));
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
  quantity: ({ code }, item, part) => quantityRows(code, item, part),
  reference: ({ code }, item, part, { references }) => referenceRows(code, item, part, references),
};

/** The resource in the document; for one outside of it, an empty one of the type that the reference names, so that `resolve() is Patient` can be told. */
function resolved(reference: string, from: DocumentResource, resources: DocumentResources, definitions: Definitions): FhirPathNode | undefined {
  const target = resources.target(reference, from);
  if (target) return nodeOf(target.resource, definitions);
  const form = parseReference(reference);
  const type = form.kind === "relative" || form.kind === "absolute" ? form.type : undefined;
  return type === undefined ? undefined : nodeOf(new JsonObject().add("resourceType", type), definitions);
}

function referenceContext(from: DocumentResource, resources: DocumentResources): Omit<ReferenceContext, "personOf"> {
  return {
    target: (reference) => {
      const target = resources.target(reference, from);
      return target && { place: target.place, type: target.type, fullUrl: target.place < FIRST_CONTAINED ? target.entry.fullUrl : undefined };
    },
    placeOf: (resource) => resources.all.find((one) => one.resource === resource)?.place,
  };
}

/** Two codings of the same code in one concept make one row. */
function distinct(rows: readonly ExtractedRow[]): ExtractedRow[] {
  return rows.length < 2 ? [...rows] : [...new Map(rows.map((row) => [JSON.stringify(row), row])).values()];
}
