import type { Asked } from "../../core/asked.ts";
import type { Work } from "../../pipeline/work/work.ts";
import type { Reader } from "../../reader/reader.ts";
import type { ReadInteraction } from "../interaction.ts";
import { writeAs } from "./write-as.ts";

/** What the interactions work with. */
export interface ReadNeeds {
  readonly work: Work;
  readonly reader: Pick<Reader, "document" | "relations">;
}

/** Reads a document as the Bundle that it is. */
export function readDocument(using: ReadNeeds): ReadInteraction {
  return {
    type: "Bundle",
    code: "read",
    documentation:
      "The document as it was submitted, in JSON or XML, with the server's id and meta, and with our seal as its signature when it came unsigned. `text/html` and `application/pdf` give the attested view.",
    handle: readWith(using),
  };
}

/** There is one version of everything: what was deposited. */
export function readDocumentVersion(using: ReadNeeds): ReadInteraction {
  return { type: "Bundle", code: "vread", documentation: "Documents are never changed: version 1 is the only one.", handle: readWith(using) };
}

function readWith(using: ReadNeeds): ReadInteraction["handle"] {
  return async (asked, id) => {
    const { leaf, contentBytes, original, isSuperseded } = await using.reader.document(id, asked);
    return {
      lastModified: new Date(leaf.receivedAt),
      weight: contentBytes,
      write: async (form) => writeAs("Bundle", await original(), form, using),
      successors: () => successorsOf(asked, id, { isSuperseded, reader: using.reader }, (other) => `Bundle/${other}`),
    };
  };
}

/** The documents that superseded one, as far as they may be known, the newest first. @param address of one of them */
export async function successorsOf(
  asked: Asked,
  id: string,
  { isSuperseded, reader }: Pick<ReadNeeds, "reader"> & { readonly isSuperseded: boolean },
  address: (id: string) => string,
): Promise<readonly string[]> {
  if (!isSuperseded) return [];
  const { relations } = await reader.relations(asked, id);
  return relations.flatMap(({ kind, isConfirmed, other }) => (kind === "superseded-by" && isConfirmed && other ? [address(other.id)] : []));
}
