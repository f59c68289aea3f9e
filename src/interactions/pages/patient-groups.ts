/** What a source sent together (IHE MHD): submissions of several documents and folders, each with the documents about one patient that it holds. */
import type { Asked } from "../../core/asked.ts";
import { treeOf, type JsonObject } from "../../core/fhir/tree/tree.ts";
import type { DocumentGroup } from "../../pipeline/render/pages/document-groups.ts";
import type { Reader } from "../../reader/reader.ts";
import { pathOf } from "../../search/query/resource-id.ts";
import type { Parameter, SearchQuery } from "../../search/query/search-query.ts";
import { pageTexts } from "../fhir/page-texts.ts";

/** Of each kind more are not shown: the newest are. */
const MOST_GROUPS = 20;
/** Of one group more are not named. */
const MOST_NAMED = 50;

export interface GroupNeeds {
  readonly reader: Pick<Reader, "find" | "pageOf" | "listed">;
  readonly fhirBase: string;
}

/** What a List of a source is known by; one of ours has no source, and nobody sends a folder but a source. */
const KINDS: readonly (readonly [kind: DocumentGroup["kind"], parameters: readonly Parameter[]])[] = [
  [
    "submission",
    [
      ["sourceId:missing", "false"],
      ["code", "submissionset"],
    ],
  ],
  ["folder", [["code", "folder"]]],
];

/**
 * The newest of them, submissions first. Documents that the caller may not find are not among them.
 *
 * @param id of a Patient
 * @param read reads a search upon Lists
 * @throws AppErrors as of a search
 */
export async function documentGroups(
  asked: Asked,
  id: string,
  read: (parameters: readonly Parameter[]) => SearchQuery,
  { reader, fhirBase }: GroupNeeds,
): Promise<DocumentGroup[]> {
  const groups = await Promise.all(
    KINDS.map(async ([kind, parameters]) => {
      const query = read([["subject", `Patient/${id}`], ...parameters, ["_count", String(MOST_GROUPS)]]);
      const { matches } = await reader.find(asked, query);
      const form = { form: { form: "json", pretty: false }, shown: { kind: "whole" }, fhirBase, reader } as const;
      const { texts } = matches.length === 0 ? { texts: new Map<number, string>() } : await pageTexts(asked, matches, form);
      const lists = matches.flatMap(({ number }) => {
        const text = texts.get(number);
        return text === undefined ? [] : [treeOf(JSON.parse(text)) as JsonObject];
      });
      return lists.map((list) => ({ kind, list, ids: documentsIn(list) }));
    }),
  );
  const all = groups.flat();
  const listed = new Map((await reader.listed(asked, [...new Set(all.flatMap(({ ids }) => ids))])).map((one) => [one.summary.id, one]));
  return all
    .map(({ kind, list, ids }) => ({
      kind,
      ...named("title", list.string("title")),
      ...named("date", list.string("date")),
      documents: ids.flatMap((one) => listed.get(one) ?? []),
    }))
    .filter(({ kind, documents }) => documents.length > (kind === "submission" ? 1 : 0));
}

/** The documents here that a List holds, in its order. */
function documentsIn(list: JsonObject): string[] {
  const ids = list.objects("entry").flatMap((entry) => {
    const reference = entry.object("item")?.string("reference");
    const id = reference?.startsWith("DocumentReference/") ? pathOf(reference.slice("DocumentReference/".length))?.documentId : undefined;
    return id === undefined ? [] : [id];
  });
  return [...new Set(ids)].slice(0, MOST_NAMED);
}

function named<Name extends string>(name: Name, value: string | undefined): { readonly [Key in Name]?: string } {
  return (value === undefined ? {} : { [name]: value }) as { readonly [Key in Name]?: string };
}
