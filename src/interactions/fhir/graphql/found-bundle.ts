import { AppError } from "../../../core/errors.ts";
import { readJson } from "../../../core/fhir/json/read-json.ts";
import { STORED_READ_LIMITS } from "../../../core/fhir/reading/read-limits.ts";
import { SourceText } from "../../../core/fhir/reading/source-text.ts";
import { JsonNumber, type JsonObject } from "../../../core/fhir/tree/tree.ts";
import type { Held } from "../../../core/graphql/source.ts";
import { PAGE } from "../../../search/query/page-token.ts";

/** A page of a search, as the graph takes it. */
export interface FoundBundle {
  readonly total: number | undefined;
  readonly matches: readonly Held[];
  /** Where other pages begin, by their relation. */
  readonly pages: ReadonlyMap<string, string>;
}

/** A resource of ours, as it was written. */
export function heldIn(text: string): Held {
  const { resource } = readJson(new SourceText(text), STORED_READ_LIMITS);
  if (!resource) throw new AppError("internal", "what was written of a resource could not be read");
  return { resource, type: resource.string("resourceType") ?? "" };
}

/**
 * Reads a searchset that was written here.
 * @throws AppError `unavailable` for one that does not show all that it should: in a graph there is no place to say so
 */
export function readFound(bytes: Uint8Array): FoundBundle {
  const { resource: bundle } = heldIn(new TextDecoder().decode(bytes));
  const entries = bundle.objects("entry").map((entry) => ({ mode: entry.object("search")?.string("mode"), resource: entry.object("resource") }));
  const outcome = entries.find(({ mode }) => mode === "outcome")?.resource;
  if (outcome) throw new AppError("unavailable", `Not all that is asked for could be looked at: ${textsIn(outcome)}`);
  const total = bundle.get("total");
  return {
    total: total instanceof JsonNumber ? Number(total.text) : undefined,
    matches: entries.flatMap(({ mode, resource }) =>
      mode === "match" && resource ? [{ resource, type: resource.string("resourceType") ?? "" }] : [],
    ),
    pages: new Map(bundle.objects("link").flatMap((link) => pageIn(link) ?? [])),
  };
}

function textsIn(outcome: JsonObject): string {
  return outcome
    .objects("issue")
    .map((issue) => issue.string("diagnostics") ?? issue.object("details")?.string("text") ?? "")
    .join(" ");
}

function pageIn(link: JsonObject): [[string, string]] | undefined {
  const page = new URL(link.string("url") ?? "", "http://localhost").searchParams.get(PAGE);
  return page === null ? undefined : [[link.string("relation") ?? "", page]];
}
