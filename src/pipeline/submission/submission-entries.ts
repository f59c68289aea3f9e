import { isAbsoluteUrl, restfulRoot } from "../../core/fhir/references.ts";
import type { JsonObject } from "../../core/fhir/tree/tree.ts";
import type { SubmissionFaults } from "./submission-faults.ts";

/** What one entry of a submission asks. */
export interface Entry {
  readonly at: number;
  readonly fullUrl: string | undefined;
  readonly method: string;
  /** Type and id of the address. */
  readonly type: string;
  readonly id: string | undefined;
  readonly resource: JsonObject;
}

/** The entries of a submission that it may have, and what they are called by. */
export class SubmissionEntries {
  readonly all: Entry[] = [];
  readonly byUrl = new Map<string, Entry>();
  readonly #faults: SubmissionFaults;

  constructor(faults: SubmissionFaults) {
    this.#faults = faults;
  }

  of(type: string, method = "POST"): Entry[] {
    return this.all.filter((entry) => entry.type === type && entry.method === method);
  }

  /** The entry that a reference of another leads to (R4 bundle.html, "Resolving references in Bundles"): by its fullUrl, or beside the other on the same server. */
  resolve(reference: string, from: Pick<Entry, "fullUrl">): Entry | undefined {
    const found = this.byUrl.get(reference);
    if (found || isAbsoluteUrl(reference)) return found;
    const root = from.fullUrl === undefined ? undefined : restfulRoot(from.fullUrl);
    return root === undefined ? undefined : this.byUrl.get(root + reference);
  }

  /** What an entry asks; one that a submission cannot have is a fault. */
  take(entry: JsonObject, at: number): void {
    const request = entry.object("request");
    const [method, url] = [request?.string("method") ?? "", request?.string("url") ?? ""];
    const resource = entry.object("resource");
    const refuse = (rule: string, text: string): void => this.#faults.add(at, rule, text, "", entry);
    if (!resource) return refuse("required", "An entry of a submission has a resource.");
    const said = /(?:^|\/)([A-Z][A-Za-z]*)(?:\/([A-Za-z0-9\-.]{1,64}))?(?:\?.*)?$/.exec(url);
    const [type = "", id] = said?.slice(1) ?? [];
    const own = resource.string("resourceType") ?? "";
    const fullUrl = entry.string("fullUrl");
    if (request?.string("ifMatch") !== undefined)
      return refuse("not-supported", "ifMatch is about a version that is to be changed; nothing is changed here.");
    if (method === "PUT" && own === "List")
      return refuse(
        "not-supported",
        "A folder that is here is not changed (PartialFolderContentNotProcessed): what was submitted stays as it was. Send the new documents with a List of code folder by POST that has an identifier and a title of its own; it may name the older DocumentReferences by their addresses here, so that it holds all of them.",
      );
    const isPatch = method === "PATCH" && type === "DocumentReference" && id !== undefined;
    const isPatient = own === "Patient" && (method === "POST" || method === "PUT");
    const isTaken = method === "POST" && TAKEN.has(own);
    if (!isPatch && !isPatient && !isTaken)
      return refuse(
        "not-supported",
        `${method || "No method"} of a ${own || "resource without a type"} is not done in a submission: it has DocumentReferences, Lists, Binaries or document Bundles, and a Patient.`,
      );
    if (!isPatch && type !== own) return refuse("request", `The entry is sent to ${url || "no address"} and holds a ${own}.`);
    const taken: Entry = { at, fullUrl, method: isPatient ? "POST" : method, type: isPatch ? "DocumentReference" : own, id, resource };
    if (fullUrl !== undefined) {
      const other = this.byUrl.get(fullUrl);
      if (other) return refuse("duplicate", `Entries ${other.at} and ${at} have the same fullUrl.`);
      this.byUrl.set(fullUrl, taken);
    }
    this.all.push(taken);
  }
}

const TAKEN: ReadonlySet<string> = new Set(["DocumentReference", "List", "Binary", "Bundle"]);
