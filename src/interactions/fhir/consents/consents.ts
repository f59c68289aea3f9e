/**
 * Consents of patients, as resources of our own that stand in no document (docs/design/consent.md): entered, read, searched, and ended by a later version. What is entered here counts; a Consent that stands in a document is what
 * its author attested, and decides nothing.
 */
import type { Asked } from "../../../core/asked.ts";
import { AppError } from "../../../core/errors.ts";
import { canonicalJson } from "../../../core/fhir/canonical.ts";
import type { Knowledge } from "../../../core/fhir/r4/knowledge.ts";
import type { SearchParameters } from "../../../core/fhir/r4/search-parameters.ts";
import { servedMeta } from "../../../core/fhir/served-meta.ts";
import { JsonObject } from "../../../core/fhir/tree/tree.ts";
import type { Content } from "../../../pipeline/document-forms.ts";
import type { Reader } from "../../../reader/reader.ts";
import { permits } from "../../../search/predicate.ts";
import { ANYTHING, every } from "../../../search/query/criterion.ts";
import type { Compartment } from "../../../search/query/compartment.ts";
import { parseQuery, type Handling } from "../../../search/query/parse-query.ts";
import { resourceId } from "../../../search/query/resource-id.ts";
import type { Parameter } from "../../../search/query/search-query.ts";
import { requireRight, requireScope, type Access, type Grant } from "../../../security/access.ts";
import { type ConsentPatient, type EnteredConsent } from "../../../security/consent/consenting-persons.ts";
import type { DepositNeeds } from "../deposit-document.ts";
import { notHere, receiveKept, requireVersion, type KeptResources, type KeptVersion } from "../kept/kept-resources.ts";
import { findAmong, type OwnDefinition, type Searchable } from "../search-definitions.ts";
import { consentPatient, factsOf, localPatient, type PatientNeeds } from "./consent-patient.ts";
import type { ConsentRecords } from "./consent-records.ts";

export interface ConsentNeeds extends Pick<DepositNeeds, "depositing">, PatientNeeds {
  readonly access: Access;
  readonly reader: Pick<Reader, "find">;
  readonly consentRecords: Pick<ConsentRecords, "all" | "versions" | "enter">;
  readonly knowledge: Knowledge;
  readonly parameters: SearchParameters;
}

export interface ConsentInteractions extends KeptResources {
  readonly type: "Consent";
  /** Every version, oldest first: none is ever deleted. */
  versions(asked: Asked, id: string): Promise<readonly Required<KeptVersion>[]>;
  /** The references of one that was found, by these search parameters, as they stand in it; those that are addresses of ours begin behind the base. */
  references(one: OwnDefinition, codes: readonly string[]): readonly string[];
}

const LARGEST = 60_000;
/** By a chain no more are looked up. */
const MOST_PERSONS = 100;

