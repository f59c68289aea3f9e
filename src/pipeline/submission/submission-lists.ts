/** The Lists of a submission: which is the SubmissionSet and which are folders, and whether what they name is there (IHE MHD, ITI-65). */
import { LIST_TYPES } from "../../core/fhir/ihe.ts";
import type { Entry, SubmissionEntries } from "./submission-entries.ts";
import type { SubmissionFaults } from "./submission-faults.ts";

/** Undefined: it is neither SubmissionSet nor folder, which is a fault. */
export function isFolderList({ at, resource }: Entry, faults: SubmissionFaults): boolean | undefined {
  // The address of the code system changed from http to https.
  const codes = (resource.object("code")?.objects("coding") ?? []).filter((coding) =>
    coding.string("system")?.endsWith("/ITI/MHD/CodeSystem/MHDlistTypes"),
  );
  const code = codes.map((one) => one.string("code")).find((one) => one === "submissionset" || one === "folder");
  if (code === undefined) faults.add(at, "list", `A List of a submission has code "submissionset" or "folder" of ${LIST_TYPES}.`, ".code", resource);
  return code === undefined ? undefined : code === "folder";
}

/** What a List names is in the submission, or has an address of its own. A folder holds references to documents alone. */
export function checkItems(list: Entry, isFolder: boolean, entries: SubmissionEntries, faults: SubmissionFaults): void {
  const { at, resource } = list;
  resource.objects("entry").forEach((one, place) => {
    const url = one.object("item")?.string("reference");
    const target = url === undefined ? undefined : entries.resolve(url, list);
    const isHere = target !== undefined && (target.type === "DocumentReference" || (target.type === "List" && !isFolder));
    const isElsewhere = url !== undefined && target === undefined && !/^urn:|^#/.test(url);
    if (!isHere && !isElsewhere)
      faults.add(
        at,
        "not-found",
        `"${url ?? ""}" is no DocumentReference${isFolder ? "" : " or List"} of the submission (XDSMissingDocument).`,
        `.entry[${place}].item`,
        one,
      );
  });
}

/** Every document of a submission stands in its SubmissionSet. */
export function checkCompleteness(set: Entry, references: readonly Entry[], entries: SubmissionEntries, faults: SubmissionFaults): void {
  const named = new Set(
    set.resource.objects("entry").map((one) => {
      const url = one.object("item")?.string("reference");
      return url === undefined ? undefined : entries.resolve(url, set);
    }),
  );
  for (const reference of references)
    if (!named.has(reference))
      faults.add(
        set.at,
        "not-found",
        `The SubmissionSet does not name entry ${reference.at}, a DocumentReference of the submission, among its entries.`,
        ".entry",
        set.resource,
      );
}
