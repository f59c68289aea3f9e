/** Which of its identifiers a resource of IHE MHD is known by: MHD 4.2.4 tells them apart by Identifier.type, 4.2.3 and before by Identifier.use. Both are understood, and the type goes first. */
import { MHD } from "../../core/fhir/ihe.ts";
import type { JsonObject } from "../../core/fhir/tree/tree.ts";
import type { SubmissionFaults } from "./submission-faults.ts";
import type { SubmittedIdentifier } from "./submission-forms.ts";

const IDENTIFIER_TYPES = `${MHD}/CodeSystem/IHE.MHD.MHDIdentifierType`;
const URI = "urn:ietf:rfc:3986";
const OID = /^urn:oid:[0-2](\.(0|[1-9][0-9]*))+$/;

function typeOf(identifier: JsonObject): string | undefined {
  const codings = identifier.object("type")?.objects("coding") ?? [];
  return codings.find((coding) => coding.string("system") === IDENTIFIER_TYPES)?.string("code");
}

/** Those that say that they are the uniqueId of XDS: by their type, else by their use. */
function uniqueIds(resource: JsonObject): JsonObject[] {
  const all = resource.objects("identifier");
  const typed = all.filter((one) => typeOf(one) === "uniqueId");
  return typed.length > 0 ? typed : all.filter((one) => one.string("use") === "usual" && typeOf(one) === undefined);
}

/** All of a resource; the one that it is known by first. */
export function identifiersOf(resource: JsonObject): SubmittedIdentifier[] {
  const known = new Set(uniqueIds(resource));
  const all = resource.objects("identifier");
  return [...known, ...all.filter((one) => !known.has(one))].flatMap(identifierOf);
}

/** Nothing of one without a value. */
export function identifierOf(identifier: JsonObject): SubmittedIdentifier[] {
  const [system, value] = [identifier.string("system"), identifier.string("value")];
  return value === undefined ? [] : [{ value, ...(system !== undefined && { system }) }];
}

interface IdentifierRules {
  readonly entry: number;
  readonly faults: SubmissionFaults;
}

/**
 * A SubmissionSet is known by a uniqueId, which is an OID (MHD, SubmissionSetUniqueIdIdentifier; ITI TF-3 table 4.3.1-3: required of every source). One that says it neither by type nor by use is
 * known by what begins as an OID does.
 */
export function checkSetIdentifiers(set: JsonObject, { entry, faults }: IdentifierRules): void {
  const marked = uniqueIds(set);
  const unmarked = set.objects("identifier").filter((one) => typeOf(one) === undefined && one.string("use") === undefined);
  const all = marked.length > 0 ? marked : unmarked.filter((one) => one.string("value")?.startsWith("urn:oid:"));
  if (all.length === 0)
    faults.add(
      entry,
      "required",
      "A SubmissionSet has a uniqueId: an identifier with use usual, whose value begins with urn:oid:.",
      ".identifier",
      set,
    );
  if (all.length > 1) faults.add(entry, "identifier", "A SubmissionSet has one uniqueId (an identifier with use usual).", ".identifier", set);
  for (const one of all)
    if (one.string("system") !== URI || !OID.test(one.string("value") ?? ""))
      faults.add(
        entry,
        "identifier",
        `The uniqueId of a SubmissionSet is an OID: system ${URI}, and a value such as urn:oid:2.25.1; this one is "${one.string("value") ?? ""}".`,
        `.identifier[${set.objects("identifier").indexOf(one)}]`,
        one,
      );
}

/** What calls itself the uniqueId of a document is its masterIdentifier, and a UUID in its place is an entryUUID that says the wrong use (MHD 4.2.4, identifier[uniqueId]). */
export function checkReferenceIdentifiers(reference: JsonObject, { entry, faults }: IdentifierRules): void {
  const master = reference.object("masterIdentifier")?.string("value");
  const all = reference.objects("identifier");
  for (const one of uniqueIds(reference)) {
    // A house may call one of its own numbers the usual one.
    const isOfXds = typeOf(one) !== undefined || one.string("system") === URI;
    if (!isOfXds || one.string("value") === master) continue;
    faults.add(
      entry,
      "identifier",
      `"${one.string("value") ?? ""}" is called the uniqueId of the document (use usual), and masterIdentifier is another. An entryUUID has use official.`,
      `.identifier[${all.indexOf(one)}]`,
      one,
    );
  }
  for (const one of all)
    if (typeOf(one) === "entryUUID" && !(one.string("value") ?? "").startsWith("urn:uuid:"))
      faults.add(entry, "identifier", "An entryUUID begins with urn:uuid:.", `.identifier[${all.indexOf(one)}]`, one);
}
