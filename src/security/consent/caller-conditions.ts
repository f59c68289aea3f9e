/** Conditions of a provision upon who asks, what for and when: of a question each holds, does not, or nobody can tell. */
import { instantRangeOf } from "../../core/fhir/instant-range.ts";
import { parseReference } from "../../core/fhir/references.ts";
import type { JsonObject } from "../../core/fhir/tree/tree.ts";
import type { KnownCaller } from "../../core/asked.ts";
import { ALWAYS, anyOf, NEVER, unknown, type Condition } from "./condition.ts";

/** What consents ask of whoever asks. */
export type ConsentCaller = Pick<KnownCaller, "kind" | "issuer" | "subject" | "client" | "organisations" | "fhirUser">;

/** A question, as consents see it. */
export interface ConsentQuestion {
  readonly caller: ConsentCaller;
  /** A code of v3-PurposeOfUse; undefined when nobody said. */
  readonly purpose: string | undefined;
  /** An instant: `2026-03-14T09:30:00.000Z`. */
  readonly now: string;
}

/** v3-ActReason below PurposeOfUse: whoever is let in for the one is for those below it. */
const BELOW: Readonly<Record<string, readonly string[]>> = {
  TREAT: ["CAREMGT", "COC", "ETREAT", "BTG", "ERTREAT", "POPHLTH", "TREATDS"],
  ETREAT: ["BTG", "ERTREAT"],
  HPAYMT: ["CLMATTCH", "COVAUTH", "COVERAGE", "ELIGDTRM", "ELIGVER", "ENROLLM", "MILDCRG", "REMITADV"],
  HRESCH: ["BIORCH", "CLINTRCH", "CLINTRCHNPC", "CLINTRCHPC", "PRECLINTRCH", "DSRCH", "POARCH", "TRANSRCH"],
};

export function byPurpose(purposes: readonly JsonObject[], { purpose }: ConsentQuestion, place: string): Condition {
  if (purposes.length === 0) return ALWAYS;
  if (purpose === undefined) return unknown(`${place}.purpose`);
  const codes = purposes.map((coding) => coding.string("code"));
  if (codes.includes(undefined)) return unknown(`${place}.purpose`);
  return codes.some((code) => code === purpose || BELOW[code ?? ""]?.includes(purpose)) ? ALWAYS : NEVER;
}

/** R4 consentaction. Depositing and correcting are no matter of reading. */
const READING: readonly string[] = ["access", "use", "disclose"];
const NOT_READING: readonly string[] = ["collect", "correct"];

export function byAction(actions: readonly JsonObject[], place: string): Condition {
  return anyOf(
    actions.map((concept) => {
      const codes = concept.objects("coding").map((coding) => coding.string("code") ?? "");
      if (codes.some((code) => READING.includes(code))) return ALWAYS;
      return codes.some((code) => NOT_READING.includes(code)) ? NEVER : unknown(`${place}.action`);
    }),
  );
}

/** Within which it counts. An end says its whole day, as R4 has it (datatypes.html, Period). */
export function byPeriod(period: JsonObject | undefined, { now }: ConsentQuestion, place: string): Condition {
  if (!period) return ALWAYS;
  const bound = (name: string): ReturnType<typeof instantRangeOf> | "open" => (period.has(name) ? instantRangeOf(period.string(name) ?? "") : "open");
  const start = bound("start");
  const end = bound("end");
  if (start === undefined || end === undefined) return unknown(`${place}.period`);
  const isBegun = start === "open" || now >= start.first;
  const isOver = end !== "open" && now > end.last;
  return isBegun && !isOver ? ALWAYS : NEVER;
}

/** Whether whoever asks is the one that is referred to. */
export function isRecipient(
  reference: JsonObject | undefined,
  contained: ReadonlyMap<string, JsonObject>,
  caller: ConsentCaller,
): "yes" | "no" | "unknown" {
  if (!reference) return "unknown";
  const url = reference.string("reference");
  const form = url === undefined ? undefined : parseReference(url);
  const held = form?.kind === "contained" ? contained.get(form.id) : undefined;
  const identifiers = [reference.object("identifier"), ...(held?.objects("identifier") ?? [])].filter((one) => one !== undefined);
  const known = new Set([
    ...caller.organisations,
    `${caller.issuer}|${caller.subject}`,
    ...(caller.client === undefined ? [] : [`${caller.issuer}|${caller.client}`]),
  ]);
  if (identifiers.some((one) => known.has(`${one.string("system") ?? ""}|${one.string("value") ?? ""}`))) return "yes";
  const type = held?.string("resourceType") ?? reference.string("type") ?? (form && "type" in form ? form.type : undefined);
  if (form && (form.kind === "absolute" || form.kind === "relative") && caller.fhirUser !== undefined) {
    if (isSame(caller.fhirUser, url ?? "")) return "yes";
    if (type !== undefined && type === typeOf(caller.fhirUser)) return "no";
  }
  // Organisations are known by all identifiers that the issuer proved; of whoever is a system, that it is no person.
  if (type === "Organization" && identifiers.length > 0) return "no";
  return caller.kind === "system" && type !== undefined && PERSONS.includes(type) ? "no" : "unknown";
}

const PERSONS: readonly string[] = ["Practitioner", "PractitionerRole", "Patient", "RelatedPerson"];

function typeOf(url: string): string | undefined {
  const form = parseReference(url);
  return "type" in form ? form.type : undefined;
}

/** A relative address is below whatever base the issuer uses. */
function isSame(own: string, said: string): boolean {
  const [one, other] = [parseReference(own), parseReference(said)];
  if (one.kind === "absolute" && other.kind === "absolute") return one.url === other.url;
  return "type" in one && "type" in other && one.type !== undefined && one.type === other.type && one.id === other.id;
}