export function consentInteractions(using: ConsentNeeds): ConsentInteractions {
  const { access, consentRecords, depositing, knowledge, parameters, fhirBase } = using;
  const { definitions, terminology } = knowledge;
  const { among, referencesOf } = findAmong(knowledge, parameters);
  const searchable = new WeakMap<EnteredConsent, Searchable>();
  const searchableOf = (consent: EnteredConsent): Searchable => {
    const known = searchable.get(consent) ?? {
      ...{ type: "Consent", id: consent.id, resource: served(consent), rows: new Map() },
      receivedAt: consent.at,
    };
    searchable.set(consent, known);
    return known;
  };
  /** Of those given, the ones that the caller's rights and scopes leave. */
  const known = async (asked: Asked, rights: readonly ("r" | "s")[], consents: readonly EnteredConsent[]): Promise<EnteredConsent[]> => {
    const grant = await access.grantOf(asked);
    const scoped = grant.scoped("Consent", rights);
    const upon = grant.upon("consent");
    return consents.filter((consent) => {
      const facts = factsOf(consent.patient);
      if (!permits(upon, facts) && !permits(grant.own, facts)) return false;
      if (scoped.kind === "all") return true;
      return scoped.parts.some(({ permitted, query }) => permits(permitted, facts) && (query === undefined || satisfiesScope(consent, query)));
    });
  };
  const satisfiesScope = (consent: EnteredConsent, query: string): boolean =>
    among([searchableOf(consent)], parsed([...new URLSearchParams(query)], "strict")).length > 0;
  /** A consent is in its patient's compartment, whatever the person is called in it; in others by what it says. */
  const inCompartment = async ({ type, id }: Compartment): Promise<(consent: EnteredConsent) => boolean> => {
    const names = parameters.compartment(type)?.get("Consent") ?? [];
    if (type === "Patient") return aboutPerson([id], using);
    const queries = names.map((name) => parsed([[name, `${type}/${id}`]], "strict"));
    return (consent) => queries.some((query) => among([searchableOf(consent)], query).length > 0);
  };
  const parsed = (given: readonly Parameter[], handling: Handling): ReturnType<typeof parseQuery> =>
    parseQuery("Consent", given, handling, { definitions, parameters, terminology, base: fhirBase, now: new Date() });

  const received = (sent: Content, id: string | undefined): ReturnType<typeof receiveKept> =>
    receiveKept(sent, { type: "Consent", id, largest: LARGEST }, { depositing, definitions });
  const entered = async (grant: Grant, resource: JsonObject): Promise<ConsentPatient> => {
    const patient = await consentPatient(resource, using);
    if (!permits(grant.upon("consent"), factsOf(patient ?? { keys: [], documents: [] })))
      throw new AppError("forbidden", "Nothing permits you to enter a consent of this patient. Nothing was stored.");
    if (!patient)
      throw new AppError(
        "invalid",
        "Consent.patient names nobody who is known here: a Patient of this repository, or an identifier of a system that is unique to a person (PATIENT_SYSTEMS).",
      );
    return patient;
  };

  return {
    type: "Consent",
    documented: [
      {
        code: "create",
        documentation:
          "A patient's consent about privacy (IHE PCF 1.1, and R4's own reading) counts from the next request on. Only what is entered here counts: a Consent in a document is what its author attested. What stands in documents is found beside it.",
      },
      {
        code: "update",
        documentation:
          "A new version, such as one that ends it (`status` inactive or entered-in-error); no id is given by a client. All versions stay.",
      },
    ],
    create: async (asked, sent) => {
      await requireRight(access, asked, "consent");
      await requireScope(access, asked, "Consent", ["c"]);
      const { resource, ...outcome } = await received(sent, undefined);
      if (!resource) return outcome;
      const patient = await entered(await access.grantOf(asked), resource);
      await coveredBy(access, asked, "c", patient);
      const { id, version, at } = await consentRecords.enter({ id: depositing.newId(), resource, patient, expected: "absent" }, asked);
      asked.noted?.consent({ id, version }, patient);
      return { ...outcome, id, version, at };
    },
    update: async (asked, id, { expected, ...sent }) => {
      await requireRight(access, asked, "consent");
      await requireScope(access, asked, "Consent", ["u"]);
      const grant = await access.grantOf(asked);
      const newest = (await consentRecords.versions(id)).at(-1);
      if (!newest || !permits(grant.upon("consent"), factsOf(newest.patient))) throw notHere("Consent", id);
      await coveredBy(access, asked, "u", newest.patient);
      const { resource, ...outcome } = await received(sent, id);
      // Whoever sends it again, because no answer came, has what was wanted.
      if (resource && canonicalJson(resource) === canonicalJson(newest.resource)) {
        asked.noted?.consent(newest, newest.patient);
        return { ...outcome, kind: "repeated", id, version: newest.version, at: newest.at };
      }
      requireVersion("Consent", id, newest, expected);
      if (!resource) return outcome;
      const patient = await entered(grant, resource);
      // Whose it was stays: else a version that is about another would take the consent from the first.
      if (![...patient.keys, ...patient.documents].some((one) => newest.patient.keys.includes(one) || newest.patient.documents.includes(one)))
        throw new AppError("invalid", "A later version of a Consent is about the same patient.");
      const { version, at } = await consentRecords.enter({ id, resource, patient, expected: newest.version }, asked);
      asked.noted?.consent({ id, version }, patient);
      return { ...outcome, kind: "repeated", id, version, at };
    },
    versions: async (asked, id) => {
      await requireScope(access, asked, "Consent", ["r"]);
      const versions = await consentRecords.versions(id);
      const newest = versions.at(-1);
      if (!newest || (await known(asked, ["r"], [newest])).length === 0) throw notHere("Consent", id);
      asked.noted?.consent(newest, newest.patient);
      return versions.map((one) => ({ version: one.version, at: one.at, resource: served(one) }));
    },
    find: async (asked, { parameters: given, handling, compartment, isAlone, also = ANYTHING }) => {
      if (isAlone) await requireScope(access, asked, "Consent", ["s"]);
      const query = parsed(
        given.filter((one) => !isPatient(one)),
        handling,
      );
      const about = await Promise.all(given.filter(isPatient).map(([name, value]) => aboutPatient(asked, name, value, using)));
      if (compartment) about.push(await inCompartment(compartment));
      const meant = (await consentRecords.all()).filter((one) => about.every((is) => is(one)));
      const mine = await known(asked, ["s"], meant);
      const types = query.types.map(({ type, criterion }) => ({ type, criterion: every([criterion, also]) }));
      const found = among(mine.map(searchableOf), { ...query, types });
      const shown = new Set(found.map(({ id }) => id));
      for (const one of mine) if (shown.has(one.id)) asked.noted?.consent(one, one.patient);
      return found;
    },
    references: (one, codes) => referencesOf(one, codes).map((text) => (text.startsWith(`${fhirBase}/`) ? text.slice(fhirBase.length + 1) : text)),
  };
}

