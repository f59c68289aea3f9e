import type { StructureDefinition } from "./structure-definition.ts";
import type { CodeSystem, ValueSet } from "./terminology-resources.ts";

/** The package that a definition comes from: what it names without a version is what its package's dependencies lead to. R4's own is `hl7.fhir.r4.core` 4.0.1. */
export interface Origin {
  readonly name: string;
  readonly version: string;
}

/** A definition with where it comes from. */
export interface Held<Resource> {
  readonly resource: Resource;
  readonly origin: Origin;
}

/**
 * The definitions of one set of packages, R4's own among them. Each is found by its canonical: with a version (`|1.5` leads to the newest 1.5.x), or without one, and then to what the
 * dependencies of `from` lead to, else to the newest that is held. What is made of a definition is kept by whoever makes it: the same canonical gives the same object.
 */
export interface Conformance {
  /** Names the set: SHA-256 over the names and digests of its packages, as hex. It stands in deposit records. What is no set of packages (R4 alone) has a word of its own there, or none, and is recorded nowhere. */
  readonly digest: string;
  readonly structureDefinition: (canonical: string, from?: Origin) => Held<StructureDefinition> | undefined;
  readonly valueSet: (canonical: string, from?: Origin) => Held<ValueSet> | undefined;
  /** @param canonical that of a system, perhaps with a version. A supplement is none. */
  readonly codeSystem: (canonical: string, from?: Origin) => Held<CodeSystem> | undefined;
  /** Supplements of a code system: displays in other languages, properties. */
  readonly supplements: (system: string) => readonly Held<CodeSystem>[];
  /** The code systems of which codes are held, for whoever asks what there is. */
  readonly listCodeSystems?: () => readonly Listed[];
}

/** A code system that is held. */
export interface Listed {
  readonly url: string;
  readonly version?: string;
  /** The notice that its licence wants to be shown. */
  readonly copyright?: string;
}

/** The profiles that documents are held against whatever they declare, by a coding of Composition.type. */
export interface DocumentProfiles {
  readonly system: string | undefined;
  readonly code: string;
  /** Canonicals of profiles of Bundle (of the whole document) or of Composition. */
  readonly profiles: readonly string[];
}

/** One set of packages, with what an operator said about it. */
export interface ProfileSet {
  /** A name for people: that of the pin file, else the names of its packages. */
  readonly name: string;
  readonly conformance: Conformance;
  readonly documents: readonly DocumentProfiles[];
  /** Code systems about which nothing is asked (those that a programme leaves to others). */
  readonly ignoredSystems: ReadonlySet<string>;
}

/** The sets of a folder. */
export interface ProfileSets {
  /** The one that is in force on a day (`2024-12-24`): that of Composition.date, where it says a day, else that of the deposit. Undefined where none is. */
  readonly on: (day: string) => ProfileSet | undefined;
}

/** How a resource came to be held against a profile. */
export type AskedBy = "declared" | "document-type" | "r4" | "request" | "imposed";

/** What came of holding one resource against one profile. Plain data: it leaves its thread, stands in deposit records and on pages. */
export interface ProfileVerdict {
  /** Where the resource stands: `Bundle.entry[3].resource`. */
  readonly place: string;
  /** As it was asked for: with its version where that said one. */
  readonly profile: string;
  /** Its version as held. */
  readonly version?: string;
  readonly title?: string;
  readonly by: AskedBy;
  /** `unheld`: it is not here, and nothing is said about it. `open`: nothing is broken, but of some codes nobody could tell. */
  readonly result: "holds" | "open" | "broken" | "unheld";
}
