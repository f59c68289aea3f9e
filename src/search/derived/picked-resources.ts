/** Resources of a document in JSON, of which the others are not read: most hits of a search are one or two of many. */
import { EntryIndex, type BundleEntry, type DecidedReference } from "../../core/fhir/document-bundle.ts";
import { wholeLabels } from "../../core/fhir/inherited-labels.ts";
import { readJson } from "../../core/fhir/json/read-json.ts";
import { skimDocument, type SkimmedDocument, type SkimmedEntry } from "../../core/fhir/json/skim-document.ts";
import { STORED_READ_LIMITS } from "../../core/fhir/reading/read-limits.ts";
import { SourceText } from "../../core/fhir/reading/source-text.ts";
import { JsonObject } from "../../core/fhir/tree/tree.ts";
import { pathInDocument, targetIn, type DocumentResource, type DocumentResources } from "../values/document-resources.ts";

/** Some resources of a document, with what the references in them lead to. */
export interface PickedResources extends Pick<DocumentResources, "target" | "labels"> {
  /** The resource of this path; undefined when there is none. */
  at(path: string): DocumentResource | undefined;
}

/** What may stand in a Composition that bears labels; a name in which letters are escaped may be one of these. Else it need not be read. */
const LABELLED = /"(?:security|confidentiality)"|\\u00[4-7]/i;

/** The resources of entries and what is contained in them. */
const OF_ENTRIES = /^\d+(?:\.\d+)?$/;

export function isOfEntry(path: string): boolean {
  return OF_ENTRIES.test(path);
}

/**
 * @param decisions what its deposit record says about references
 * @param said labels of the DocumentReference that a source sent with it (IHE MHD)
 * @returns undefined of a document that must be read as a whole
 */
export function pickResources(
  bytes: Uint8Array,
  { decisions, said }: { readonly decisions: readonly DecidedReference[]; readonly said: readonly JsonObject[] },
): PickedResources | undefined {
  const text = textOf(bytes);
  const skimmed = text === undefined ? undefined : skimDocument(text);
  if (text === undefined || skimmed?.entries[0]?.type !== "Composition" || skimmed.entries[0].index !== 0) return undefined;
  const [first] = skimmed.entries;
  const entries = new Map(skimmed.entries.map((one) => [one.index, new PickedEntry(one, text)]));
  const index = new EntryIndex([...entries.values()], decisions);
  const own = new Map<BundleEntry, readonly DocumentResource[]>();
  const resourcesOf = (entry: BundleEntry): readonly DocumentResource[] => {
    const known = own.get(entry) ?? withContained(entry);
    own.set(entry, known);
    return known;
  };
  return {
    labels: wholeLabels(
      {
        bundle: bundleOf(skimmed.meta, text),
        composition: LABELLED.test(text.slice(first.start, first.end)) ? entries.get(first.index)?.resource : undefined,
      },
      said,
    ),
    at: (path) => {
      const entry = entries.get(Number.parseInt(path, 10));
      return entry && resourcesOf(entry).find((one) => pathInDocument(one) === path);
    },
    target: targetIn({
      among: resourcesOf,
      // What is referred to is called by its type and its place: it need not be read.
      first: (entry) => ({ place: entry.index, entry, type: entry.type, resource: UNREAD }),
      lookUp: (reference, from, form) => index.lookUp(reference, from, form),
    }),
  };
}

const UNREAD = new JsonObject();

function withContained(entry: BundleEntry): readonly DocumentResource[] {
  const { index: place, type, resource } = entry;
  const inner = resource.objects("contained").map((one, at) => ({
    ...{ place, entry, contained: at + 1 },
    type: one.string("resourceType") ?? "",
    resource: one,
  }));
  return [{ place, entry, type, resource }, ...inner];
}

/** Its own meta, of all that it is. */
function bundleOf(meta: SkimmedDocument["meta"], text: string): JsonObject | undefined {
  return meta && readJson(new SourceText(`{"resourceType":"Bundle","meta":${text.slice(meta.start, meta.end)}}`), STORED_READ_LIMITS).resource;
}

function textOf(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** An entry that is read when somebody wants it. */
class PickedEntry implements BundleEntry {
  readonly index: number;
  readonly fullUrl: string | undefined;
  readonly type: string;
  readonly id: string | undefined;
  readonly versionId: string | undefined;
  readonly offset: number;
  readonly identityOffset: number;
  readonly #text: string;
  readonly #end: number;
  #resource: JsonObject | undefined;

  constructor({ index, fullUrl, type, id, versionId, start, end }: SkimmedEntry, text: string) {
    this.index = index;
    this.fullUrl = fullUrl;
    this.type = type;
    this.id = id;
    this.versionId = versionId;
    this.offset = start;
    this.identityOffset = start;
    this.#text = text;
    this.#end = end;
  }

  get resource(): JsonObject {
    this.#resource ??= readJson(new SourceText(this.#text.slice(this.offset, this.#end)), STORED_READ_LIMITS).resource ?? new JsonObject();
    return this.#resource;
  }
}
