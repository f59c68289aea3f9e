import type { FhirPathNode } from "../../../core/fhir/fhirpath/node.ts";
import { JsonNumber, JsonObject } from "../../../core/fhir/tree/tree.ts";
import type { RuleId } from "../catalogue/catalogue.ts";
import type { Spot } from "./children.ts";
import { isPartedByLanguage, saidOfLanguages } from "./narrative-languages.ts";
import type { NodePlan } from "./plan.ts";
import type { Sink } from "./sink.ts";
import type { Pair, Standing } from "./standing.ts";

/** What the rules about content need of the walk. */
interface Walking {
  readonly standing: Standing;
  readonly sink: Sink<Pair>;
  say(plan: NodePlan, spot: Spot, said: { rule: RuleId; text: () => string }): void;
}

/** How long a value is, whether there is one, and how a narrative is parted by languages. */
export function checkContent(plan: NodePlan, spot: Spot, walk: Walking): void {
  const { maxLength = Infinity, minLength = 0, mustHaveValue, valueAlternatives, narrativeLanguage, path } = plan;
  const { node } = spot;
  if (maxLength < Infinity || minLength > 0) {
    const length = lengthOf(node);
    const limit = length > maxLength ? `${maxLength} are the most` : length > 0 && length < minLength ? `${minLength} are the least` : undefined;
    if (limit !== undefined) walk.say(plan, spot, { rule: "profile-length", text: () => `it has ${length} characters, and ${limit}.` });
  }
  if (mustHaveValue && node.definition === undefined && node.value === undefined)
    walk.say(plan, spot, { rule: "profile-element-missing", text: () => `${path} must have a value, and has extensions alone.` });
  if (valueAlternatives.length > 0 && node.definition === undefined && node.value === undefined && !hasOneOf(valueAlternatives, node))
    walk.say(plan, spot, {
      rule: "profile-element-missing",
      text: () => `${path} must have a value, or the extension ${valueAlternatives.join(" or ")}.`,
    });
  if (narrativeLanguage !== undefined) checkLanguages(narrativeLanguage, plan, spot, walk);
}

function hasOneOf(canonicals: readonly string[], { companion }: FhirPathNode): boolean {
  const urls = companion?.objects("extension").map((extension) => extension.string("url")) ?? [];
  return canonicals.some((canonical) => urls.includes(canonical.split("|", 1)[0]));
}

function checkLanguages(control: string, plan: NodePlan, spot: Spot, walk: Walking): void {
  const { value } = spot.node;
  const div = value instanceof JsonObject ? value.string("div") : undefined;
  if (div === undefined) return;
  const resource = walk.standing.resource.value;
  const answer = isPartedByLanguage(control, div, resource instanceof JsonObject ? resource.string("language") : undefined);
  if (answer === "unknown") walk.sink.isOpen = true;
  if (answer === "no")
    walk.say(plan, spot, { rule: "profile-narrative-language", text: () => `the narrative is to be ${saidOfLanguages(control)}, and is not.` });
}

function lengthOf({ value }: FhirPathNode): number {
  return typeof value === "string" ? value.length : value instanceof JsonNumber ? value.text.length : 0;
}
