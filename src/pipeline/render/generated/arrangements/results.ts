/** Results and reports, with their parts (R4 diagnostics module). */
import { html, type Part } from "../../html.ts";
import { isBlank } from "../joined.ts";
import { said, type RenderContext } from "../render-context.ts";
import type { Unsaid } from "../unsaid.ts";
import { valueOf } from "../values/backbones.ts";
import { codesOf } from "../values/concepts.ts";
import { column, dates, figures, type Arrangement } from "./arrangement.ts";

export const RESULT_ARRANGEMENTS: Readonly<Record<string, Arrangement>> = {
  Observation: {
    columns: [
      column("name", "code"),
      { head: "column-value", kind: "number", elements: ["value", "dataAbsentReason"], wording: resultPart },
      { head: "column-interpretation", elements: ["interpretation"], wording: interpretationPart },
      figures("reference-range", "referenceRange"),
      dates("date", "effective", "issued"),
    ],
    rows: [{ element: "component" }, { element: "hasMember" }, { element: "derivedFrom", label: "derived-from" }],
  },
  DiagnosticReport: {
    columns: [
      column("name", "code"),
      column("conclusion", "conclusion", "conclusionCode"),
      dates("date", "effective", "issued"),
      column("performer", "performer"),
    ],
    rows: [{ element: "result" }],
  },
  ImagingStudy: {
    columns: [
      column("name", "description", "procedureCode"),
      column("modality", "modality"),
      dates("date", "started"),
      column("reason", "reasonCode", "reasonReference"),
    ],
  },
  Specimen: { columns: [column("name", "type"), dates("date", "receivedTime"), column("collection", "collection")] },
  Media: { columns: [column("name", "type", "modality"), column("content", "content"), dates("date", "created", "issued")] },
};

/** Interpretations that stand out, by code (v3-ObservationInterpretation): what the sender says, never what we would compute. */
const CRITICAL = new Set(["HH", "LL", "AA", "HU", "LU", "HX", "LX"]);
const ORDINARY = new Set(["N", "NEG", "IND", "NS", "EX", "S", "ND", "NR"]);

/** How much a result stands out; undefined for not at all. */
export function abnormality(resource: Unsaid["object"]): "abnormal" | "critical" | undefined {
  const codes = resource.objects("interpretation").flatMap((concept) => codesOf(concept));
  if (codes.some((code) => CRITICAL.has(code))) return "critical";
  return codes.some((code) => !ORDINARY.has(code)) ? "abnormal" : undefined;
}

function resultPart(unsaid: Unsaid, context: RenderContext): Part {
  const value = valueOf(unsaid, context);
  return isBlank(value) ? "" : html`<span class="result ${abnormality(unsaid.object) ?? ""}">${value}</span>`;
}

function interpretationPart(unsaid: Unsaid, context: RenderContext): Part {
  const how = abnormality(unsaid.object);
  const words = said(unsaid, "interpretation", context);
  return isBlank(words) ? "" : html`<span class="interpretation ${how ?? ""}">${words}</span>`;
}
