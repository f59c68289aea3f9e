import type { DocumentBundle, BundleEntry } from "../core/fhir/document-bundle.ts";
import type { Knowledge } from "../core/fhir/r4/knowledge.ts";
import { JsonObject } from "../core/fhir/tree/tree.ts";
import { inheritedLabels } from "../core/fhir/inherited-labels.ts";
import type { SubmittedMetadata } from "../core/formats/submitted.ts";
import type { SearchParameters } from "../core/fhir/r4/search-parameters.ts";
import type { MadeFacts } from "./derived/document-reference.ts";
import { madeResources, tagOf, withMade } from "./derived/made-resources.ts";
import { derivedRows, hashed, ROWS, type PersonIdOf, type PersonRow, type Role } from "./derived/person.ts";
import { BESIDE_ROW, labelsOfSource, saidBySource, submittedResources } from "./derived/submitted-resources.ts";
import { SUBMITTED_TAG } from "./derived/project.ts";
import { tagRow, UNTAGGED } from "./derived/tag-rows.ts";
import { describeSubmitted } from "./describe-submitted.ts";
import { isHeaderType } from "./header-types.ts";
import type { IndexedResource, IndexedResources } from "./resource-index.ts";
import { MADE_PLACES, MOST_OF_A_KIND, MOST_OF_WORDS } from "./resource-number.ts";
import { personKeyOf, personKeysOf, type PatientSystems } from "./same-person.ts";
import { documentResources, pathInDocument, type DocumentResource, type DocumentResources } from "./values/document-resources.ts";
import { Extractor } from "./values/extract.ts";
import { DocumentWords } from "./values/full-text.ts";
import { nameOf, type DocumentWord, type LinkRow } from "./values/index-row.ts";
import type { ExtractedRow } from "./values/reference-values.ts";

/** A resource as whoever extracts describes it: persons are called by their keys still. */
export interface DescribedResource extends Omit<IndexedResource, "rows"> {
  readonly rows: readonly ExtractedRow[];
  /** Of a derived Patient: the key that its path is made of. */
  readonly person?: string;
}

/** The same as one text (packed-resources.ts), with the keys of the persons whom it names by their places here. */
export interface PackedUnnamed {
  readonly text: string;
  readonly keys: readonly string[];
}

export interface DescribedResources {
  readonly resources: readonly DescribedResource[];
  /** What could not be worked out: `Observation.value-quantity: …`, each once. */
  readonly faults: readonly string[];
}

export interface DescriberOptions {
  /** Whether they are found by their words too (`FULL_TEXT`). */
  readonly hasFullText: boolean;
  /** `PATIENT_SYSTEMS`. */
  readonly systems: PatientSystems;
}

/** Says by what each resource of a document is found: those in its entries, and those that we make of it. */
export class ResourceDescriber {
  readonly #knowledge: Knowledge;
  readonly #extractor: Extractor;
  readonly #options: DescriberOptions;

  constructor(knowledge: Knowledge, parameters: SearchParameters, options: DescriberOptions) {
    this.#knowledge = knowledge;
    this.#extractor = new Extractor(knowledge, parameters, (identifier) => personKeyOf(identifier, options.systems));
    this.#options = options;
  }

