import { AppError } from "../errors.ts";
import { JsonObject } from "./tree/tree.ts";
import { parseReference, restfulRoot, type ReferenceForm } from "./references.ts";
import { ByTypeAndId, type Resolving } from "./told-by-type-and-id.ts";

/** One entry of a document with where it stands. */
export interface BundleEntry {
  /** Its place in Bundle.entry, from 0. */
  readonly index: number;
  readonly fullUrl: string | undefined;
  readonly resource: JsonObject;
  readonly type: string;
  readonly id: string | undefined;
  /** What its `meta` calls its version. */
  readonly versionId?: string | undefined;
  /** Where the entry begins in the source, and where its fullUrl does (the entry, when it has none). */
  readonly offset: number;
  readonly identityOffset: number;
}

/** What a reference leads to. */
export type Resolution =
  /** `isDecided`: not by R4's rules, but by its type and id, as a policy has it. */
  | { readonly kind: "found"; readonly entry: BundleEntry; readonly isDecided?: true }
  /** `contained`: it names a resource within its own. `ambiguous`: several entries match. `missing`: none does; `lookalikes` have its type and id under another fullUrl. */
  | { readonly kind: "contained" }
  | { readonly kind: "malformed" }
  | { readonly kind: "ambiguous"; readonly entries: readonly BundleEntry[] }
  | { readonly kind: "missing"; readonly lookalikes: readonly BundleEntry[] };

/** What was decided about a reference that the rules leave open, such as one that leads to several entries (docs/formats.md, Deposit record). */
export interface DecidedReference {
  /** The place in Bundle.entry of the resource that it stands in, from 0. */
  readonly from: number;
  /** As it is written. */
  readonly reference: string;
  /** The place in Bundle.entry that it leads to. */
  readonly to: number;
}

/** A Bundle of type document, opened for reading: entries by place and by reference. Made by `openDocument`. */
export interface DocumentBundle {
  readonly bundle: JsonObject;
  readonly entries: readonly BundleEntry[];
  readonly composition: BundleEntry;
  /**
   * The entry that a reference leads to (R4 bundle.html, "Resolving references in Bundles"), seen from `from`; undefined when it is not in the document,
   * is a `#contained` one, or is ambiguous.
   */
  resolve(reference: string, from: BundleEntry): BundleEntry | undefined;
  /** The same with the reason where there is none. @param form the reference, taken apart */
  lookUp(reference: string, from: BundleEntry, form?: ReferenceForm): Resolution;
  /** The same for what refers to an entry, where a document is judged: where R4's rules lead nowhere, it is decided as the policy has it. */
  decide(reference: string, from: BundleEntry, form?: ReferenceForm): Resolution;
  /** What was decided of the references so far, each once, in the order in which they were met. */
  decided(): readonly DecidedReference[];
}

/**
 * Opens a document for reading. The index of its entries is made once: resolving takes the same time however many there are.
 *
 * @param decided what its deposit record says about references: they lead there ever after, whatever the rules of a later version make of them
 * @param resolving how far it is gone for references that R4's rules lead nowhere: where a document is judged, as the policy has it; afterwards what was decided then stands in `decided`
 * @throws AppError `invalid` when the Bundle has no Composition as its first entry.
 */
export function openDocument(bundle: JsonObject, decided: readonly DecidedReference[] = [], resolving: Resolving = "full-url"): DocumentBundle {
  const entries = bundleEntries(bundle);
  const [composition] = entries;
  if (composition === undefined || !hasComposition(bundle)) throw new AppError("invalid", "A document's first entry is a Composition.");
  const index = new EntryIndex(entries, decided, resolving);
  return {
    bundle,
    entries,
    composition,
    lookUp: (reference, from, form) => index.lookUp(reference, from, form),
    decide: (reference, from, form) => index.decide(reference, from, form),
    resolve: (reference, from) => {
      const resolution = index.lookUp(reference, from);
      return resolution.kind === "found" ? resolution.entry : undefined;
    },
    decided: () => index.decided(),
  };
}

/** Whether a resource says that it is a document (R4 documents.html: a Bundle of type document), whatever it holds. */
export function isDocument(resource: JsonObject): boolean {
  return resource.string("resourceType") === "Bundle" && resource.string("type") === "document";
}

/** Whether a Composition stands in the first entry, as in a document (bdl-11). */
export function hasComposition(bundle: JsonObject): boolean {
  const [first] = bundle.items("entry");
  return first instanceof JsonObject && first.object("resource")?.string("resourceType") === "Composition";
}

/** The entries of a Bundle that hold a resource, each with its place. */
export function bundleEntries(bundle: JsonObject): BundleEntry[] {
  const found: BundleEntry[] = [];
  for (const [index, entry] of bundle.items("entry").entries()) {
    const resource = entry instanceof JsonObject ? entry.object("resource") : undefined;
    if (!(entry instanceof JsonObject) || !resource) continue;
    found.push({
      index,
      fullUrl: entry.string("fullUrl"),
      resource,
      type: resource.string("resourceType") ?? "",
      id: resource.string("id"),
      versionId: resource.object("meta")?.string("versionId"),
      offset: entry.offset,
      identityOffset: entry.has("fullUrl") ? entry.offsetOf("fullUrl") : entry.offset,
    });
  }
  return found;
}

type Addresses = Map<string, BundleEntry[]>;
const NO_SUFFIX: readonly string[] = [""];

