import type { Asked } from "../../core/asked.ts";
import type { ReadInteraction, ReadResource } from "../interaction.ts";
import { CONTENT_ENDING } from "../../search/derived/served-made.ts";
import { successorsOf, type ReadNeeds } from "./read-document.ts";
import { writeAs } from "./write-as.ts";

/** Reads the submitted bytes, exactly, as the Binary that has the document's id. */
export function readOriginal(using: ReadNeeds): ReadInteraction {
  return {
    type: "Binary",
    code: "read",
    documentation:
      "The submitted bytes of the document with this id, exactly, with their media type; as a Binary resource where Accept or `_format` names a FHIR type. `{id}.document`, the address that a DocumentReference names (IHE MHD, ITI-68), gives the bytes alone, for whatever accepts their media type.",
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
  const isContentAlone = id.endsWith(CONTENT_ENDING);
  const documentId = isContentAlone ? id.slice(0, -CONTENT_ENDING.length) : id;
  const { leaf, mediaType, contentBytes, original, isSuperseded } = await using.reader.document(documentId, asked, { type: "Binary", path: "" });
  return {
    lastModified: new Date(leaf.receivedAt),
    weight: contentBytes,
    write: async (form) => writeAs("Binary", await original(), form, using),
    content: { mediaType, bytes: async () => (await original()).bytes },
    isContentAlone,
    successors: () =>
      successorsOf(asked, documentId, { isSuperseded, reader: using.reader }, (other) => `Binary/${other}${isContentAlone ? CONTENT_ENDING : ""}`),
  };
}
