import type { Asked } from "../../core/asked.ts";
import type { Conflict } from "../../pipeline/earlier-deposit.ts";
import type { Reader } from "../../reader/reader.ts";

/** Why a document cannot have its identifier, in words for its sender. The other document is named to those alone who may know of it. */
export async function conflictText({ twin, differsIn, canonical }: Conflict, asked: Asked, reader: Pick<Reader, "mayName">): Promise<string> {
  const isNamed = await reader.mayName(asked, twin);
  const other = isNamed ? `another document already, ${twin.id}` : "another document already";
  switch (differsIn) {
    case "content": {
      const digests = isNamed ? `: its content has digest ${twin.sameness.canonical}, this one ${canonical}` : "";
      return `Bundle.identifier names ${other}${digests}. Send a correction under a new identifier, with Composition.relatesTo.`;
    }
    case "signature":
    case "meta": {
      const subject = isNamed ? `Document ${twin.id}` : "A document";
      return `${subject} has this identifier and the same content (${canonical}), but another Bundle.${differsIn}. What was deposited is never changed; send it under a new identifier.`;
    }
    case "erased":
      return `The document of this identifier${isNamed ? `, ${twin.id},` : ""} was deposited and erased since; it is not taken again, nor is its identifier ever used for another.`;
  }
}
