/**
 * A transaction of IHE MHD (ITI-65, Provide Document Bundle) taken apart and held against what can be told from it alone: which document each DocumentReference is about, whether hash and size are
 * right, whether its metadata are whole. A function from data to data, for any thread.
 */
import { digestOf } from "../../core/crypto/digest.ts";
import { canonicalJson } from "../../core/fhir/canonical.ts";
import { LIST_TYPES, mhdProfile } from "../../core/fhir/ihe.ts";
import { isError } from "../../core/fhir/issue.ts";
import { writeJson } from "../../core/fhir/json/write-json.ts";
import type { JsonObject } from "../../core/fhir/tree/tree.ts";
import { told } from "../admission.ts";
import type { Received } from "../document-forms.ts";
import { StandaloneElements } from "../../core/fhir/xml/standalone-element.ts";
import { cutDocuments } from "./cut.ts";
import { documentContent, type FoundContent } from "./document-content.ts";
import { checkList, checkReference, extensionsOf } from "./metadata-rules.ts";
import { readPatch } from "./read-patch.ts";
import { checkCompleteness, checkItems, isFolderList } from "./submission-lists.ts";
import { identifiersOf } from "./submitted-identifiers.ts";
import { holdAgainst, isDelayed, relationsOf, subjectOf, warnRecipients, type ResourceRules } from "./submission-parts.ts";
import { SubmissionEntries, type Entry } from "./submission-entries.ts";
import { SubmissionFaults } from "./submission-faults.ts";
import {
  PROVIDE_PROFILES,
  type FaultySubmission,
  type ProvideProfile,
  type ReadSubmission,
  type SubmittedDocument,
  type SubmittedEntry,
  type SubmittedList,
  type SubmittedSubject,
} from "./submission-forms.ts";

/** Whether a transaction submits documents with their metadata: it says so, or brings a DocumentReference or a List. */
export function isSubmission(bundle: JsonObject): boolean {
  if (bundle.string("type") !== "transaction") return false;
  if (profilesOf(bundle).some((one) => PROVIDE.test(one))) return true;
  return bundle.objects("entry").some((entry) => {
    const method = entry.object("request")?.string("method");
    const type = entry.object("resource")?.string("resourceType");
    return (method === "POST" || method === "PUT") && (type === "DocumentReference" || type === "List");
  });
}

export function readSubmission(received: Received, rules: ResourceRules): ReadSubmission | FaultySubmission {
  return new SubmissionReader(received, rules).read();
}

const PROVIDE = /\/ITI\/MHD\/StructureDefinition\/IHE\.MHD\.(.*ProvideBundle)$/;

function profilesOf(bundle: JsonObject): string[] {
  return (bundle.object("meta")?.items("profile") ?? []).filter((one) => typeof one === "string");
}

class SubmissionReader {
  readonly #received: Received;
  readonly #rules: ResourceRules;
  readonly #faults = new SubmissionFaults((entry) => `Bundle.entry[${entry}].resource`);
  readonly #entries = new SubmissionEntries(this.#faults);
  readonly #contents = new Map<Entry, FoundContent>();
  readonly #taken = new Set<Entry>();
  readonly #elements: StandaloneElements;

  constructor(received: Received, rules: ResourceRules) {
    this.#received = received;
    this.#rules = rules;
    this.#elements = new StandaloneElements(received.source.text);
  }

