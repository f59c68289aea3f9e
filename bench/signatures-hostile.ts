/** What signatures of a megabyte cost that are meant to cost more than that: each is checked whole, as on a deposit, and nothing of it is remembered. */
import type { Definitions } from "../src/core/fhir/r4/definitions.ts";
import { treeOf } from "../src/core/fhir/tree/tree.ts";
import { checkDocumentSignatures } from "../src/core/signatures/document-signature.ts";
import { stateOf } from "../src/core/signatures/signature-check.ts";
import { documentOf, MEGABYTE, root, type Hostile } from "./hostile/actors.ts";
import { HOSTILE_CMS } from "./hostile/cms.ts";
import { HOSTILE_JWS } from "./hostile/jws.ts";
import { HOSTILE_XML } from "./hostile/xml.ts";
import { measureCost } from "./measure.ts";
import type { Table } from "./report.ts";

/** Milliseconds. */
const ASKED = 100;
const ROUNDS = 5;
const LONGEST = 3_000;

export const HOSTILE: readonly Hostile[] = [...HOSTILE_JWS, ...HOSTILE_XML, ...HOSTILE_CMS];

/** Adds its figures to `figures`: the dearest. @param words those whose names hold them are measured */
export async function measureHostile(
  { definitions, words = "", tell }: { readonly definitions: Definitions; readonly words?: string; tell(what: string): void },
  figures: Record<string, number>,
): Promise<Table> {
  const documents = { small: documentOf(5_000), large: documentOf(MEGABYTE) };
  const rows: (string | number)[][] = [];
  for (const { name, isOverLarge = false, make } of HOSTILE.filter(({ name }) => name.includes(words))) {
    tell(name);
    const document = isOverLarge ? documents.large : documents.small;
    const signature = make(document);
    const signed = document.without("signature").add("signature", treeOf({ ...signature, who: { display: "Dr A. Meyer" } }));
    let states = "";
    const cost = await measureCost(
      async () => {
        const checks = await checkDocumentSignatures(signed, { signers: [root.certificate] }, { definitions });
        states = [...new Set(checks.map(stateOf))].join(", ");
      },
      { rounds: ROUNDS, each: 1, longest: LONGEST },
    );
    rows.push([name, signature.data.length / 1_000, states, cost.processor.least, cost.processor.median, cost.clock.least, ASKED]);
  }
  figures["hostile_processor_Ms"] = Math.max(...rows.map(([, , , least]) => Number(least)));
  return {
    title: `Hostile signatures, ${ROUNDS} rounds each`,
    columns: ["signature", "KB in base64", "is", "processor, least ms", "median", "clock, least ms", "asked"],
    rows,
  };
}
