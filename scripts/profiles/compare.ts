/** Verdicts and places of ours, of a case's authors and of two other validators, side by side. */
import { isError, type Issue } from "../../src/core/fhir/issue.ts";
import type { Answer, Said } from "../differential/engine.ts";
import { isToldAt, placeOf } from "../differential/places.ts";
import type { Case } from "./case.ts";
import { isErrorOf, type Engine } from "./engines.ts";
import { judgedByText } from "./judged-by-text.ts";

/** What was said of one case. */
export interface Judged {
  readonly one: Case;
  /** Undefined: no set is in force, so that it is refused without being looked at. `judged`: how many of its resources were held against a profile that they declare. */
  readonly ours: { readonly judged: number; readonly issues: readonly Issue[]; readonly unheld: number; readonly milliseconds: number } | undefined;
  readonly engines: Readonly<Partial<Record<Engine, Answer>>>;
}

/** Counts over a family. */
export interface Tally {
  readonly family: string;
  cases: number;
  /** Of which somebody says what they are. */
  told: number;
  /** With a declared profile that they were held against, and with all. */
  judged: number;
  whole: number;
  /** Without an error of ours. */
  valid: number;
  /** Refused since no set is in force on its day. */
  outOfDate: number;
  /** The authors' verdict is ours. */
  same: number;
  /** It is not, and the specification's text is on our side. */
  byText: number;
  /** Of cases that both refuse: places where an error is expected, and those of them where we have one. */
  places: number;
  shared: number;
  readonly engines: Record<Engine, { asked: number; same: number; asOurs: number }>;
}

export interface Difference {
  readonly name: string;
  readonly family: string;
  /** Whether we refuse it. */
  readonly isRefused: boolean;
  /** What stands in judged-by-text.ts about it. */
  readonly why: string | undefined;
  /** The first errors of whoever refuses it. */
  readonly told: readonly string[];
  readonly beside: string;
}

export function compare(judged: readonly Judged[]): {
  readonly tallies: readonly Tally[];
  readonly differences: readonly Difference[];
  readonly places: readonly string[];
} {
  const tallies = new Map<string, Tally>();
  const differences: Difference[] = [];
  const places: string[] = [];
  for (const each of judged) {
    const { one, engines } = each;
    const tally = tallies.get(one.family) ?? newTally(one.family);
    tallies.set(one.family, tally);
    tally.cases++;
    const errors = (each.ours?.issues ?? []).filter(isError);
    const isValid = each.ours !== undefined && errors.length === 0;
    if (one.valid !== undefined) tally.told++;
    if (isValid) tally.valid++;
    if (each.ours && each.ours.judged > 0) tally.judged++;
    if (each.ours && each.ours.judged > 0 && each.ours.unheld === 0) tally.whole++;
    if (!each.ours) tally.outOfDate++;
    for (const [engine, answer] of Object.entries(engines) as [Engine, Answer][]) {
      if (answer.thrown !== undefined) continue;
      const theirs = !answer.issues.some(isErrorOf);
      tally.engines[engine].asked++;
      if (theirs === one.valid) tally.engines[engine].same++;
      if (theirs === isValid) tally.engines[engine].asOurs++;
    }
    if (isValid === one.valid) {
      tally.same++;
      if (!isValid) sharePlaces(one, errors, tally, places);
    } else if (one.valid !== undefined) {
      const why = judgedByText(one, errors);
      if (why !== undefined) tally.byText++;
      differences.push({ name: one.name, family: one.family, isRefused: !isValid, why, told: told(each, errors), beside: beside(engines) });
    } else if (Object.values(engines).some((answer) => isOtherwise(answer, isValid)))
      differences.push({
        name: one.name,
        family: one.family,
        isRefused: !isValid,
        why: judgedByText(one, errors),
        told: told(each, errors),
        beside: beside(engines),
      });
  }
  return { tallies: [...tallies.values()], differences, places };
}

function isOtherwise({ thrown, issues }: Answer, isValid: boolean): boolean {
  return thrown === undefined && issues.some(isErrorOf) === isValid;
}

function newTally(family: string): Tally {
  const none = (): Tally["engines"][Engine] => ({ asked: 0, same: 0, asOurs: 0 });
  return {
    family,
    cases: 0,
    told: 0,
    judged: 0,
    whole: 0,
    valid: 0,
    outOfDate: 0,
    same: 0,
    byText: 0,
    places: 0,
    shared: 0,
    engines: { hl7: none(), hapi: none() },
  };
}

function sharePlaces(one: Case, errors: readonly Issue[], tally: Tally, missed: string[]): void {
  const wanted = new Set(
    (one.expected ?? []).filter(isErrorOf).map(({ expression }) => placeOf({ severity: "error", text: "", at: expression?.[0] ?? "" })),
  );
  tally.places += wanted.size;
  for (const place of wanted)
    if (isToldAt(place, errors)) tally.shared++;
    else
      missed.push(
        `${one.name}: ${place}; ours ${[...new Set(errors.map(({ rule, expression }) => `${rule} at ${expression ?? ""}`))].slice(0, 4).join(", ")}`,
      );
}

const SHOWN = 3;

/** The errors of ours; where we have none, those that are expected, or else of another validator. */
function told({ one, engines }: Judged, errors: readonly Issue[]): string[] {
  if (errors.length > 0) return errors.slice(0, SHOWN).map(({ rule, expression, text }) => `${rule} at ${expression ?? ""}: ${text}`);
  const theirs: readonly Said[] = [engines.hl7, engines.hapi].flatMap((answer) => answer?.issues ?? []).filter(isErrorOf);
  if (theirs.length > 0) return theirs.slice(0, SHOWN).map(({ at, text }) => `${at ?? ""}: ${text}`);
  return (one.expected ?? []).slice(0, SHOWN).map(({ code, expression }) => `${code} at ${expression?.join(", ") ?? ""}`);
}

function beside(engines: Judged["engines"]): string {
  return Object.entries(engines)
    .map(([engine, answer]) => `${engine} ${answer.thrown !== undefined ? "can't tell" : answer.issues.some(isErrorOf) ? "refuses" : "takes"}`)
    .join(", ");
}