  read(): ReadSubmission | FaultySubmission {
    const { resource: bundle, bytes, source, mediaType } = this.#received;
    const profile = this.#profile(bundle);
    bundle.objects("entry").forEach((entry, at) => this.#entries.take(entry, at));
    const of = (type: string, method?: string): Entry[] => this.#entries.of(type, method);
    const references = of("DocumentReference");
    const lists = of("List").map((entry) => ({ entry, isFolder: isFolderList(entry, this.#faults) }));
    const sets = lists.filter(({ isFolder }) => isFolder === false);
    for (const { entry } of sets.slice(1))
      this.#faults.add(entry.at, "submission-set", "A submission has one SubmissionSet, and this is another.", "", entry.resource);
    if (sets.length === 0)
      this.#whole("submission-set", `A submission has one List with code "submissionset" (${LIST_TYPES}), and this one has none.`);
    if (references.length === 0) this.#whole("required", "A submission has at least one DocumentReference, and this one has none.");
    const documents = references.flatMap((entry) => this.#document(entry, profile));
    for (const entry of [...of("Bundle"), ...of("Binary")])
      if (!this.#taken.has(entry))
        this.#faults.add(entry.at, "content", "No DocumentReference of the submission is about this: nothing is said of it.", "", entry.resource);
    const ordered = [...sets, ...lists.filter(({ isFolder }) => isFolder === true)];
    const read = ordered.map(({ entry, isFolder }) => this.#list(entry, isFolder === true, profile));
    for (const { entry, isFolder } of lists) checkItems(entry, isFolder === true, this.#entries, this.#faults);
    const [set] = sets;
    if (set) checkCompleteness(set.entry, references, this.#entries, this.#faults);
    for (const entry of of("Patient")) this.#check(entry);
    const patches = of("DocumentReference", "PATCH").flatMap((entry) => readPatch(entry, this.#faults));
    const { issues, warnings } = this.#faults;
    if (issues.some(isError)) return { kind: "faulty-submission", ...told(issues, source) };
    const places = documents.flatMap(({ contentEntry }, document) => {
      const entry = this.#entries.all.find(({ at }) => at === contentEntry);
      const found = entry && this.#contents.get(entry);
      return found ? [{ ...found.place, document }] : [];
    });
    return {
      kind: "submission",
      transaction: "provide",
      mediaType,
      digest: digestOf(bytes),
      canonical: digestOf(canonicalJson(bundle)),
      identifiers: set ? identifiersOf(set.entry.resource) : [],
      documents,
      lists: read,
      patches,
      entries: this.#entries.all.map((entry) => this.#brought(entry, documents, read)),
      ...cutDocuments(bytes, source.text, places),
      warnings,
    };
  }

  #whole(rule: string, text: string): void {
    this.#faults.issues.push({ severity: "error", code: "required", rule: `mhd-${rule}`, text, expression: "Bundle.entry" });
  }

  #profile(bundle: JsonObject): ProvideProfile {
    const said = profilesOf(bundle).flatMap((one) => PROVIDE.exec(one)?.[1] ?? []);
    const known = Object.entries(PROVIDE_PROFILES).filter(([, name]) => said.includes(name));
    const [first] = known;
    if (first && said.every((one) => Object.values<string>(PROVIDE_PROFILES).includes(one)))
      return known.some(([name]) => name === "minimal") ? "minimal" : (first[0] as ProvideProfile);
    const list = Object.values(PROVIDE_PROFILES).map(mhdProfile).join(", ");
    const text = `A submission says in Bundle.meta.profile which of these it is: ${list}.${said.length > 0 ? ` This one says ${said.map(mhdProfile).join(", ")}.` : ""}`;
    this.#faults.issues.push({ severity: "error", code: "not-supported", rule: "mhd-profile", text, expression: "Bundle.meta.profile" });
    return "minimal";
  }

  #check({ at, type, resource }: Entry): void {
    this.#faults.take(at, type, this.#rules(resource));
  }

  #document(entry: Entry, profile: ProvideProfile): SubmittedDocument[] {
    const { at, resource } = entry;
    const faults = this.#faults;
    this.#check(entry);
    checkReference(resource, { entry: at, profile, faults });
    warnRecipients(resource, at, faults);
    const attachment = resource.objects("content")[0]?.object("attachment");
    const path = ".content[0].attachment";
    if (!attachment) return [];
    if (attachment.has("data"))
      faults.add(
        at,
        "content",
        "The document stands in an entry of its own (a Bundle or a Binary), and attachment.url leads to it; attachment.data is for ITI-105.",
        `${path}.data`,
        attachment,
      );
    if (isDelayed(attachment)) {
      const text = "Size 0 and the SHA-1 of nothing promise a document for later; what is kept here is whole when it comes.";
      faults.add(at, "not-supported", text, `${path}.size`, attachment);
      return [];
    }
    const url = attachment.string("url");
    const target = url === undefined ? undefined : this.#entries.resolve(url, entry);
    if (!target || (target.type !== "Binary" && target.type !== "Bundle")) {
      faults.add(
        at,
        "not-found",
        `attachment.url leads to the entry of a Binary or a document Bundle in the submission by its fullUrl; ${url === undefined ? "there is none" : `"${url}" does not`} (XDSMissingDocument). Nothing is fetched from elsewhere.`,
        `${path}.url`,
        attachment,
      );
      return [];
    }
    if (this.#taken.has(target))
      faults.add(at, "duplicate", `Another DocumentReference of the submission is about entry ${target.at} too.`, `${path}.url`, attachment);
    this.#taken.add(target);
    const found = documentContent(target.resource, { ...this.#received, elements: this.#elements }, (rule, text, path) =>
      faults.add(target.at, rule, text, path, target.resource),
    );
    if (!found) return [];
    this.#contents.set(target, found);
    holdAgainst(attachment, found, { at, path, faults });
    return [
      {
        ...{ entry: at, contentEntry: target.at, content: found.content, isBinary: found.isBinary },
        reference: writeJson(resource),
        relatesTo: relationsOf(resource),
        subject: this.#subject(entry),
      },
    ];
  }

  #list(entry: Entry, isFolder: boolean, profile: ProvideProfile): SubmittedList {
    const { at, resource } = entry;
    this.#check(entry);
    checkList(resource, isFolder, { entry: at, profile, faults: this.#faults });
    if (extensionsOf(resource, "ihe-intendedRecipient").length > 0)
      this.#faults.warn(at, "UnknownRecipient: nobody is told of the submission; it is kept for whoever looks for it.");
    return { entry: at, text: writeJson(resource), subject: this.#subject(entry) };
  }

  #subject(entry: Entry): SubmittedSubject | undefined {
    const { at, resource } = entry;
    const found = subjectOf(resource, (url) => this.#entries.resolve(url, entry)?.resource);
    const reference = found?.reference;
    if (found && reference === undefined && found.identifiers.length === 0)
      this.#faults.add(at, "required", "subject says neither by a reference nor by an identifier whom it is about.", ".subject.reference", resource);
    if (reference === undefined) return found;
    const patient = this.#entries.resolve(reference, entry);
    if (patient ? patient.type !== "Patient" : reference.startsWith("urn:"))
      this.#faults.add(at, "not-found", `"${reference}" is no Patient of the submission (XDSUnknownPatientId).`, ".subject.reference", resource);
    return found;
  }

  #brought(entry: Entry, documents: readonly SubmittedDocument[], lists: readonly SubmittedList[]): SubmittedEntry {
    const { fullUrl, at } = entry;
    if (entry.method === "PATCH") return { entry: at, fullUrl, brings: "patch", at: 0 };
    if (entry.type === "Patient") return { entry: at, fullUrl, brings: "patient", at: 0 };
    if (entry.type === "List") return { entry: at, fullUrl, brings: "list", at: lists.findIndex((one) => one.entry === at) };
    const isReference = entry.type === "DocumentReference";
    return {
      entry: at,
      fullUrl,
      brings: isReference ? "reference" : "document",
      at: documents.findIndex((one) => (isReference ? one.entry : one.contentEntry) === at),
    };
  }
}
