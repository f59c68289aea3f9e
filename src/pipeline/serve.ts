/** Documents as FHIR resources, written out: what `GET /fhir/Bundle/{id}` and `GET /fhir/Binary/{id}` give. */
import type { Definitions } from "../core/fhir/r4/definitions.ts";
import { STORED_READ_LIMITS } from "../core/fhir/reading/read-limits.ts";
import { treeOf, type JsonObject } from "../core/fhir/tree/tree.ts";
import { writeJson } from "../core/fhir/json/write-json.ts";
import { writeXml } from "../core/fhir/xml/write-xml.ts";
import type { Leaf } from "../core/formats/leaf.ts";
import { readKept } from "./opening.ts";
import { servedResource } from "./present.ts";
import type { DocumentMediaType } from "./document-forms.ts";
import { servedSignature } from "./sign/seal-resources.ts";

/** The form in which a resource is written. */
export interface WrittenForm {
  readonly form: "json" | "xml";
  /** Indented. */
  readonly pretty: boolean;
}

/** A document and how it is asked for: as the Bundle that it is, or its bytes as a Binary. */
export interface Servable extends WrittenForm {
  readonly type: "Bundle" | "Binary";
  readonly bytes: Uint8Array;
  readonly mediaType: DocumentMediaType;
  readonly leaf: Leaf;
  readonly seal: string;
}

/** The resource in UTF-8. AppError `damaged`; `not-acceptable` for XML of what XML can't carry. */
export function writeServed(given: Servable, definitions: Definitions): { readonly text: Uint8Array } {
  const { form, pretty } = given;
  const { leaf, seal } = given;
  const resource =
    given.type === "Bundle"
      ? servedResource({ resource: readKept(given, STORED_READ_LIMITS, definitions), leaf }, servedSignature(seal))
      : servedBinary(given);
  const text = form === "xml" ? writeXml(resource, definitions, { pretty }) : writeJson(resource, { pretty });
  return { text: new TextEncoder().encode(text) };
}

/** The submitted bytes as a Binary. */
export function servedBinary({ bytes, mediaType, leaf }: Pick<Servable, "bytes" | "mediaType" | "leaf">): JsonObject {
  return treeOf({
    resourceType: "Binary",
    id: leaf.id,
    meta: { versionId: "1", lastUpdated: leaf.receivedAt },
    contentType: mediaType,
    securityContext: { reference: `Bundle/${leaf.id}` },
    data: Buffer.from(bytes).toString("base64"),
  }) as JsonObject;
}
