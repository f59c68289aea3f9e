/** Who makes pages, and judges the narratives on them. A part of the composition root. */
import type { Knowledge } from "../core/fhir/r4/knowledge.ts";
import type { ProfileSets } from "../core/fhir/conformance/conformance.ts";
import type { SharedValueSets } from "../core/fhir/terminology/shared-value-sets.ts";
import type { NarrativeJudge } from "../pipeline/render/narrative/judge.ts";
import type { PagesContext, RenderedPages } from "../pipeline/render/pages/pages.ts";
import { loadVerifier } from "./browser-verifier.ts";
import { codeNamesOf } from "./code-names.ts";
import { codesNow } from "./terminology-now.ts";

export interface PageParts extends Pick<
  PagesContext,
  "isOpen" | "verdicts" | "onPlain" | "fonts" | "halt" | "isEachAlone" | "keepsNothing" | "profiles"
> {
  readonly knowledge: Pick<Knowledge, "definitions" | "displays">;
  /** The packages that are loaded; undefined where none is. */
  readonly sets?: ProfileSets | undefined;
  /** What was made of their codes elsewhere. */
  readonly valueSets?: SharedValueSets;
}

/** The pages, with the judge of narratives that they ask. */
export async function openPages({
  knowledge: { definitions, displays },
  sets,
  valueSets,
  ...using
}: PageParts): Promise<{ pagesAt(fhirBase: string): RenderedPages; readonly judge: NarrativeJudge }> {
  const { createPages } = await import("../pipeline/render/pages/pages.ts");
  const { createWorkerJudge } = await import("../pipeline/render/narrative/worker-judge.ts");
  const judge = createWorkerJudge();
  const made = {
    ...using,
    definitions,
    codeNames: codeNamesOf(displays, codesNow(sets, valueSets)),
    judge,
    loadVerifier,
    now: () => new Date(),
  };
  return { pagesAt: (fhirBase) => createPages({ ...made, depositAddress: depositAddressOf(fhirBase) }), judge };
}

/**
 * The pages of documents that are not deposited: nothing is remembered of them, and they lead nowhere.
 * @param sets by which codes without words are named; undefined: R4 alone
 */
export async function openPagesAlone(
  knowledge: PageParts["knowledge"],
  sets: ProfileSets | undefined,
): Promise<{ readonly pages: RenderedPages; close(): Promise<void> }> {
  const { pagesAt, judge } = await openPages({ knowledge, sets, isOpen: false, verdicts: NO_MEMORY, onPlain: () => undefined });
  return { pages: pagesAt(""), close: () => judge.close() };
}

/** One document is rendered once: nothing of it is asked twice. */
const NO_MEMORY: PagesContext["verdicts"] = { get: () => undefined, put: () => undefined };

/** Where documents are deposited. */
export function depositAddressOf(fhirBase: string): string {
  return `${fhirBase}/Bundle`;
}
