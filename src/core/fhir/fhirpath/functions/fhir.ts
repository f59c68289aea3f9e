import { JsonObject } from "../../tree/tree.ts";
import type { Definitions } from "../../r4/definitions.ts";
import { FhirPathError } from "../errors.ts";
import type { Collection, Item } from "../item.ts";
import { FhirPathNode, nodeOf } from "../node.ts";
import { fromItem, fromItems, fromTruth, single, type Evaluation } from "../operation.ts";
import { ChildSelector } from "../path.ts";
import { isDerived } from "../types.ts";
import { asString, isSimple, systemValue } from "../values.ts";
import { define, type FunctionTable } from "./definition.ts";

const STRUCTURE_DEFINITION = "http://hl7.org/fhir/StructureDefinition/";

/** The functions that FHIR R4 adds (fhirpath.html, "Additional functions"), as far as they need no terminology service or profile. */
export const FHIR: FunctionTable = {
  extension: define(1, 1, ({ source, args, definitions }) => {
    const selector = new ChildSelector("extension", "standard", definitions);
    const found = (evaluation: Evaluation): Collection => {
      const url = asString(args[0]?.items(evaluation)[0]);
      const extensions: Item[] = [];
      for (const item of source.items(evaluation)) selector.add(item, extensions);
      return extensions.filter((extension) => isNamed(extension, url));
    };
    return fromItems(found);
  }),
  hasValue: define(0, 0, ({ source }) =>
    fromTruth((evaluation) => {
      const items = source.items(evaluation);
      const [only] = items;
      return items.length === 1 && only !== undefined && isPrimitiveWithValue(only);
    }),
  ),
  getValue: define(0, 0, ({ source }) =>
    fromItem((evaluation) => {
      const items = source.items(evaluation);
      const [only] = items;
      return items.length === 1 && only !== undefined && isPrimitiveWithValue(only) ? systemValue(only) : undefined;
    }),
  ),
  resolve: define(0, 0, ({ source, definitions }) =>
    fromItems((evaluation) => source.items(evaluation).flatMap((item) => resolved(evaluation, item, definitions) ?? [])),
  ),
  memberOf: define(1, 1, ({ source, args }) =>
    fromTruth((evaluation) => {
      const coded = single(source.items(evaluation), "memberOf()");
      const valueSet = asString(args[0]?.items(evaluation)[0]);
      if (!(coded instanceof FhirPathNode) || valueSet === undefined) return undefined;
      return evaluation.environment.memberOf?.(coded, valueSet);
    }),
  ),
  conformsTo: define(1, 1, ({ source, args, definitions }) =>
    fromTruth((evaluation) => {
      const element = single(source.items(evaluation), "conformsTo()");
      const profile = asString(args[0]?.items(evaluation)[0]);
      if (!(element instanceof FhirPathNode) || profile === undefined) return undefined;
      const type = profile.startsWith(STRUCTURE_DEFINITION) ? profile.slice(STRUCTURE_DEFINITION.length) : "";
      if (definitions.definitionOf(type) !== undefined) return isDerived(element, type, definitions);
      const answer = evaluation.environment.conformsTo?.(element, profile);
      if (answer === undefined) throw new FhirPathError(`The profile ${profile} is not known here.`);
      return answer;
    }),
  ),
  htmlChecks: define(0, 0, ({ source }) =>
    fromTruth((evaluation) => {
      const div = asString(single(source.items(evaluation), "htmlChecks()"));
      return div === undefined || (evaluation.environment.htmlChecks?.(div) ?? true);
    }),
  ),
};

function isNamed(extension: Item, url: string | undefined): boolean {
  return extension instanceof FhirPathNode && extension.value instanceof JsonObject && url !== undefined && extension.value.get("url") === url;
}

function isPrimitiveWithValue(item: Item): boolean {
  return item instanceof FhirPathNode ? item.value !== undefined && !(item.value instanceof JsonObject) : isSimple(item);
}

/** What a Reference, uri or canonical leads to; `#id` within the container, `#` to the container itself. */
function resolved(evaluation: Evaluation, item: Item, definitions: Definitions): FhirPathNode | undefined {
  const reference = item instanceof FhirPathNode && item.value instanceof JsonObject ? item.value.string("reference") : asString(item);
  if (reference === undefined) return undefined;
  if (!reference.startsWith("#")) return evaluation.environment.resolve?.(reference);
  const container = evaluation.environment.rootResource ?? evaluation.environment.resource;
  if (reference === "#" || !(container?.value instanceof JsonObject)) return container;
  const contained = container.value.objects("contained").find((resource) => resource.get("id") === reference.slice(1));
  return contained && nodeOf(contained, definitions);
}