/** AppError `forbidden` when no scope covers this patient. */
async function coveredBy(access: Access, asked: Asked, right: "c" | "u", patient: ConsentPatient): Promise<void> {
  const scoped = await requireScope(access, asked, "Consent", [right]);
  // What a scope's parameters ask of a resource that is not there yet, nobody can tell: such a scope gives no writing.
  if (scoped.kind === "some" && !scoped.parts.some(({ permitted, query }) => query === undefined && permits(permitted, factsOf(patient))))
    throw new AppError("forbidden", "No scope of the token covers a consent of this patient. Nothing was stored.");
}

/** With our id, version and time. */
function served({ id, version, at, resource }: EnteredConsent): JsonObject {
  const made = new JsonObject();
  made.add("resourceType", "Consent").add("id", id);
  made.add("meta", servedMeta(resource.object("meta"), { receivedAt: at, versionId: String(version) }));
  for (const name of resource.names) if (!["resourceType", "id", "meta"].includes(name)) made.add(name, resource.get(name) ?? null);
  return made;
}

const isPatient = ([name]: Parameter): boolean => /^patient(?:[:.]|$)/.test(name);

/** `patient=`, `patient:Patient=`, `patient:identifier=`, and chains: whose consent it is, by whatever the person is called. AppError `too-costly` for a chain that leads to too many. */
async function aboutPatient(asked: Asked, name: string, value: string, using: ConsentNeeds): Promise<(consent: EnteredConsent) => boolean> {
  const wanted = value.split(",");
  const [, by] = /^patient(?::Patient)?[.:](?!Patient$)(.+)$/.exec(name) ?? [];
  if (by === "identifier") return ({ patient }) => wanted.some((one) => patient.keys.includes(`identifier:${one}`));
  if (by === undefined) return aboutPerson(wanted, using);
  if (name.startsWith("patient:") && !name.startsWith("patient:Patient.")) return () => false;
  const { definitions, terminology } = using.knowledge;
  const context = { definitions, terminology, parameters: using.parameters, base: using.fhirBase, now: new Date() };
  const query = parseQuery(
    "Patient",
    [
      [by, value],
      ["_count", String(MOST_PERSONS)],
    ],
    "strict",
    context,
  );
  const { matches, next } = await using.reader.find(asked, query);
  if (next) throw new AppError("too-costly", `More than ${MOST_PERSONS} patients are meant by "${name}": say more of whom you mean.`);
  return aboutPerson(
    matches.map((one) => resourceId(one)),
    using,
  );
}

/** @param wanted ids of Patients, or references to them */
async function aboutPerson(wanted: readonly string[], using: PatientNeeds): Promise<(consent: EnteredConsent) => boolean> {
  const found = await Promise.all(
    wanted.map(async (one) => {
      const id = localPatient(one, using.fhirBase) ?? (one.includes("/") ? undefined : one);
      return id === undefined ? undefined : using.ownPatient(id);
    }),
  );
  return ({ patient, resource }) =>
    found.some((predicate) => predicate !== undefined && permits(predicate, factsOf(patient))) ||
    wanted.includes(resource.object("patient")?.string("reference") ?? "");
}
