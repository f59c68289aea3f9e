import type { DocumentBundle, BundleEntry } from "../../core/fhir/document-bundle.ts";
import { withSeconds } from "../../core/fhir/dates.ts";
import type { DocumentFacts } from "../../pipeline/document-forms.ts";
import { JsonArray, JsonObject, treeOf, type JsonValue } from "../../core/fhir/tree/tree.ts";

const ATTESTERS: ReadonlySet<string> = new Set(["legal", "official", "professional"]);

/** What is known of a document beside what it says. */
export interface MadeFacts extends Omit<DocumentFacts, "id"> {
  readonly documentId: string;
}

/** The format of a document that its media type says enough of (IHE's format codes). */
const FORMAT = {
  system: "http://ihe.net/fhir/ihe.formatcode.fhir/CodeSystem/formatcode",
  code: "urn:ihe:iti:xds:2017:mimeTypeSufficient",
  display: "mimeType Sufficient",
};

/**
 * What a DocumentReference tells of a document (R4 documentreference.html; IHE MHD 4.2): all that stands in the document itself, references as the Composition writes them, and when it came. What is
 * known of it as it is kept (its address, size and hash, and whether it was superseded) is added by whoever serves it.
 */
export function documentReference(document: DocumentBundle, { receivedAt, mediaType }: MadeFacts): JsonObject {
  const { bundle, composition } = document;
  const { resource } = composition;
  const made = new JsonObject().add("resourceType", "DocumentReference");
  put(made, "masterIdentifier", bundle.get("identifier"));
  put(made, "identifier", listOf(resource.get("identifier")));
  made.add("status", resource.string("status") === "entered-in-error" ? "entered-in-error" : "current");
  // MHD's profiles have no place for it. That a document is final is the rule; that it is not must be told all the same.
  if (resource.string("status") !== "final") put(made, "docStatus", resource.get("status"));
  put(made, "type", resource.get("type"));
  put(made, "category", resource.get("category"));
  put(made, "subject", resource.get("subject"));
  put(made, "author", resource.get("author"));
  put(
    made,
    "authenticator",
    resource
      .objects("attester")
      .find((attester) => ATTESTERS.has(attester.string("mode") ?? ""))
      ?.get("party"),
  );
  put(made, "custodian", resource.get("custodian"));
  put(made, "relatesTo", relations(resource));
  put(made, "description", resource.get("title"));
  put(made, "securityLabel", securityLabels(bundle, resource));
  const date = resource.string("date");
  const attachment = {
    contentType: mediaType,
    language: bundle.string("language") ?? resource.string("language"),
    title: resource.string("title"),
    creation: date === undefined ? undefined : withSeconds(date),
  };
  made.add("date", receivedAt).add("content", treeOf([{ attachment, format: FORMAT }]));
  put(made, "context", context(document));
  return made;
}

function relations(composition: JsonObject): JsonArray | undefined {
  const made = composition.objects("relatesTo").map((relation) => {
    const target = relation.get("targetReference") ?? wrapped("identifier", relation.get("targetIdentifier"));
    const one = new JsonObject();
    put(one, "code", relation.get("code"));
    put(one, "target", target);
    return one;
  });
  return arrayOf(made);
}

/** Composition.confidentiality and the labels of Bundle and Composition, each a CodeableConcept. */
function securityLabels(bundle: JsonObject, composition: JsonObject): JsonArray | undefined {
  const confidentiality = composition.string("confidentiality");
  const own =
    confidentiality === undefined
      ? []
      : [new JsonObject().add("system", "http://terminology.hl7.org/CodeSystem/v3-Confidentiality").add("code", confidentiality)];
  const labels = [bundle, composition].flatMap((one) => one.object("meta")?.objects("security") ?? []);
  return arrayOf([...own, ...labels].map((coding) => new JsonObject().add("coding", listOf(coding) as JsonArray)));
}

function context(document: DocumentBundle): JsonObject | undefined {
  const { resource } = document.composition;
  const made = new JsonObject();
  const events = resource.objects("event");
  const encounter = entryOf(resource.get("encounter"), document);
  const places = encounter?.resource.objects("location").map((location) => entryOf(location.get("location"), document, encounter)?.resource) ?? [];
  put(made, "encounter", listOf(resource.get("encounter")));
  put(made, "event", arrayOf(events.flatMap((event) => event.objects("code"))));
  put(made, "period", events.find((event) => event.has("period"))?.get("period"));
  put(made, "facilityType", places.flatMap((place) => place?.objects("type") ?? [])[0]);
  put(made, "practiceSetting", encounter?.resource.get("serviceType"));
  if (entryOf(resource.get("subject"), document)?.type === "Patient") put(made, "sourcePatientInfo", resource.get("subject"));
  return made.names.length > 0 ? made : undefined;
}

/** What a reference leads to in the document. */
function entryOf(reference: JsonValue | undefined, document: DocumentBundle, from: BundleEntry = document.composition): BundleEntry | undefined {
  const url = reference instanceof JsonObject ? reference.string("reference") : undefined;
  return url === undefined ? undefined : document.resolve(url, from);
}

function put(object: JsonObject, name: string, value: JsonValue | undefined): void {
  if (value !== undefined && value !== null) object.add(name, value);
}

function wrapped(name: string, value: JsonValue | undefined): JsonObject | undefined {
  return value === undefined ? undefined : new JsonObject().add(name, value);
}

function listOf(value: JsonValue | undefined): JsonArray | undefined {
  return value === undefined || value === null ? undefined : arrayOf([value]);
}

function arrayOf(values: readonly JsonValue[]): JsonArray | undefined {
  if (values.length === 0) return undefined;
  const made = new JsonArray();
  for (const value of values) made.add(value);
  return made;
}
