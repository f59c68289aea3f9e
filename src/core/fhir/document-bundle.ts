import { AppError } from "../errors.ts";
import type { JsonObject } from "./json/tree.ts";
import { parseReference, restfulRoot } from "./references.ts";

/** One entry of a document with where it stands. */
export interface DocumentEntry {
  /** Its place in Bundle.entry, from 0. */
  readonly index: number;
  readonly fullUrl: string | undefined;
  readonly resource: JsonObject;
  readonly type: string;
  readonly id: string | undefined;
}

/** What a reference leads to. */
export type Resolution =
  | { readonly kind: "found"; readonly entry: DocumentEntry }
  /** `contained`: it names a resource within its own. `ambiguous`: several entries match. `missing`: none does; `lookalikes` have its type and id under another fullUrl. */
  | { readonly kind: "contained" }
  | { readonly kind: "malformed" }
  | { readonly kind: "ambiguous"; readonly entries: readonly DocumentEntry[] }
  | { readonly kind: "missing"; readonly lookalikes: readonly DocumentEntry[] };

/** A Bundle of type document, opened for reading: entries by place and by reference. Made by `openDocument`. */
export interface DocumentBundle {
  readonly bundle: JsonObject;
  readonly entries: readonly DocumentEntry[];
  readonly composition: DocumentEntry;
  /**
   * The entry that a reference leads to (R4 bundle.html, "Resolving references in Bundles"), seen from `from`; undefined when it is not in the document,
   * is a `#contained` one, or is ambiguous.
   */
  resolve(reference: string, from: DocumentEntry): DocumentEntry | undefined;
  /** The same with the reason where there is none. */
  lookUp(reference: string, from: DocumentEntry): Resolution;
}

/**
 * Opens a document for reading. The index of its entries is made once: resolving takes the same time however many there are.
 *
 * @throws AppError `invalid` when the Bundle has no Composition as its first entry.
 */
export function openDocument(bundle: JsonObject): DocumentBundle {
  const entries = bundleEntries(bundle);
  const [composition] = entries;
  if (composition?.index !== 0 || composition.type !== "Composition") throw new AppError("invalid", "A document's first entry is a Composition.");
  const index = new EntryIndex(entries);
  return {
    bundle,
    entries,
    composition,
    lookUp: (reference, from) => index.lookUp(reference, from),
    resolve: (reference, from) => {
      const resolution = index.lookUp(reference, from);
      return resolution.kind === "found" ? resolution.entry : undefined;
    },
  };
}

/** The entries of a Bundle that hold a resource, each with its place. */
export function bundleEntries(bundle: JsonObject): DocumentEntry[] {
  return bundle.objects("entry").flatMap((entry, index) => {
    const resource = entry.object("resource");
    if (!resource) return [];
    return [{ index, fullUrl: entry.string("fullUrl"), resource, type: resource.string("resourceType") ?? "", id: resource.string("id") }];
  });
}

/** Entries by fullUrl, and by type and id. */
class EntryIndex {
  readonly #byFullUrl: ReadonlyMap<string, DocumentEntry[]>;
  readonly #byTypeAndId: ReadonlyMap<string, DocumentEntry[]>;

  constructor(entries: readonly DocumentEntry[]) {
    this.#byFullUrl = Map.groupBy(
      entries.filter((entry) => entry.fullUrl !== undefined),
      (entry) => entry.fullUrl ?? "",
    );
    this.#byTypeAndId = Map.groupBy(
      entries.filter((entry) => entry.id !== undefined),
      (entry) => `${entry.type}/${entry.id}`,
    );
  }

  lookUp(reference: string, from: DocumentEntry): Resolution {
    const form = parseReference(reference);
    if (form.kind === "contained" || form.kind === "malformed") return { kind: form.kind };
    // A relative reference counts from the server that the entry it stands in comes from.
    const root = form.kind === "relative" && from.fullUrl !== undefined ? restfulRoot(from.fullUrl) : undefined;
    const url = form.kind === "absolute" ? form.url : root === undefined ? undefined : `${root}${form.type}/${form.id}`;
    // Some senders make a fullUrl of the relative form itself; R4 matches fullUrl as text first.
    const named = (url === undefined ? undefined : this.#byFullUrl.get(url)) ?? this.#byFullUrl.get(reference) ?? [];
    const matching =
      form.version === undefined ? named : named.filter((entry) => entry.resource.object("meta")?.string("versionId") === form.version);
    const [entry, ...others] = matching;
    if (entry && others.length === 0) return { kind: "found", entry };
    if (entry) return { kind: "ambiguous", entries: matching };
    const key = form.type === undefined || form.id === undefined ? undefined : `${form.type}/${form.id}`;
    return { kind: "missing", lookalikes: key === undefined ? [] : (this.#byTypeAndId.get(key) ?? []) };
  }
}
