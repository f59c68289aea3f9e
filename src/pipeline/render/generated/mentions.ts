/** What of a page's resources was shown and what was only named: everything is shown once, and may be shown again as long as there is room. */
import type { BundleEntry } from "../../../core/fhir/document-bundle.ts";
import type { JsonObject } from "../../../core/fhir/tree/tree.ts";

/** More rows than that nobody reads in tables that nobody attested; the page says that there are more. */
export const MOST_ENTRIES = 2_000;

/** Characters that a page may take for what stands in it already: a document may refer to one resource again and again, by lists in lists. */
export const MOST_REPEATED_ROWS = 1_000_000;

/** Room for what is generated for one page. Two rooms, so that what is folded below narratives takes none from what has no narrative. */
export interface PageBudget {
  /** Rows. */
  left: number;
  /** Characters of repeated rows. */
  repeats: number;
  /** How long the row of each resource was. */
  readonly lengths: Map<JsonObject, number>;
  /** What was shown in full anywhere, by rows, within others, or below a section. */
  readonly shown: Set<JsonObject>;
  /** What resources are called, since many references may lead to one. */
  readonly names: Map<JsonObject, string>;
  /** The numbers of the files that stand in the document (attached-files.ts); worked out when the first is shown. */
  files?: ReadonlyMap<JsonObject, number>;
  /** What the sections of the document refer to (entries.ts); worked out when it is first asked. */
  inSections?: ReadonlySet<JsonObject>;
}

export function pageBudget(): PageBudget {
  return { left: MOST_ENTRIES, repeats: MOST_REPEATED_ROWS, lengths: new Map(), shown: new Set(), names: new Map() };
}

/** The resources that one section has named, beside those that it shows. */
export class Mentions {
  readonly budget: PageBudget;
  /** What this section shows by rows: nothing twice, so that what refers to itself has an end. */
  readonly rows = new Set<JsonObject>();
  /** Whether something could not be shown for want of room. */
  isCut = false;
  readonly #named = new Map<JsonObject, BundleEntry>();

  constructor(budget: PageBudget) {
    this.budget = budget;
  }

  /** A reference to the resource was written by its name. */
  name(entry: BundleEntry): void {
    this.#named.set(entry.resource, entry);
  }

  /** Takes room for a line that is about no resource of the document; false when there is none. */
  take(): boolean {
    if (this.budget.left <= 0) this.isCut = true;
    return this.budget.left-- > 0;
  }

  /** Whether there is room for a row of the resource; takes it. */
  begin(resource: JsonObject): boolean {
    const repeated = this.budget.lengths.get(resource) ?? 0;
    if (this.budget.left <= 0 || repeated > this.budget.repeats) {
      this.isCut = true;
      return false;
    }
    this.budget.left -= 1;
    this.budget.repeats -= repeated;
    this.rows.add(resource);
    return true;
  }

  /** Whether there is room to show the resource within a row of another one; takes it. */
  beginWithin(resource: JsonObject): boolean {
    const repeated = this.budget.lengths.get(resource) ?? 0;
    if (repeated > this.budget.repeats) return false;
    this.budget.repeats -= repeated;
    this.rows.add(resource);
    return true;
  }

  /** It was shown, so long. */
  end(resource: JsonObject, length: number): void {
    this.budget.lengths.set(resource, Math.max(length, this.budget.lengths.get(resource) ?? 0));
    this.budget.shown.add(resource);
  }

  /** The next resource that was named and is shown nowhere; it counts as shown from now on. */
  next(isElsewhere: (entry: BundleEntry) => boolean): BundleEntry | undefined {
    for (const [resource, entry] of this.#named) {
      this.#named.delete(resource);
      if (this.budget.shown.has(resource) || this.rows.has(resource) || isElsewhere(entry)) continue;
      return entry;
    }
    return undefined;
  }
}
