/** What the security labels of a document say to whoever reads it, in words: why it is restricted, what must be done with it, and what must not (R4 security-labels.html; docs/design/labels.md). */
import { labelsOf, type BorneLabel } from "../../../core/fhir/security-labels.ts";
import { html, type Part, type SafeHtml } from "../html.ts";
import { systemName } from "../generated/code-systems.ts";
import { joined } from "../generated/joined.ts";
import type { Locale } from "../locale.ts";
import type { PresentedDocument } from "./presented.ts";

/** The labels of a document, by what they are for. */
export interface DocumentLabels {
  readonly all: readonly BorneLabel[];
  /** They keep out whoever is not cleared for them: raised confidentiality, sensitivities, and those that nobody here knows. */
  readonly restricting: readonly BorneLabel[];
  readonly obligations: readonly BorneLabel[];
  readonly refrains: readonly BorneLabel[];
}

export function documentLabels({ document, submittedLabels }: Pick<PresentedDocument, "document" | "submittedLabels">): DocumentLabels {
  const all = labelsOf(document, submittedLabels);
  const of = (...kinds: readonly BorneLabel["kind"][]): readonly BorneLabel[] => all.filter(({ kind }) => kinds.includes(kind));
  return {
    all,
    restricting: all.filter(
      ({ kind, code }) => kind === "sensitivity" || kind === "unknown" || (kind === "confidentiality" && (code === "R" || code === "V")),
    ),
    obligations: of("obligation", "policy"),
    refrains: of("refrain"),
  };
}

/** Several in a line, each with its code and, where parts of the document alone bear it, which. */
export function labelList(labels: readonly BorneLabel[], locale: Locale): SafeHtml {
  const told = labels.map((label) => {
    const words = labelWords(label, locale);
    return label.kind === "unknown"
      ? html`${locale.phrase("labels-unknown", { label: words })}${partly(label, locale)}`
      : html`${words}${partly(label, locale)}`;
  });
  return html`${joined(told, "; ")}`;
}

/** `HIV or AIDS (HIV)`. A code that we have no words for: as the sender has it, with its code, and where that is not HL7's the system. */
export function labelWords({ kind, code, system, display }: BorneLabel, locale: Locale): SafeHtml {
  const key = `${kind === "confidentiality" ? "confidentiality-code" : "label"}-${code}`;
  const isOurs = kind === "confidentiality" || kind === "sensitivity" || kind === "obligation" || kind === "refrain";
  const words = isOurs && locale.has(key) ? locale.term(key) : display === undefined || display === code ? undefined : html`<bdi>${display}</bdi>`;
  const name = isOurs ? undefined : systemName(system);
  const sign: Part = html`<bdi class="label-code">${code || "?"}</bdi>${name !== undefined && html`, <bdi>${name}</bdi>`}`;
  return words === undefined ? html`${sign}` : html`${words} (${sign})`;
}

function partly({ bearers }: BorneLabel, locale: Locale): Part {
  if (bearers.length === 0) return false;
  const types = bearers.map((type) => (locale.has(`type-${type}`) ? locale.term(`type-${type}`) : html`<bdi>${type}</bdi>`));
  return html` ${locale.phrase("labels-partly", { bearers: joined(types, ", ") })}`;
}
