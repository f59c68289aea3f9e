/**
 * Shows a narrative (R4 narrative.html) so that nothing of it is unsafe and nothing lost. Two layers: our allow-list, made from txt-1, and an independent
 * judge that never edits. If either objects, the whole narrative is shown as plain text, complete and in order, with a notice.
 */
import { digestOf } from "../../../core/crypto/digest.ts";
import { breaches } from "../../../core/fhir/xml/xhtml-allow-list.ts";
import { readXhtml } from "../../../core/fhir/xml/xhtml.ts";
import { html, trusted, type SafeHtml } from "../html.ts";
import type { NarrativeJudge, Verdict } from "./judge.ts";
import { plainText } from "./plain-text.ts";
import type { Sideways } from "./sideways.ts";
import { writeNarrative, type NarrativeSetting, type WrittenNarrative } from "./write-narrative.ts";
import type { VerdictCache } from "./verdict-cache.ts";

/** What the reader is told above the document. */
export type NarrativeNotice = "plain-text" | "image-missing" | "restyled";

export interface PresentedNarrative {
  readonly html: SafeHtml;
  /** Its words without markup: the whole of the narrative. */
  readonly isPlain: boolean;
  readonly notices: readonly NarrativeNotice[];
  /** What of it may be wider than the screen. */
  readonly sideways: readonly Sideways[];
}

/** A narrative that could not be shown as it was marked up. For the log: holds no content. */
export interface NarrativeEvent {
  readonly kind: "breach" | "rejected" | "unavailable";
  readonly digest: string;
  readonly reason: string;
}

export interface NarrativePresenter {
  /** Never throws for what a narrative holds. */
  present(div: string, setting: NarrativeSetting): Promise<PresentedNarrative>;
}

export interface NarrativeContext {
  readonly judge: NarrativeJudge;
  readonly verdicts: VerdictCache;
  /** Called for every narrative that is shown as plain text. */
  onPlain(event: NarrativeEvent): void;
}

const CLEAN = "clean";

/** The narrative as HTML, or why there is none. The tree that it is made from does not outlive this: the judge takes its time. */
function markupOf(div: string, setting: NarrativeSetting): WrittenNarrative | string {
  const { root, issues } = readXhtml(div);
  if (root === undefined) return issues[0]?.text ?? "not well-formed";
  const [breach] = breaches(root);
  return breach?.text ?? writeNarrative(setting.style?.(root) ?? root, setting) ?? "nested too deeply, or an element that is not known";
}

/** Verdicts are kept by the digest of what was judged, so that no reader waits twice. One that could not be had is not kept. */
export function createNarrativePresenter({ judge, verdicts, onPlain }: NarrativeContext): NarrativePresenter {
  const verdictOn = async (written: string, text: string): Promise<Verdict> => {
    const key = digestOf(`${judge.rules}\n${written}`);
    const kept = await verdicts.get(key);
    if (kept !== undefined) return kept === CLEAN ? { kind: "clean" } : { kind: "rejected", reason: kept };
    const verdict = await judge.judge(written, text);
    if (verdict.kind !== "unavailable") verdicts.put(key, verdict.kind === "clean" ? CLEAN : verdict.reason);
    return verdict;
  };

  return {
    async present(div, setting) {
      const asPlain = (kind: NarrativeEvent["kind"], reason: string): PresentedNarrative => {
        onPlain({ kind, digest: digestOf(div), reason });
        const { root } = readXhtml(div);
        const text = root === undefined ? div : plainText(root);
        return { html: html`<div class="plain-text" dir="auto">${text}</div>`, isPlain: true, notices: ["plain-text"], sideways: [] };
      };
      const written = markupOf(div, setting);
      if (typeof written === "string") return asPlain("breach", written);
      const verdict = await verdictOn(written.html, written.text);
      if (verdict.kind !== "clean") return asPlain(verdict.kind, verdict.reason);
      const notices = [...(written.missingImages > 0 ? (["image-missing"] as const) : []), ...(written.isRestyled ? (["restyled"] as const) : [])];
      return { html: trusted(written.html), isPlain: false, notices, sideways: written.sideways };
    },
  };
}
