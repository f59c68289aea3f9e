import { isHeaderType } from "../header-types.ts";
import type { Criterion } from "./criterion.ts";
import type { SearchQuery } from "./search-query.ts";

/**
 * Whether a search asks about nothing but what is there as soon as a document is (header-types.ts): then it needs not wait for what follows. What it includes may be of any type, and words come
 * behind.
 */
export function asksHeadersAlone({
  types,
  includes,
  revIncludes,
  contained,
}: Pick<SearchQuery, "types" | "includes" | "revIncludes" | "contained">): boolean {
  const isIncluding = includes.length + revIncludes.length > 0 || contained !== "false";
  return !isIncluding && types.every(({ type, criterion }) => isHeaderType(type) && asksHeaders(criterion));
}

function asksHeaders(criterion: Criterion): boolean {
  switch (criterion.kind) {
    case "text":
      return false;
    case "refers":
      return criterion.to.every(({ type, criterion: inner }) => isHeaderType(type) && asksHeaders(inner));
    case "refers-to":
      // An id is of one type; those of others, which may be meant as well, are no less found a moment later.
      return criterion.types.some(isHeaderType);
    case "referred":
      return isHeaderType(criterion.type) && asksHeaders(criterion.criterion);
    case "not":
      return asksHeaders(criterion.of);
    case "every":
    case "some":
      return criterion.of.every(asksHeaders);
    case "row":
    case "together":
    case "present":
    case "id":
    case "received":
    case "permitted":
    case "superseded":
    case "within":
    case "document":
      return true;
  }
}