  /** Those of header types, and what we make of the document; their words aside. */
  header(document: DocumentBundle, about: MadeFacts): DescribedResources {
    const { all: said, faults: unread } = submittedResources(about.submitted);
    const resources = documentResources(document, labelsOfSource(said));
    const faults = new Set<string>();
    const indexed = this.#indexed(resources, faults, isHeaderType);
    const people = this.#people(document, resources, indexed);
    for (const fault of unread) faults.add(fault);
    const ours = withMade(document, resources, about.documentId, said);
    const { definitions } = this.#knowledge;
    const submitted = describeSubmitted(
      { document, documentId: about.documentId, submitted: about.submitted, said, isKnown: people.isSubjectKnown, here: ours, definitions },
      (one, among) => this.#rows(one, among, faults),
    );
    const besides = saidBySource(about.submitted, said);
    const bundle: DescribedResource = {
      place: MADE_PLACES.Bundle,
      type: "Bundle",
      path: "",
      rows: [...this.#bundleRows(document, resources, faults), tagRow(UNTAGGED)],
    };
    const made = madeResources(document, resources, about, said).map(({ place, type, path, resource }): DescribedResource => {
      const rows = this.#rows({ place, type, resource, entry: document.composition }, ours, faults);
      const beside = besides.has(type) ? [BESIDE] : [];
      return { place, type, path, rows: [...people.followed(rows), ...beside, tagRow(tagOf({ type, path })?.code ?? UNTAGGED)] };
    });
    const all = submitted.map((one) => ({ ...one, rows: [...people.followed(one.rows), tagRow(SUBMITTED_TAG.code)] }));
    return { resources: [...people.copies, bundle, ...made, ...all, ...people.derived], faults: [...faults] };
  }

  /** A resource that stands in no document. */
  alone(type: string, resource: JsonObject): readonly ExtractedRow[] {
    const entry: BundleEntry = { index: 0, type, id: undefined, fullUrl: undefined, resource, offset: 0, identityOffset: 0 };
    const one: DocumentResource = { place: 0, entry, type, resource };
    return this.#extractor.extract(one, { all: [one], target: () => undefined }).rows;
  }

  /**
   * All others, and the words of each resource.
   * @param submitted what its source said of the document: its labels count
   */
  rest(document: DocumentBundle, submitted: SubmittedMetadata | undefined): DescribedResources {
    const resources = documentResources(document, labelsOfSource(submittedResources(submitted).all));
    const faults = new Set<string>();
    const others = this.#indexed(resources, faults, (type) => !isHeaderType(type));
    const words = new DocumentWords();
    if (this.#options.hasFullText) for (const one of resources.all) if (one.contained === undefined) words.addTexts(one);
    const known = others.map((one) => ({ ...one, rows: withoutTexts(one, words) }));
    const standing = inPieces(words.all()).map((own, at): DescribedResource => ({
      place: MADE_PLACES.Words + at,
      type: "",
      path: "",
      rows: [],
      words: own,
    }));
    return { resources: [...known, ...standing], faults: [...faults] };
  }

  #indexed(resources: DocumentResources, faults: Set<string>, isWanted: (type: string) => boolean): DescribedResource[] {
    return resources.all
      .filter(({ type }) => isWanted(type))
      .map((one) => ({ place: one.place, type: one.type, path: pathInDocument(one), rows: this.#labelled(one, resources, faults) }));
  }

  /** The rows of a resource that is taken out of the document: it has the labels of the whole, as it is served with them. */
  #labelled(one: DocumentResource, resources: DocumentResources, faults: Set<string>): readonly ExtractedRow[] {
    const rows = this.#rows(one, resources, faults);
    const labels = inheritedLabels(one.resource, resources.labels);
    if (labels === undefined) return rows;
    const meta = new JsonObject().add("security", labels);
    const alone: DocumentResource = { ...one, resource: new JsonObject().add("resourceType", one.type).add("meta", meta) };
    const more = this.#extractor.extract(alone, resources, LABELS).rows;
    return [...rows.filter(({ name }) => name !== LABELS && !name.startsWith(`${LABELS}:`)), ...more];
  }

  #bundleRows(document: DocumentBundle, resources: DocumentResources, faults: Set<string>): readonly ExtractedRow[] {
    const { bundle, composition } = document;
    return this.#rows({ place: MADE_PLACES.Bundle, type: "Bundle", resource: bundle, entry: composition }, resources, faults);
  }

  #rows(resource: DocumentResource, resources: DocumentResources, faults: Set<string>): readonly ExtractedRow[] {
    const { rows, failed } = this.#extractor.extract(resource, resources);
    for (const { code, error } of failed) faults.add(`${resource.type}.${code}: ${error.message}`);
    return rows;
  }

  /** Patients that are known anywhere: their copies say who they are, and each gives derived ones. */
  #people(document: DocumentBundle, resources: DocumentResources, indexed: readonly DescribedResource[]): People {
    const subject = subjectOf(document);
    const derived: DescribedResource[] = [];
    const leading = new Map<number, number>();
    const byPlace = new Map(resources.all.map((one) => [one.place, one]));
    const copies = indexed.map((copy) => {
      const one = byPlace.get(copy.place);
      if (one === undefined || one.contained !== undefined || one.type !== "Patient") return copy;
      const keys = personKeysOf(one.entry, document, this.#options.systems);
      if (keys.length === 0) return copy;
      const role: Role = one.entry === subject ? "subject" : "mentioned";
      const known = [...copy.rows, ...keys.map((key) => personRow(ROWS.person, key))];
      leading.set(copy.place, MADE_PLACES.Patient + derived.length);
      for (const key of keys) {
        const place = MADE_PLACES.Patient + derived.length;
        if (derived.length === MOST_OF_A_KIND) break;
        derived.push({
          place,
          type: "Patient",
          path: "",
          person: key,
          rows: [...derivedRows(known, copy.place), personRow(ROWS.derived, key, role)],
        });
      }
      return { ...copy, rows: known };
    });
    const isSubjectKnown = indexed.some(({ place }) => leading.has(place) && byPlace.get(place)?.entry === subject);
    return { copies, derived, isSubjectKnown, followed: (rows) => followed(rows, leading) };
  }
}

/** The rows of a resource but for those of texts (`code:text`), which become words of the document. Where a parameter has nothing else, one of them stays: `:missing` looks at rows. */
function withoutTexts(one: DescribedResource, words: DocumentWords): readonly ExtractedRow[] {
  const names = new Set(one.rows.map(({ name }) => name));
  const texts = Map.groupBy(
    one.rows.filter((row) => row.kind === "word" && row.name.endsWith(TEXT)),
    ({ name }) => name,
  );
  const kept = new Set<ExtractedRow>();
  for (const [name, rows] of texts) {
    words.add(one, name, [...new Set(rows.flatMap((row) => (row.kind === "word" ? [row.value] : [])))]);
    const code = name.slice(0, -TEXT.length);
    const [first] = rows;
    if (first && !names.has(code) && !names.has(nameOf(code, "identifier"))) kept.add(first);
  }
  return texts.size === 0 ? one.rows : one.rows.filter((row) => kept.has(row) || !texts.has(row.name));
}

const TEXT = nameOf("", "text");
const LABELS = "_security";

/** Words that an engine keeps together have about so many letters of places: some set a bound to what one row may hold, MongoDB 16 MB. */
const PLACES_TOGETHER = 200_000;

function inPieces(words: readonly DocumentWord[]): DocumentWord[][] {
  const lengthOf = ({ value, at }: DocumentWord): number => at.reduce((sum, { places }) => sum + places.length, value.length);
  const length = words.reduce((sum, word) => sum + lengthOf(word), 0);
  const together = Math.max(PLACES_TOGETHER, length / (MOST_OF_WORDS - 1));
  const pieces: DocumentWord[][] = [];
  let left = 0;
  for (const word of words) {
    if (left <= 0) {
      pieces.push([]);
      left = together;
    }
    pieces.at(-1)?.push(word);
    left -= lengthOf(word);
  }
  return pieces;
}

const BESIDE = { kind: "word", name: BESIDE_ROW, value: "submitted", part: 0 } as const;

interface People {
  readonly copies: readonly DescribedResource[];
  readonly derived: readonly DescribedResource[];
  /** Whether there is a derived Patient that stands for whom the document is about. */
  readonly isSubjectKnown: boolean;
  /** Rows of a resource of ours: what it says of a Patient it says of the derived one too. */
  followed(rows: readonly ExtractedRow[]): readonly ExtractedRow[];
}

function followed(rows: readonly ExtractedRow[], leading: ReadonlyMap<number, number>): readonly ExtractedRow[] {
  const more = rows.flatMap((row): LinkRow[] => {
    const target = row.kind === "link" ? leading.get(row.target) : undefined;
    return row.kind === "link" && target !== undefined ? [{ ...row, target }] : [];
  });
  return [...rows, ...more];
}

function personRow(name: string, key: string, system?: Role): PersonRow {
  return { kind: "person", name, key, before: "", part: 0, ...(system !== undefined && { system }) };
}

function subjectOf(document: DocumentBundle): BundleEntry | undefined {
  const url = document.composition.resource.object("subject")?.string("reference");
  return url === undefined ? undefined : document.resolve(url, document.composition);
}

/** As they are written: persons are called by their ids. */
export async function namedResources(resources: readonly DescribedResource[] | PackedUnnamed, idOf: PersonIdOf): Promise<IndexedResources> {
  if (!("text" in resources)) return withPersonIds(resources, idOf);
  const { text, keys } = resources;
  return { text, ids: await Promise.all(keys.map(idOf)) };
}

/** The same of what is not packed. */
export async function withPersonIds(resources: readonly DescribedResource[], idOf: PersonIdOf): Promise<IndexedResource[]> {
  const keys = new Set(resources.flatMap(({ rows }) => rows.flatMap((row) => (row.kind === "person" ? [row.key] : []))));
  const ids = new Map(await Promise.all([...keys].map(async (key) => [key, await idOf(key)] as const)));
  return resources.map(({ person, rows, ...resource }) => ({
    ...resource,
    ...(person !== undefined && { path: ids.get(person) ?? "" }),
    rows: rows.map((row) => (row.kind === "person" ? hashed(row, ids.get(row.key) ?? "") : row)),
  }));
}
