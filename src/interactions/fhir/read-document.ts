import { servedResource } from "../../pipeline/present.ts";
import { servedSignature } from "../../pipeline/sign/seal-resources.ts";
import type { Reader } from "../../reader/reader.ts";
import type { ReadInteraction } from "../interaction.ts";

/** What the interactions work with. */
export interface ReadNeeds {
  readonly reader: Pick<Reader, "fetch" | "original" | "proof">;
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

function readWith({ reader }: ReadNeeds): ReadInteraction["handle"] {
  return async (asked, id) => {
    const { leaf, contentBytes } = await reader.proof(id, asked);
    return {
      lastModified: new Date(leaf.receivedAt),
      weight: contentBytes,
      resource: async () => {
        const fetched = await reader.fetch(id, asked);
        return servedResource(fetched, servedSignature(fetched.evidence.seal));
      },
    };
  };
}