/** Entries by address, by type and id, and by the server that they come from. However many and however alike the addresses are, a look-up costs the reference's length. */
export class EntryIndex {
  /** fullUrls, alone and with the version behind it, as references write it. */
  readonly #byAddress: Addresses = new Map();
  readonly #byTypeAndId: Addresses = new Map();
  /** For an entry on a server: that server's, by what stands behind its root. Kept, because a root may be long and many references count from it. */
  readonly #neighbours = new Map<BundleEntry, Addresses>();
  /** What absolute references led to: the same ones come again and again, and lead to the same from everywhere. */
  readonly #absolute = new Map<string, Resolution>();
  /** What was decided, before and here, by place and reference; also that nothing could be, which is asked as often. */
  readonly #decided = new Map<string, Resolution>();
  readonly #made: DecidedReference[] = [];
  /** Undefined where R4's rules alone count. */
  readonly #told: ByTypeAndId<BundleEntry> | undefined;

  constructor(entries: readonly BundleEntry[], decided: readonly DecidedReference[] = [], resolving: Resolving = "full-url") {
    this.#told = resolving === "full-url" ? undefined : new ByTypeAndId(entries, resolving);
    const byPlace = new Map(decided.length === 0 ? [] : entries.map((entry) => [entry.index, entry]));
    for (const { from, reference, to } of decided) {
      const entry = byPlace.get(to);
      if (entry) this.#decided.set(decisionKey(from, reference), { kind: "found", entry, isDecided: true });
    }
    const servers = new Map<string, Addresses>();
    for (const entry of entries) {
      const { fullUrl, type, id, versionId: version } = entry;
      if (id !== undefined) put(this.#byTypeAndId, `${type}/${id}`, entry);
      if (fullUrl === undefined) continue;
      const suffixes = version === undefined ? NO_SUFFIX : ["", versionTail(version)];
      for (const suffix of suffixes) put(this.#byAddress, fullUrl + suffix, entry);
      const root = restfulRoot(fullUrl);
      if (root === undefined) continue;
      const server = servers.get(root) ?? new Map<string, BundleEntry[]>();
      servers.set(root, server);
      this.#neighbours.set(entry, server);
      for (const suffix of suffixes) put(server, fullUrl.slice(root.length) + suffix, entry);
    }
  }

  /** What a reference in `from` leads to (R4 bundle.html, "Resolving references in Bundles"). */
  lookUp(reference: string, from: BundleEntry, parsed?: ReferenceForm): Resolution {
    const decided = this.#decided.size === 0 ? undefined : this.#decided.get(decisionKey(from.index, reference));
    if (decided) return decided;
    const known = this.#absolute.get(reference);
    if (known) return known;
    const form = parsed ?? parseReference(reference);
    const resolution = this.#resolve(reference, form, from);
    if (form.kind === "absolute") this.#absolute.set(reference, resolution);
    return resolution;
  }

  #resolve(reference: string, form: ReferenceForm, from: BundleEntry): Resolution {
    if (form.kind === "contained" || form.kind === "malformed") return { kind: form.kind };
    const suffix = form.version === undefined ? "" : versionTail(form.version);
    const key = form.type === undefined || form.id === undefined ? undefined : `${form.type}/${form.id}`;
    // A relative reference counts from the server that the entry it stands in comes from.
    const named =
      form.kind === "relative" ? this.#neighbours.get(from)?.get(`${form.type}/${form.id}${suffix}`) : this.#byAddress.get(form.url + suffix);
    // Some senders make a fullUrl of the relative form itself; R4 matches fullUrl as text first.
    const matching = named ?? this.#byAddress.get(reference) ?? [];
    const [entry] = matching;
    if (entry) return matching.length === 1 ? { kind: "found", entry } : { kind: "ambiguous", entries: matching };
    const lookalikes = key === undefined ? [] : (this.#byTypeAndId.get(key) ?? []);
    return { kind: "missing", lookalikes };
  }

  /** The same; and where that is missing, what is told by type and id is decided, and leads there ever after. */
  decide(reference: string, from: BundleEntry, parsed?: ReferenceForm): Resolution {
    const form = parsed ?? parseReference(reference);
    const resolution = this.lookUp(reference, from, form);
    if (this.#told === undefined || form.kind !== "relative" || resolution.kind !== "missing") return resolution;
    const key = decisionKey(from.index, reference);
    // A record holds so many decisions.
    const entry = this.#decided.has(key) || this.#made.length >= MOST_DECIDED ? undefined : this.#told.tell(form, from);
    const decided: Resolution = entry === undefined ? resolution : { kind: "found", entry, isDecided: true };
    this.#decided.set(key, decided);
    if (entry) this.#made.push({ from: from.index, reference, to: entry.index });
    return decided;
  }

  /** What was decided here, in the order in which it was asked. */
  decided(): readonly DecidedReference[] {
    return this.#made;
  }
}

function put(addresses: Addresses, address: string, entry: BundleEntry): void {
  const there = addresses.get(address);
  if (there) there.push(entry);
  else addresses.set(address, [entry]);
}

/** References that are told by type and id in one document: what was decided about each stands in its deposit record. No real document has a tenth as many. */
export const MOST_DECIDED = 10_000;

function decisionKey(from: number, reference: string): string {
  return `${from} ${reference}`;
}

function versionTail(version: string): string {
  return `/_history/${version}`;
}
