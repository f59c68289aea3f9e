/** References that lead nowhere by R4's rules, and yet can be told by the type and id that they name. Which of them count is a policy's matter (pipeline/validate/policy.ts). */
import { addressTail, isAbsoluteUrl, restfulRoot, restfulTail, type ReferenceForm } from "./references.ts";

/**
 * How far a resolver goes. `full-url`: as R4 has it (bundle.html, "Resolving references in Bundles"), and no further. `missing-full-url`: besides, `[type]/[id]` leads to the one entry of that type and id, where that has
 * no fullUrl, or none that is absolute. `type-and-id`: to the one entry of that type and id, whatever its fullUrl is.
 */
export type Resolving = "full-url" | "missing-full-url" | "type-and-id";

/** What of an entry tells whether it is meant. */
interface Identified {
  readonly fullUrl: string | undefined;
  readonly type: string;
  readonly id: string | undefined;
  /** What its `meta` calls its version. */
  readonly versionId?: string | undefined;
}

/** What a fullUrl says. */
interface Address {
  readonly isAbsolute: boolean;
  readonly isOnServer: boolean;
  readonly tail: { readonly type: string; readonly id: string } | undefined;
}

const UUID = "urn:uuid:";

/** The entries of a document by type and id. However long their fullUrls are and however many are alike, to tell one costs the reference's length. */
export class ByTypeAndId<Entry extends Identified> {
  /**
   * All that a reference could mean, by type and what each is called by: its id, the UUID of its fullUrl, or the id at the end of that. In lower case, as UUIDs are the same in
   * capitals, and ids that differ in nothing else are taken for the same by people: of two such, none is chosen.
   */
  readonly #called = new Map<string, Entry[]>();
  /** Kept, because many references lead to one entry, and its fullUrl may be long. */
  readonly #addresses = new Map<Entry, Address>();
  readonly #resolving: Resolving;

  constructor(entries: readonly Entry[], resolving: Resolving) {
    this.#resolving = resolving;
    for (const entry of entries)
      for (const name of namesOf(entry)) {
        const there = this.#called.get(name);
        if (there) there.push(entry);
        else this.#called.set(name, [entry]);
      }
  }

  /** The entry that a relative reference means; undefined when that would be guessed. @param form the reference, taken apart @param from the entry that it stands in */
  tell(form: ReferenceForm, from: Entry): Entry | undefined {
    if (this.#resolving === "full-url" || form.kind !== "relative") return undefined;
    const [entry, ...others] = (this.#called.get(`${form.type}/${form.id}`.toLowerCase()) ?? []).slice(0, 2);
    if (entry === undefined || others.length > 0 || entry.type !== form.type) return undefined;
    // Who has that name by the end of a fullUrl alone is a reason not to choose another, and none to be chosen.
    if (entry.id !== form.id && uuidOf(entry.fullUrl) !== form.id.toLowerCase()) return undefined;
    if (form.version !== undefined && form.version !== entry.versionId) return undefined;
    const address = this.#addressOf(entry);
    if (this.#resolving === "missing-full-url") return address.isAbsolute ? undefined : entry;
    // Whoever names two servers means two resources.
    const isElsewhere = address.isOnServer && this.#addressOf(from).isOnServer;
    const isAnother = address.tail !== undefined && (address.tail.type !== form.type || address.tail.id !== form.id);
    return isElsewhere || isAnother ? undefined : entry;
  }

  #addressOf(entry: Entry): Address {
    const known = this.#addresses.get(entry);
    if (known) return known;
    const { fullUrl = "" } = entry;
    const address = { isAbsolute: isAbsoluteUrl(fullUrl), isOnServer: restfulRoot(fullUrl) !== undefined, tail: restfulTail(fullUrl) };
    this.#addresses.set(entry, address);
    return address;
  }
}

function namesOf({ type, id, fullUrl }: Identified): ReadonlySet<string> {
  const names = new Set<string>();
  const uuid = uuidOf(fullUrl);
  const tail = fullUrl === undefined ? undefined : addressTail(fullUrl);
  if (id !== undefined) names.add(`${type}/${id}`.toLowerCase());
  if (uuid !== undefined) names.add(`${type.toLowerCase()}/${uuid}`);
  if (tail !== undefined) names.add(`${tail.type}/${tail.id}`.toLowerCase());
  return names;
}

/** The UUID of `urn:uuid:…`, in lower case. */
function uuidOf(fullUrl: string | undefined): string | undefined {
  return fullUrl?.slice(0, UUID.length).toLowerCase() === UUID ? fullUrl.slice(UUID.length).toLowerCase() : undefined;
}
