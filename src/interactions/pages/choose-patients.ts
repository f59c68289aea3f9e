import type { Asked } from "../../core/asked.ts";
import { AppError } from "../../core/errors.ts";
import type { PatientChoice } from "../../pipeline/render/pages/patient-choice.ts";
import { isPersonId } from "../../search/derived/person.ts";
import type { Parameter } from "../../search/query/search-query.ts";
import type { ResourceInteractions } from "../fhir/search-resources.ts";

/** So many are shown: whoever does not find theirs says more. */
const SHOWN = 20;
/** So many are looked through for them: a person may stand in many documents. */
const LOOKED_THROUGH = 60;
const IDENTIFIERS = 3;

type Searching = Pick<ResourceInteractions, "search">;

interface Named {
  readonly text?: string;
  readonly family?: string;
  readonly given?: readonly string[];
}

interface FoundResource {
  readonly resourceType: string;
  readonly id?: string;
  readonly name?: readonly Named[];
  readonly birthDate?: string;
  readonly gender?: string;
  readonly identifier?: readonly { readonly value?: string }[];
  readonly link?: readonly { readonly type?: string; readonly other?: { readonly reference?: string } }[];
  readonly subject?: { readonly reference?: string };
  readonly title?: string;
  readonly date?: string;
}

/**
 * Patients among those whom somebody may see: found by name, or by identifier; without words the first ones. Each person once: copies for which a derived Patient stands are left out, and so is whom a document names
 * beside its own patient. Of a copy that stands alone the document is named, by which it differs from others.
 */
export async function choosePatients(asked: Asked, query: string, resources: Searching): Promise<PatientChoice[]> {
  const count: Parameter = ["_count", String(LOOKED_THROUGH)];
  const questions: Parameter[][] = query === "" ? [[count]] : [[["name", query], count], [["identifier", query], count]]; // prettier-ignore
  const found = new Map<string, FoundResource>();
  for (const parameters of questions)
    for (const patient of await searched(asked, "Patient", parameters, resources)) found.set(String(patient.id), patient);
  const copies = [...found.keys()].filter((id) => !isPersonId(id));
  for (const person of await linkedTo(asked, copies, resources)) found.set(String(person.id), person);
  const persons = [...found.values()].filter(({ id }) => isPersonId(String(id)));
  const theirs = new Set(persons.flatMap(({ link = [] }) => link.map(({ other }) => other?.reference)));
  const alone = copies.filter((id) => !theirs.has(`Patient/${id}`));
  const documents = await documentsOf(asked, alone, resources);
  const copied = alone.flatMap((id) => {
    const [patient, document] = [found.get(id), documents.get(`Patient/${id}`)];
    return patient && document ? [{ ...choiceOf(patient), document }] : [];
  });
  // An old id of a person leads to the one by which they are known now.
  const current = persons.filter(({ link = [] }) => !link.some(({ type }) => type === "replaced-by"));
  return [...current.map(choiceOf), ...copied].slice(0, SHOWN);
}

/** Whom somebody chose; undefined when that is nobody whom they see. */
export async function chosenPatient(
  asked: Asked,
  id: string,
  resources: Pick<ResourceInteractions, "read" | "search">,
): Promise<PatientChoice | undefined> {
  try {
    const text = await resources.read(asked, "Patient", id, { form: "json", pretty: false });
    const document = isPersonId(id) ? undefined : (await documentsOf(asked, [id], resources)).get(`Patient/${id}`);
    return { ...choiceOf(JSON.parse(Buffer.from(text).toString("utf8")) as FoundResource), document };
  } catch (error) {
    if (error instanceof AppError && (error.code === "not-found" || error.code === "gone")) return undefined;
    throw error;
  }
}

/** The derived Patients that stand for copies. */
async function linkedTo(asked: Asked, copies: readonly string[], resources: Searching): Promise<FoundResource[]> {
  if (copies.length === 0) return [];
  const link = copies.map((id) => `Patient/${id}`).join(",");
  const parameters: Parameter[] = [["link", link], ["-with-superseded", "true"], ["_count", String(LOOKED_THROUGH)]]; // prettier-ignore
  return (await searched(asked, "Patient", parameters, resources)).filter(({ id }) => isPersonId(String(id)));
}

/** Of each copy that is a document's own patient, by the reference to it, what the document is. */
async function documentsOf(
  asked: Asked,
  copies: readonly string[],
  resources: Searching,
): Promise<ReadonlyMap<string, NonNullable<PatientChoice["document"]>>> {
  if (copies.length === 0) return new Map();
  const parameters: Parameter[] = [["subject", copies.map((id) => `Patient/${id}`).join(",")], ["_count", String(LOOKED_THROUGH)]]; // prettier-ignore
  const found = await searched(asked, "Composition", parameters, resources);
  return new Map(found.map(({ subject, title = "", date }) => [subject?.reference ?? "", { title, date }]));
}

async function searched(asked: Asked, type: string, parameters: readonly Parameter[], resources: Searching): Promise<FoundResource[]> {
  try {
    const page = await resources.search(asked, { type, parameters, handling: "strict" }, { form: "json", pretty: false });
    const bundle = JSON.parse(Buffer.from(await page.write()).toString("utf8")) as {
      readonly entry?: readonly { readonly resource?: FoundResource }[];
    };
    return (bundle.entry ?? []).flatMap(({ resource }) => (resource?.resourceType === type && resource.id !== undefined ? [resource] : []));
  } catch (error) {
    // What can't be asked so finds nobody.
    if (error instanceof AppError && (error.code === "bad-query" || error.code === "unsupported")) return [];
    throw error;
  }
}

function choiceOf({ id = "", name = [], birthDate, gender, identifier = [] }: FoundResource): PatientChoice {
  const identifiers = [...new Set(identifier.flatMap(({ value }) => value ?? []))].slice(0, IDENTIFIERS);
  return { id, name: nameOf(name[0]), birthDate, gender, identifiers };
}

function nameOf(name: Named | undefined): string | undefined {
  const whole = name?.text ?? [...(name?.given ?? []), name?.family ?? ""].join(" ").trim();
  return whole === "" ? undefined : whole;
}
