import type { DocumentBundle, BundleEntry, Resolution } from "../../../core/fhir/document-bundle.ts";
import type { JsonObject } from "../../../core/fhir/tree/tree.ts";
import type { Definitions, PropertyDefinition } from "../../../core/fhir/r4/definitions.ts";
import type { ReferenceForm } from "../../../core/fhir/references.ts";
import type { Findings, Told } from "../findings.ts";
import type { Place } from "../place.ts";
import { shown } from "../shown.ts";
import type { NarrativeTarget } from "./narrative-targets.ts";
import { entriesOfOtherCase, type EntryOfOtherCase } from "./other-case.ts";
import { checkReference } from "./reference-rules.ts";

/**
 * The links from entries of a document to others, contained resources' included, gathered while it is walked through; references are checked on the way. Local ones (`#…`) are none: they stay in
 * their resource.
 */
export class EntryLinks {
  /** By the index of an entry, those that it leads to. */
  readonly forward: (number[] | undefined)[] = [];
  /** By the index of an entry, how often each id stands in its narratives. */
  readonly narrativePlaces = new Map<number, Map<string, number>>();
  readonly narrativeTargets: NarrativeTarget[] = [];
  readonly ofOtherCase: EntryOfOtherCase;
  readonly #document: DocumentBundle;
  readonly #findings: Findings;
  readonly #definitions: Definitions;
  readonly #entries: ReadonlyMap<JsonObject, BundleEntry>;
  /** References of which it was said once what they were taken for. */
  readonly #toldOf = new Set<string>();
  /** The entry that the walk is in. */
  #from: BundleEntry | undefined;

  constructor(document: DocumentBundle, findings: Findings, definitions: Definitions) {
    this.#document = document;
    this.#definitions = definitions;
    this.#entries = new Map(document.entries.map((entry) => [entry.resource, entry]));
    this.#findings = findings;
    this.ofOtherCase = entriesOfOtherCase(document);
  }

  enterResource(resource: JsonObject): void {
    this.#from = this.#entries.get(resource) ?? this.#from;
  }

  leaveResource(resource: JsonObject): void {
    if (this.#from?.resource === resource) this.#from = undefined;
  }

  /** A Reference of the entry. @param declared what its `type` says */
  reference(text: string, declared: string | undefined, address: ReferenceForm, property: PropertyDefinition, place: Place, offset: number): void {
    const from = this.#from;
    if (from === undefined) return;
    const resolution = this.#document.decide(text, from, address);
    this.#note(from, resolution);
    this.#tell(text, from, resolution, place, offset);
    const isOfComposition = from === this.#document.composition;
    checkReference(
      { text, declared, address, resolution, property, isOfComposition, ofOtherCase: this.ofOtherCase, place, offset },
      this.#findings,
      this.#definitions,
    );
  }

  /** The type of the entry that a Reference leads to, if it leads to one. */
  targetType(text: string, address: ReferenceForm): string | undefined {
    const resolution = this.#from && this.#document.decide(text, this.#from, address);
    return resolution?.kind === "found" ? resolution.entry.type : undefined;
  }

  /** An address in a uri, url or canonical: it makes an entry reachable, but need not lead anywhere, so nothing is decided of it. Most are the names of code systems. */
  address(text: string): void {
    if (this.#from !== undefined && !text.startsWith("#")) this.#note(this.#from, this.#document.lookUp(text, this.#from));
  }

  /** The address of an image in a narrative of the entry: pages show what it leads to, so that is told as of a reference. */
  image(text: string, place: Place, offset: number): void {
    const from = this.#from;
    if (from === undefined || text.startsWith("#") || /^data:/i.test(text)) return;
    const resolution = this.#document.decide(text, from);
    this.#note(from, resolution);
    this.#tell(text, from, resolution, place, offset);
  }

  /** What was decided is let pass. Strict has one of these for each place: the record tells of each, the sender is told once of all that are written alike. */
  #tell(text: string, from: BundleEntry, resolution: Resolution, place: Place, offset: number): void {
    if (resolution.kind !== "found" || !resolution.isDecided) return;
    this.#findings.relax(from.fullUrl === undefined ? "reference-without-full-url" : "reference-full-url");
    if (!this.#toldOf.has(text)) this.#findings.add({ rule: "reference-by-type-and-id", ...takenFor(text, resolution.entry, place, offset) });
    this.#toldOf.add(text);
  }

  /** The ids in a narrative of the entry. */
  narrative(places: readonly string[]): void {
    if (this.#from === undefined) return;
    const known = this.narrativePlaces.get(this.#from.index) ?? new Map<string, number>();
    this.narrativePlaces.set(this.#from.index, known);
    for (const id of places) known.set(id, (known.get(id) ?? 0) + 1);
  }

  /** An extension of the entry that names a part of a narrative. */
  narrativeLink(extension: JsonObject, place: Place, offset: number): void {
    const address = extension.string("valueUrl") ?? extension.string("valueUri");
    if (this.#from !== undefined && address !== undefined)
      this.narrativeTargets.push({ from: this.#from, address, expression: place.expression(), offset });
  }

  #note(from: BundleEntry, resolution: Resolution): void {
    if (resolution.kind === "found" && resolution.entry !== from) (this.forward[from.index] ??= []).push(resolution.entry.index);
  }
}

function takenFor(text: string, { index, type, fullUrl }: BundleEntry, place: Place, offset: number): Told {
  const told = `${shown(text)} leads to no fullUrl of the document. Entry ${index} (${shown(type)}) alone has that type and id, and was taken for it, here and wherever this stands; its fullUrl is ${shown(fullUrl ?? "missing")}. Refer to it by that.`;
  return { text: told, expression: place.expression(), offset };
}
