/** Consents as they are kept: each a setting (pipeline/settings.ts), so that every version is an entry of the log, and a change counts for the very next question. */
import type { Asked } from "../../../core/asked.ts";
import { AppError } from "../../../core/errors.ts";
import { readJson } from "../../../core/fhir/json/read-json.ts";
import { writeJson } from "../../../core/fhir/json/write-json.ts";
import { STORED_READ_LIMITS } from "../../../core/fhir/reading/read-limits.ts";
import { SourceText } from "../../../core/fhir/reading/source-text.ts";
import { treeOf, type JsonObject } from "../../../core/fhir/tree/tree.ts";
import type { Settings } from "../../../pipeline/settings.ts";
import { ConsentBook, type ConsentPatient, type EnteredConsent } from "../../../security/consent/consent-book.ts";

const KIND = "consent";

export type ConsentSettings = Pick<Settings, "get" | "list" | "history" | "put" | "changes">;

/** What was made of them, as of so many changes. */
interface Made {
  readonly changes: number;
  readonly consents: readonly EnteredConsent[];
  readonly book: ConsentBook;
}

export class ConsentRecords {
  readonly #settings: ConsentSettings;
  #made: Made | undefined;

  constructor(settings: ConsentSettings) {
    this.#settings = settings;
  }

  /** All of them as they stand now, whoever entered them. */
  async all(): Promise<readonly EnteredConsent[]> {
    return (await this.#look()).consents;
  }

  /** Those that are in force, for the decision. */
  async book(): Promise<ConsentBook> {
    return (await this.#look()).book;
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
    const consents = (await this.#settings.list(KIND)).map(({ name, version, at, value }) => readConsent(name, version, at, value));
    return (this.#made = { changes, consents, book: new ConsentBook(consents) });
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
