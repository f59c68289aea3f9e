/**
 * A transaction of IHE MHD (ITI-65, Provide Document Bundle) taken apart and held against what can be told from it alone: which document each DocumentReference is about, whether hash and size are
 * right, whether its metadata are whole. A function from data to data, for any thread.
 */
import { digestOf } from "../../core/crypto/digest.ts";
import { canonicalJson } from "../../core/fhir/canonical.ts";
import { isError } from "../../core/fhir/issue.ts";
import { writeJson } from "../../core/fhir/json/write-json.ts";
import type { JsonObject } from "../../core/fhir/tree/tree.ts";
import { told } from "../admission.ts";
import type { Received } from "../document-forms.ts";
import { StandaloneElements } from "../../core/fhir/xml/standalone-element.ts";
import { cutDocuments } from "./cut.ts";
import { documentContent, type FoundContent } from "./document-content.ts";
import { checkList, checkReference, extensionsOf } from "./metadata-rules.ts";
import { holdAgainst, identifiersOf, relationsOf, subjectOf, warnRecipients, type ResourceRules } from "./submission-parts.ts";
import { SubmissionEntries, type Entry } from "./submission-entries.ts";
import { SubmissionFaults } from "./submission-faults.ts";
import {
  MHD,
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

const PROVIDE = /\/ITI\/MHD\/StructureDefinition\/(IHE\.MHD\..*ProvideBundle)$/;

function profilesOf(bundle: JsonObject): string[] {
  return (bundle.object("meta")?.items("profile") ?? []).filter((one) => typeof one === "string");
}

/** More entries are refused as a whole, before anything is looked at. */
const MOST_ENTRIES = 1_000;

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
    const { length } = bundle.items("entry");
    if (length > MOST_ENTRIES) {
      const text = `A submission has at most ${MOST_ENTRIES} entries, and this one has ${length}: send it in parts.`;
      return { kind: "faulty-submission", ...told([{ severity: "error", code: "too-long", rule: "mhd-entries", text }], source) };
    }
    const profile = this.#profile(bundle);
    const isComprehensive = profile !== "minimal";
    bundle.objects("entry").forEach((entry, at) => this.#entries.take(entry, at));
    const of = (type: string, method?: string): Entry[] => this.#entries.of(type, method);
    const references = of("DocumentReference");
    const lists = of("List").map((entry) => ({ entry, isFolder: this.#isFolder(entry) }));
    const sets = lists.filter(({ isFolder }) => isFolder === false);
    for (const { entry } of sets.slice(1))
      this.#faults.add(entry.at, "submission-set", "A submission has one SubmissionSet, and this is another.", "", entry.resource);
    if (sets.length === 0)
      this.#whole("submission-set", `A submission has one List with code "submissionset" (${MHD}/CodeSystem/MHDlistTypes), and this one has none.`);
    if (references.length === 0) this.#whole("required", "A submission has at least one DocumentReference, and this one has none.");
    const documents = references.flatMap((entry) => this.#document(entry, isComprehensive));
    for (const entry of [...of("Bundle"), ...of("Binary")])
      if (!this.#taken.has(entry))
        this.#faults.add(entry.at, "content", "No DocumentReference of the submission is about this: nothing is said of it.", "", entry.resource);
    const ordered = [...sets, ...lists.filter(({ isFolder }) => isFolder === true)];
    const read = ordered.map(({ entry, isFolder }) => this.#list(entry, isFolder === true, isComprehensive));
    for (const { entry } of lists) this.#items(entry);
    const [set] = sets;
    if (set) this.#everyReferenceIn(set.entry, references);
    for (const entry of of("Patient")) this.#check(entry);
    const patches = of("DocumentReference", "PATCH").flatMap((entry) => this.#patch(entry));
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
    const list = Object.values(PROVIDE_PROFILES)
      .map((name) => `${MHD}/StructureDefinition/${name}`)
      .join(", ");
    const text = `A submission says in Bundle.meta.profile which of these it is: ${list}.${said.length > 0 ? ` This one says ${said.join(", ")}.` : ""}`;
    this.#faults.issues.push({ severity: "error", code: "not-supported", rule: "mhd-profile", text, expression: "Bundle.meta.profile" });
    return "minimal";
  }

  #check({ at, type, resource }: Entry): void {
    this.#faults.take(at, type, this.#rules(resource));
  }

  #document(entry: Entry, isComprehensive: boolean): SubmittedDocument[] {
    const { at, resource } = entry;
    const faults = this.#faults;
    this.#check(entry);
    checkReference(resource, { entry: at, isComprehensive, faults });
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
    const url = attachment.string("url");
    const target = url === undefined ? undefined : this.#entries.byUrl.get(url);
    if (!target || (target.type !== "Binary" && target.type !== "Bundle")) {
      faults.add(
        at,
        "not-found",
        `attachment.url leads to the entry of a Binary or a document Bundle in the submission by its fullUrl; ${url === undefined ? "there is none" : `"${url}" does not`}.`,
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
        subject: this.#subject(resource),
      },
    ];
  }

  /** Undefined: it is neither SubmissionSet nor folder, which is a fault. */
  #isFolder({ at, resource }: Entry): boolean | undefined {
    const codes = (resource.object("code")?.objects("coding") ?? []).filter((coding) =>
      coding.string("system")?.endsWith("/ITI/MHD/CodeSystem/MHDlistTypes"),
    );
    const code = codes.map((one) => one.string("code")).find((one) => one === "submissionset" || one === "folder");
    if (code === undefined)
      this.#faults.add(
        at,
        "list",
        `A List of a submission has code "submissionset" or "folder" of ${MHD}/CodeSystem/MHDlistTypes.`,
        ".code",
        resource,
      );
    return code === undefined ? undefined : code === "folder";
  }

  #list(entry: Entry, isFolder: boolean, isComprehensive: boolean): SubmittedList {
    const { at, resource } = entry;
    this.#check(entry);
    checkList(resource, isFolder, { entry: at, isComprehensive, faults: this.#faults });
    if (extensionsOf(resource, "ihe-intendedRecipient").length > 0)
      this.#faults.warn(at, "UnknownRecipient: nobody is told of the submission; it is kept for whoever looks for it.");
    return { entry: at, text: writeJson(resource), subject: this.#subject(resource) };
  }

  /** What a List names is in the submission, or has an address of its own. */
  #items({ at, resource }: Entry): void {
    resource.objects("entry").forEach((one, place) => {
      const url = one.object("item")?.string("reference");
      const target = url === undefined ? undefined : this.#entries.byUrl.get(url);
      const isHere = target !== undefined && (target.type === "DocumentReference" || target.type === "List");
      const isElsewhere = url !== undefined && target === undefined && !/^urn:|^#/.test(url);
      if (!isHere && !isElsewhere)
        this.#faults.add(at, "not-found", `"${url ?? ""}" is no DocumentReference or List of the submission.`, `.entry[${place}].item`, one);
    });
  }

  #everyReferenceIn(set: Entry, references: readonly Entry[]): void {
    const items = new Set(set.resource.objects("entry").map((one) => one.object("item")?.string("reference")));
    for (const { at, fullUrl } of references)
      if (fullUrl === undefined || !items.has(fullUrl))
        this.#faults.add(
          set.at,
          "not-found",
          `The SubmissionSet does not name entry ${at}, a DocumentReference of the submission, among its entries.`,
          ".entry",
          set.resource,
        );
  }

  /** Parameters of FHIRPath Patch (R4 fhirpatch.html): the status of a reference that is replaced, and nothing else. */
  #patch({ at, id, resource }: Entry): { entry: number; target: string }[] {
    const operations = resource.objects("parameter").filter((one) => one.string("name") === "operation");
    const part = (operation: JsonObject, name: string): JsonObject | undefined =>
      operation.objects("part").find((one) => one.string("name") === name);
    const [operation] = operations;
    const value = (name: string): string | undefined => {
      const found = operation && part(operation, name);
      return ["valueString", "valueCode"].map((one) => found?.string(one)).find((one) => one !== undefined);
    };
    const isStatus =
      operations.length === 1 && value("type") === "replace" && value("path") === "DocumentReference.status" && value("value") === "superseded";
    if (!isStatus)
      this.#faults.add(
        at,
        "not-supported",
        "Of a DocumentReference that is here the status alone is set, to superseded, of one that the submission replaces (Parameters with one operation: replace of DocumentReference.status).",
        "",
        resource,
      );
    return isStatus && id !== undefined ? [{ entry: at, target: id }] : [];
  }

  #subject(resource: JsonObject): SubmittedSubject | undefined {
    return subjectOf(resource, (url) => this.#entries.byUrl.get(url)?.resource);
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
