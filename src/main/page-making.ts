/** Who makes pages, and judges the narratives on them. A part of the composition root. */
import type { Knowledge } from "../core/fhir/r4/knowledge.ts";
import type { NarrativeJudge } from "../pipeline/render/narrative/judge.ts";
import type { PagesContext, RenderedPages } from "../pipeline/render/pages/pages.ts";
import { loadVerifier } from "./browser-verifier.ts";
import { codeNamesOf } from "./code-names.ts";

/** The pages, with the judge of narratives that they ask. */
export async function openPages(
  using: Pick<PagesContext, "definitions" | "codeNames" | "isOpen" | "verdicts" | "onPlain" | "fonts" | "halt" | "isEachAlone" | "keepsNothing">,
): Promise<{ pagesAt(fhirBase: string): RenderedPages; readonly judge: NarrativeJudge }> {
  const { createPages } = await import("../pipeline/render/pages/pages.ts");
  const { createWorkerJudge } = await import("../pipeline/render/narrative/worker-judge.ts");
  const judge = createWorkerJudge();
  return {
    pagesAt: (fhirBase) => createPages({ ...using, judge, loadVerifier, depositAddress: depositAddressOf(fhirBase), now: () => new Date() }),
    judge,
  };
}

/** The pages of documents that are not deposited: nothing is remembered of them, and they lead nowhere. */
export async function openPagesAlone({
  definitions,
  displays,
}: Pick<Knowledge, "definitions" | "displays">): Promise<{ readonly pages: RenderedPages; close(): Promise<void> }> {
  const { pagesAt, judge } = await openPages({
    definitions,
    codeNames: codeNamesOf(displays),
    isOpen: false,
    verdicts: NO_MEMORY,
    onPlain: () => undefined,
  });
  return { pages: pagesAt(""), close: () => judge.close() };
}

/** One document is rendered once: nothing of it is asked twice. */
const NO_MEMORY: PagesContext["verdicts"] = { get: () => undefined, put: () => undefined };

/** Where documents are deposited. */
export function depositAddressOf(fhirBase: string): string {
  return `${fhirBase}/Bundle`;
}
