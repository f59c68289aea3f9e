/** Which wording each datatype and backbone has, by the name of its definition. */
import { dosage } from "./dosage/dosage.ts";
import { timing } from "./dosage/timing.ts";
import type { Wording } from "./render-context.ts";
import { COMPONENT_WORDINGS } from "./values/backbones.ts";
import { coding, concept } from "./values/concepts.ts";
import { attachment, binary } from "./values/files.ts";
import { narrative } from "./values/narrative.ts";
import { address, annotation, contactPoint, humanName, identifier } from "./values/people.ts";
import { money, quantity, range, ratio } from "./values/quantities.ts";
import { reference } from "./values/references.ts";
import { sampledData } from "./values/sampled-data.ts";
import { period } from "./values/times.ts";

export const WORDINGS: ReadonlyMap<string, Wording> = new Map<string, Wording>([
  ["Address", address],
  ["Age", quantity],
  ["Annotation", annotation],
  ["Attachment", attachment],
  ["Binary", binary],
  ["CodeableConcept", concept],
  ["Coding", coding],
  ["ContactPoint", contactPoint],
  ["Count", quantity],
  ["Distance", quantity],
  ["Dosage", dosage],
  ["Duration", quantity],
  ["HumanName", humanName],
  ["Identifier", identifier],
  ["Money", money],
  ["Narrative", narrative],
  ["Period", period],
  ["Quantity", quantity],
  ["Range", range],
  ["Ratio", ratio],
  ["Reference", reference],
  ["SampledData", sampledData],
  ["Timing", timing],
  ...COMPONENT_WORDINGS,
]);
