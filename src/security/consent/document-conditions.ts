/** Conditions of a provision upon documents. What the index holds of a document answers them, so that a search is narrowed by it. */
import { instantRangeOf } from "../../core/fhir/instant-range.ts";
import { parseReference } from "../../core/fhir/references.ts";
import type { JsonObject } from "../../core/fhir/tree/tree.ts";
import { UUID } from "../../core/formats/fields.ts";
import { CONFIDENTIALITY_LEVELS, isLevel, SENSITIVITIES } from "../../core/fhir/label-codes.ts";
import { everyOf, notOf, PERMIT_ALL, someOf, type DecisionColumn, type Predicate } from "../../search/predicate.ts";
import { ALWAYS, anyOf, exactly, NEVER, unknown, type Condition } from "./condition.ts";
import type { Effect, Provision } from "./terms.ts";

const any = (column: DecisionColumn, values: readonly string[]): Predicate => ({ kind: "any", column, values });
const tokenOf = (coding: JsonObject): string => `${coding.string("system") ?? ""}|${coding.string("code") ?? ""}`;

/** Sensitivities below others (v3-ActCode): a rule about the one is about those below it. */
const BELOW: Readonly<Record<string, readonly string[]>> = {
  BH: ["COGN", "DVD", "EMOTDIS", "MH", "PSY", "PSYTHPN", "SUD", "ETHUD", "OPIOIDUD"],
  MH: ["PSY", "PSYTHPN"],
  SUD: ["ETHUD", "OPIOIDUD"],
  ETH: ["ETHUD", "OPIOIDUD"],
};

/**
 * Levels are high-water marks (R4 consent-definitions.html, securityLabel): who is permitted `R` is permitted what lies below, and who is denied `R` is denied what lies above. A label that the index may know of entries no
 * more than as restricted may be there in all that is.
 */
export function byLabel(labels: readonly JsonObject[], effect: Effect, place: string): Condition {
  return anyOf(
    labels.map((label) => {
      const code = label.string("code") ?? "";
      const system = label.string("system") ?? "";
      if (isLevel(code) && /Confidentiality|^$|113883\.5\.25$/.test(system)) {
        const at = CONFIDENTIALITY_LEVELS.indexOf(code);
        return exactly(any("clearance", effect === "permit" ? CONFIDENTIALITY_LEVELS.slice(0, at + 1) : CONFIDENTIALITY_LEVELS.slice(at)));
      }
      if (SENSITIVITIES.has(code)) return exactly(any("clearance", [code, ...(BELOW[code] ?? [])]));
      return { certain: any("labels", [tokenOf(label)]), possible: PERMIT_ALL, unevaluated: [`${place}.securityLabel (${tokenOf(label)})`] };
    }),
  );
}

/** What a document is as a whole: its type, or that it is a FHIR document. A resource type that stands in documents is none of its own here. */
export function byClass(classes: readonly JsonObject[], place: string): Condition {
  return anyOf(
    classes.map((coding) => {
      const [system, code] = [coding.string("system") ?? "", coding.string("code") ?? ""];
      if (system === "http://hl7.org/fhir/resource-types") return WHOLE.includes(code) ? ALWAYS : unknown(`${place}.class (${code})`);
      if (system === "urn:ietf:bcp:13") return /^application\/fhir\+(?:json|xml)$/.test(code) ? ALWAYS : NEVER;
      return exactly(any("type", [tokenOf(coding)]));
    }),
  );
}

const WHOLE: readonly string[] = ["Bundle", "Composition", "DocumentReference", "Binary"];

export function byCode(concepts: readonly JsonObject[], place: string): Condition {
  return anyOf(
    concepts.map((concept) => {
      const codings = concept.objects("coding").filter((coding) => coding.has("code"));
      return codings.length === 0 ? unknown(`${place}.code`) : exactly(any("codes", codings.map(tokenOf)));
    }),
  );
}

/** Documents that were written in a time; of one that does not say when, or that says too little, nobody can tell. */
export function byDataPeriod(period: JsonObject | undefined, place: string): Condition {
  if (!period) return ALWAYS;
  const [start, end] = ["start", "end"].map((name) => (period.has(name) ? instantRangeOf(period.string(name) ?? "") : OPEN));
  if (!start || !end) return unknown(`${place}.dataPeriod`);
  const between = (from: string, to: string): Predicate => ({ kind: "between", column: "written", from, to });
  const within = between(start.first, end.last);
  const early = start === OPEN ? undefined : notOf({ kind: "between", column: "written", from: "", to: before(start.first) });
  const late = end === OPEN ? undefined : notOf(between(after(end.last), LAST));
  const isSaid = between("", LAST);
  return {
    certain: everyOf(within, ...[early, late].filter((one) => one !== undefined)),
    possible: someOf([notOf(isSaid), everyOf(between(start.first, LAST), between("", end.last))]),
    unevaluated: [],
  };
}

const LAST = "9999-12-31T23:59:59.999Z";
const OPEN = { first: "", last: LAST };

function before(instant: string): string {
  return instant.startsWith("0000") ? "" : new Date(Date.parse(instant) - 1).toISOString();
}

function after(instant: string): string {
  return instant === LAST ? "~" : new Date(Date.parse(instant) + 1).toISOString();
}

/** `data`: certain documents, and those that have to do with something. */
export function byData(data: readonly JsonObject[], { place, contained }: Provision): Condition {
  return anyOf(
    data.map((one) => {
      const element = `${place}.data`;
      const reference = one.object("reference");
      const meaning = one.string("meaning");
      if (!reference) return unknown(element);
      if (meaning === "authoredby") return byParty(reference, "authors", contained, element);
      const own = documentOf(reference);
      if (own && meaning === "instance") return own.isWhole ? exactly(own.document) : unknown(element, own.document);
      // What hangs together with a document may be any other of the patient's.
      if (own) return { certain: own.isWhole ? own.document : NEVER.certain, possible: PERMIT_ALL, unevaluated: [element] };
      return meaning === "related" ? byParty(reference, "related", contained, element) : unknown(element);
    }),
  );
}

/** Documents of which a party is author or custodian, or that are about an encounter: by its identifiers, or by its absolute address. */
export function byParty(
  reference: JsonObject,
  column: "authors" | "custodian" | "related",
  contained: Provision["contained"],
  element: string,
): Condition {
  const url = reference.string("reference");
  const form = url === undefined ? undefined : parseReference(url);
  const held = form?.kind === "contained" ? contained.get(form.id) : undefined;
  const identifiers = [reference.object("identifier"), ...(held?.objects("identifier") ?? [])]
    .filter((one) => one?.has("value") === true)
    .map((one) => `identifier:${one?.string("system") ?? ""}|${one?.string("value") ?? ""}`);
  const keys = [...identifiers, ...(form?.kind === "absolute" ? [`url:${form.url}`] : [])];
  return keys.length === 0 ? unknown(element) : exactly(any(column, keys));
}

/** The document that a reference leads to by an id of ours. */
function documentOf(reference: JsonObject): { readonly document: Predicate; readonly isWhole: boolean } | undefined {
  const form = parseReference(reference.string("reference") ?? "");
  const id = form.kind === "relative" || form.kind === "absolute" ? form.id : undefined;
  const type = form.kind === "relative" || form.kind === "absolute" ? form.type : undefined;
  const [documentId = "", ...path] = id?.split(".") ?? [];
  if (!UUID.test(documentId) || type === undefined) return undefined;
  const isWhole = WHOLE.includes(type) && (path.length === 0 || (type === "Composition" && path.join(".") === "0"));
  return { document: { kind: "document", ids: [documentId] }, isWhole };
}
