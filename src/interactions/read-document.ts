import { fetchDocument, proofOf, servedResource } from "../pipeline/present.ts";
import { servedSignature } from "../pipeline/sign/seal-resources.ts";
import type { FhirInteraction } from "./interaction.ts";
import type { InteractionContext } from "./context.ts";
import type { ReadResource } from "./interaction.ts";

/** Reads a document as the Bundle that it is. */
export const readDocument: FhirInteraction = {
  type: "Bundle",
  code: "read",
  documentation:
    "The document as it was submitted, in JSON or XML, with the server's id and meta, and with our seal as its signature when it came unsigned. `text/html` and `application/pdf` give the attested view.",
  handle: read,
};

/** There is one version of everything: what was deposited. */
export const readDocumentVersion: FhirInteraction = {
  type: "Bundle",
  code: "vread",
  documentation: "Documents are never changed: version 1 is the only one.",
  handle: read,
};

async function read(id: string, context: InteractionContext): Promise<ReadResource> {
  const { leaf, contentBytes } = await proofOf(id, context);
  return {
    lastModified: new Date(leaf.receivedAt),
    weight: contentBytes,
    resource: async () => {
      const fetched = await fetchDocument(id, context);
      return servedResource(fetched, servedSignature(fetched.evidence.seal));
    },
  };
}
