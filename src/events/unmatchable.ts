/** Which criteria no document can be held against as it comes, by itself. */
import type { Criterion } from "../search/query/criterion.ts";

/** Why, in words for whoever subscribes; undefined of one that can be. */
export function unmatchable(criterion: Criterion): string | undefined {
  switch (criterion.kind) {
    case "every":
    case "some":
      return criterion.of.map(unmatchable).find((reason) => reason !== undefined);
    case "not":
      return unmatchable(criterion.of);
    case "refers":
      return "A subscription cannot ask what the resource says that is referred to (no chains): name it by its reference or its identifier.";
    case "referred":
      return "A subscription cannot ask what refers to a resource (_has).";
    case "superseded":
    case "permitted":
    case "within":
    case "document":
      return "A subscription asks what stands in the resource, and nothing else.";
    default:
      return undefined;
  }
}
