/** Consents as they are kept: each a setting (pipeline/settings.ts), so that every version is an entry of the log, and a change counts for the very next question. */
import type { Asked } from "../../../core/asked.ts";
import { AppError } from "../../../core/errors.ts";
import { readJson } from "../../../core/fhir/json/read-json.ts";
import { writeJson } from "../../../core/fhir/json/write-json.ts";
import { STORED_READ_LIMITS } from "../../../core/fhir/reading/read-limits.ts";
import { SourceText } from "../../../core/fhir/reading/source-text.ts";
import { treeOf, type JsonObject } from "../../../core/fhir/tree/tree.ts";
import type { Settings } from "../../../pipeline/settings.ts";
import { ConsentBook } from "../../../security/consent/consent-book.ts";
import type { ConsentPatient, EnteredConsent } from "../../../security/consent/consenting-persons.ts";

const KIND = "consent";

export type ConsentSettings = Pick<Settings, "get" | "list" | "history" | "put" | "changes">;

/** What was made of them, as of so many changes, and of what feeds say of persons. */
interface Made {
  readonly changes: number;
  readonly consents: readonly EnteredConsent[];
  /** All keys of the persons whom they are about. */
  readonly keys: readonly string[];
  readonly book?: { readonly merged: number; readonly book: ConsentBook };
}

/** Whom feeds joined, of persons with these keys (reader/merged-persons.ts). */
export type MergedOf = (keys: readonly string[]) => Promise<{ readonly version: number; readonly keys: ReadonlyMap<string, readonly string[]> }>;

const NOBODY: MergedOf = () => Promise.resolve({ version: 0, keys: new Map() });

export class ConsentRecords {
  readonly #settings: ConsentSettings;
  readonly #mergedOf: MergedOf;
  #made: Made | undefined;
  /** The last that was made. */
  #book: ConsentBook | undefined;

  constructor(settings: ConsentSettings, mergedOf: MergedOf = NOBODY) {
    this.#settings = settings;
    this.#mergedOf = mergedOf;
  }

  /** All of them as they stand now, whoever entered them. */
  async all(): Promise<readonly EnteredConsent[]> {
    return (await this.#look()).consents;
  }

  /** Those that are in force, for the decision: each for all that its patient is known by now. What is entered keeps the keys of that day, since a feed may take apart what it joined. */
  async book(): Promise<ConsentBook> {
    const looked = await this.#look();
    const merged = await this.#mergedOf(looked.keys);
    // Others who asked meanwhile may have made it.
    const made = this.#made?.changes === looked.changes ? this.#made : looked;
    if (made.book?.merged === merged.version) return made.book.book;
    const consents = made.consents.map((consent): EnteredConsent => {
      const { keys, documents } = consent.patient;
      const all = new Set(keys.flatMap((key) => merged.keys.get(key) ?? [key]));
      return all.size === keys.length ? consent : { ...consent, patient: { keys: [...all], documents } };
    });
    const book = (this.#book = new ConsentBook(consents, this.#book));
    this.#made = { ...made, book: { merged: merged.version, book } };
    return book;
  }

  /** Every version of one, oldest first; none when there is no such consent. */
  async versions(id: string): Promise<EnteredConsent[]> {
    const records = await this.#settings.history(KIND, id);
    return records.flatMap(({ setting: { version }, value, at }) => (value === undefined ? [] : [readConsent(id, version, at, value)]));
  }

  /**
   * Enters one, or a version after another.
   * @throws AppError `conflict` when it stands otherwise, `invalid` for one that is too long
   */
  async enter(
    {
      id,
      resource,
      patient,
      expected,
    }: { readonly id: string; readonly resource: JsonObject; readonly patient: ConsentPatient; readonly expected: number | "absent" },
    asked: Asked,
  ): Promise<EnteredConsent> {
    const value = writeJson(treeOf({ patient, resource }));
    const set = await this.#settings.put({ kind: KIND, name: id, value, expected, asked });
    if (!set) throw new AppError("conflict", "It was changed by somebody else in the meantime: look at it again.");
    return readConsent(id, set.version, set.at, set.value);
  }

  async #look(): Promise<Made> {
    const changes = await this.#settings.changes();
    if (this.#made?.changes === changes) return this.#made;
    // What did not change since is not read again.
    const before = new Map(this.#made?.consents.map((consent) => [consent.id, consent]));
    const consents = (await this.#settings.list(KIND)).map(({ name, version, at, value }) => {
      const known = before.get(name);
      return known?.version === version ? known : readConsent(name, version, at, value);
    });
    const keys = [...new Set(consents.flatMap(({ patient }) => patient.keys))];
    return (this.#made = { changes, consents, keys });
  }
}

function readConsent(id: string, version: number, at: string, value: string): EnteredConsent {
  const { resource: record } = readJson(new SourceText(value), STORED_READ_LIMITS);
  const resource = record?.object("resource");
  const patient = record?.object("patient");
  if (!resource || !patient) throw new AppError("damaged", `what was entered as Consent/${id} is no consent`);
  const texts = (name: string): string[] => patient.items(name).filter((one) => typeof one === "string");
  return { id, version, at, resource, patient: { keys: texts("keys"), documents: texts("documents") } };
}
