/**
 * What of a question consents can ask at all: for what it is, at which time, and which of those that they name is the caller. Of two questions with the same circumstances they say the same, so that what they leave is worked out once for
 * all who belong to an organisation, until a consent changes or a period begins or ends.
 */
import type { JsonObject } from "../../core/fhir/tree/tree.ts";
import { parseReference } from "../../core/fhir/references.ts";
import { isRecipient, type ConsentCaller, type ConsentQuestion } from "./caller-conditions.ts";
import { periodTimes, timeOf, type PeriodTimes } from "./period-times.ts";
import { recipientsOf } from "./regions.ts";
import { plain, type ConsentTerms, type Provision } from "./terms.ts";

interface Named {
  readonly reference: JsonObject;
  readonly contained: Provision["contained"];
}

/** What some consents ask of a question. */
export interface Circumstances {
  /** By what they are. */
  readonly recipients: ReadonlyMap<string, Named>;
  readonly times: PeriodTimes;
  readonly hasPurpose: boolean;
}

export function circumstancesOf(terms: readonly Pick<ConsentTerms, "provisions">[]): Circumstances {
  const provisions = terms.flatMap((one) => one.provisions);
  const recipients = new Map<string, Named>();
  for (const provision of provisions)
    for (const reference of recipientsOf(provision)) {
      const form = parseReference(reference.string("reference") ?? "");
      const held = form.kind === "contained" ? provision.contained.get(form.id) : undefined;
      recipients.set(JSON.stringify([plain(reference), plain(held)]), { reference, contained: provision.contained });
    }
  return { recipients, times: periodTimes(provisions), hasPurpose: provisions.some(({ body }) => body.has("purpose")) };
}

/** Those of several together. */
export function joined(all: readonly Circumstances[]): Circumstances {
  const sorted = (name: keyof PeriodTimes): string[] => [...new Set(all.flatMap(({ times }) => times[name]))].sort();
  const recipients = new Map<string, Named>();
  for (const one of all) for (const [what, named] of one.recipients) recipients.set(what, named);
  return { recipients, times: { begins: sorted("begins"), ends: sorted("ends") }, hasPurpose: all.some(({ hasPurpose }) => hasPurpose) };
}

/** Who the caller is among those that are named: the same text for callers of whom the same is known. */
export function callerAmong({ recipients }: Circumstances, caller: ConsentCaller): string {
  if (recipients.size === 0) return "";
  return [...recipients.values()].map(({ reference, contained }) => isRecipient(reference, contained, caller)[0]).join("");
}

/** A text that is the same for questions with the same circumstances. @param among as callerAmong gives it */
export function circumstanceOf(
  { times, hasPurpose }: Circumstances,
  { purpose, now }: Pick<ConsentQuestion, "purpose" | "now">,
  among: string,
): string {
  // Whether a purpose was said differs from every purpose.
  const said = hasPurpose ? JSON.stringify([purpose]) : "";
  return `${among} ${timeOf(times, now).join()} ${said}`;
}
