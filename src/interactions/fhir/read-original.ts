import type { Asked } from "../../core/asked.ts";
import { treeOf, type JsonObject } from "../../core/fhir/tree/tree.ts";
import type { ReadInteraction, ReadResource } from "../interaction.ts";
import type { ReadNeeds } from "./read-document.ts";

/** Reads the submitted bytes, exactly, as the Binary that has the document's id. */
export function readOriginal(using: ReadNeeds): ReadInteraction {
  return {
    type: "Binary",
    code: "read",
    documentation:
      "The submitted bytes of the document with this id, exactly, with their media type; as a Binary resource where Accept or `_format` names a FHIR type.",
    handle: (asked, id) => readSubmitted(asked, id, using),
  };
}

export function readOriginalVersion(using: ReadNeeds): ReadInteraction {
  return {
    type: "Binary",
    code: "vread",
    documentation: "The submitted bytes are never changed: version 1 is the only one.",
    handle: (asked, id) => readSubmitted(asked, id, using),
  };
}

/** The Binary of a document: its submitted bytes. AppError `not-found`, `gone`, `damaged`. */
export async function readSubmitted(asked: Asked, id: string, { reader }: Pick<ReadNeeds, "reader">): Promise<ReadResource> {
  const { leaf, mediaType, contentBytes } = await reader.proof(id, asked);
  const bytes = async (): Promise<Uint8Array> => (await reader.original(id, asked)).bytes;
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
