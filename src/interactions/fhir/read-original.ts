import type { Asked } from "../../core/asked.ts";
import type { ReadInteraction, ReadResource } from "../interaction.ts";
import type { ReadNeeds } from "./read-document.ts";
import { writeAs } from "./write-as.ts";

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
async function readSubmitted(asked: Asked, id: string, using: ReadNeeds): Promise<ReadResource> {
  const { leaf, mediaType, contentBytes, original } = await using.reader.document(id, asked);
  return {
    lastModified: new Date(leaf.receivedAt),
    weight: contentBytes,
    write: async (form) => writeAs("Binary", await original(), form, using),
    content: { mediaType, bytes: async () => (await original()).bytes },
  };
}
