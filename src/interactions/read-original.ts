import { treeOf, type JsonObject } from "../core/fhir/json/tree.ts";
import { fetchOriginal, proofOf } from "../pipeline/present.ts";
import type { InteractionContext } from "./context.ts";
import type { FhirInteraction, ReadResource } from "./interaction.ts";

/** Reads the submitted bytes, exactly, as the Binary that has the document's id. */
export const readOriginal: FhirInteraction = {
  type: "Binary",
  code: "read",
  documentation:
    "The submitted bytes of the document with this id, exactly, with their media type; as a Binary resource where Accept or `_format` names a FHIR type.",
  handle: readSubmitted,
};

export const readOriginalVersion: FhirInteraction = {
  type: "Binary",
  code: "vread",
  documentation: "The submitted bytes are never changed: version 1 is the only one.",
  handle: readSubmitted,
};

/** The Binary of a document: its submitted bytes. AppError `not-found`, `gone`, `damaged`. */
export async function readSubmitted(id: string, context: InteractionContext): Promise<ReadResource> {
  const { leaf, mediaType, contentBytes } = await proofOf(id, context);
  const bytes = async (): Promise<Uint8Array> => (await fetchOriginal(id, context)).bytes;
  const resource = async (): Promise<JsonObject> =>
    treeOf({
      resourceType: "Binary",
      id,
      meta: { versionId: "1", lastUpdated: leaf.receivedAt },
      contentType: mediaType,
      securityContext: { reference: `Bundle/${id}` },
      data: Buffer.from(await bytes()).toString("base64"),
    }) as JsonObject;
  return { lastModified: new Date(leaf.receivedAt), weight: contentBytes, resource, content: { mediaType, bytes } };
}
