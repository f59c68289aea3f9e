import { isDeepStrictEqual } from "node:util";
import type { Conformance } from "../../src/core/fhir/conformance/conformance.ts";
import type { ElementDefinition } from "../../src/core/fhir/conformance/structure-definition.ts";
import { ASPECTS, aspectsOf, byId, type Difference, type Elements } from "./compare-snapshots.ts";

/** What a difference is judged by. */
export interface Judged {
  readonly ours: Elements;
  readonly theirs: Elements;
  /** The snapshot that its base was published with. */
  readonly base: Elements | undefined;
  readonly conformance: Conformance;
  readonly isOfR4: (key: string) => boolean;
}

const CORE = "http://hl7.org/fhir/StructureDefinition/";

/** Why a snapshot of ours and the published one differ where both say the same of documents; undefined where they do not, or nobody looked. docs/snapshots.md has the same list in words. */
export function reasonOf(difference: Difference, judged: Judged): string | undefined {
  return REASONS.find(([, holds]) => holds(difference, judged))?.[0];
}

const REASONS: readonly (readonly [string, (difference: Difference, judged: Judged) => boolean])[] = [
  ["slicing of extensions by url, said where there is no slice", isSlicingOfExtensions],
  ["an element that says no more than R4 or than what it is a slice of", saysNoMore],
  ["said of a slice as of what it is a slice of", isSaidOfEntry],
  ["what slices of it must be there, counted", isCounted],
  ["a choice by type, closed where nothing is left", isClosed],
  ["a binding of types that have no codes", isBindingWithoutCodes],
  ["constraints of the profile of a type, which is held to it anyway", isOfProfile],
  [
    "types of a choice that a slice of one type narrowed, as publishers of R4's time had it; by R4's text a slice forbids no other type",
    isNarrowedBySlice,
  ],
  ["types of a choice published as none, or with types of R5", isOfOtherTypes],
  ["content of the base that the publisher lost", isLost],
  ["R4's own content published where the profile of a type says more", isOfR4Alone],
  ["content of an extension whose definition is not held", isOfUnheld],
];

function isSlicingOfExtensions({ what, id, ours, theirs }: Difference): boolean {
  const isByUrl = (slicing: unknown): boolean => slicing === undefined || isDeepStrictEqual(slicing, [["value:url"], "open", false]);
  return what === "slicing" && /xtension$/.test(id) && isByUrl(ours) && isByUrl(theirs);
}

function saysNoMore({ what, id }: Difference, { ours, theirs, conformance, isOfR4 }: Judged): boolean {
  const element = what === "more" ? ours.get(id) : what === "missing" ? theirs.get(id) : undefined;
  if (element === undefined || element.sliceName !== undefined) return false;
  const isLike = (other: ElementDefinition | undefined): boolean => {
    if (other === undefined) return false;
    const [a, b] = [aspectsOf(element, isOfR4), aspectsOf(other, isOfR4)];
    return ASPECTS.every((aspect) => aspect === "slicing" || isDeepStrictEqual(a[aspect], b[aspect]));
  };
  const all = [...ours, ...theirs].filter(([other]) => other === unsliced(id) && other !== id).map(([, other]) => other);
  return isLike(ofR4(element, conformance)) || all.some(isLike);
}

/** The element of R4 that one comes from. */
function ofR4({ base, path }: ElementDefinition, conformance: Conformance): ElementDefinition | undefined {
  const from = base?.path ?? path;
  const definition = conformance.structureDefinition(CORE + (from.split(".")[0] ?? ""))?.resource;
  return definition?.snapshot && byId(definition.snapshot.element).get(from);
}

/** The id without the last of its slices: `a:x.b:y.c` comes to `a:x.b.c`. */
function unsliced(id: string): string {
  return id.replace(/:[^.:]*(?=(?:\.[^:]*)?$)/, "");
}

function isSaidOfEntry({ what, id }: Difference, { ours, theirs, isOfR4 }: Judged): boolean {
  if (what === "missing" || what === "more" || unsliced(id) === id) return false;
  const [entries, own] = [
    [ours.get(unsliced(id)), theirs.get(unsliced(id))],
    [ours.get(id), theirs.get(id)],
  ];
  return entries.some((entry) => entry && own.some((one) => one && isDeepStrictEqual(aspectsOf(one, isOfR4)[what], aspectsOf(entry, isOfR4)[what])));
}

function isCounted({ what, id, ours, theirs }: Difference, judged: Judged): boolean {
  if (what !== "min") return false;
  const slices = [...judged.ours].filter(([other]) => unsliced(other) === id && other !== id && !other.slice(id.length).includes("."));
  const sum = slices.reduce((least, [, { min = 0 }]) => least + min, 0);
  return slices.length > 0 && [ours, theirs].includes(sum);
}

function isClosed({ what, id, ours, theirs }: Difference, judged: Judged): boolean {
  const isByType = (slicing: unknown): boolean => Array.isArray(slicing) && isDeepStrictEqual(slicing[0], ["type:$this"]);
  if (what !== "slicing" || !id.endsWith("[x]") || !isByType(ours ?? theirs)) return false;
  return [judged.ours, judged.theirs].some((elements) => {
    const types = elements.get(id)?.type?.map(({ code }) => code) ?? [];
    const sliced = [...elements].filter(([other]) => other.startsWith(`${id}:`)).flatMap(([, { type = [] }]) => type.map(({ code }) => code));
    return types.every((code) => sliced.includes(code)) || types.length === 1;
  });
}

function isBindingWithoutCodes({ what, id, ours, theirs }: Difference, judged: Judged): boolean {
  const codes = new Set((judged.ours.get(id)?.type ?? []).map(({ code }) => code));
  return (
    what === "binding" &&
    (ours === undefined || theirs === undefined) &&
    !["code", "Coding", "CodeableConcept", "Quantity", "string", "uri"].some((code) => codes.has(code))
  );
}

function isOfProfile({ what, id, ours, theirs }: Difference, judged: Judged): boolean {
  if (what !== "constraint") return false;
  const profiles = [judged.ours.get(id), judged.theirs.get(id)].flatMap((element) => element?.type?.flatMap(({ profile = [] }) => profile) ?? []);
  const keys = new Set(profiles.flatMap((profile) => constraintsOfRoot(profile, judged.conformance)));
  const [a, b] = [ours as readonly string[], theirs as readonly string[]];
  return [...a.filter((key) => !b.includes(key)), ...b.filter((key) => !a.includes(key))].every((key) => keys.has(key));
}

/** Those of a profile's root and of what it stands upon. */
function constraintsOfRoot(canonical: string, conformance: Conformance, depth = 0): readonly string[] {
  const definition = depth > 20 ? undefined : conformance.structureDefinition(canonical)?.resource;
  if (definition === undefined) return [];
  const { snapshot, differential, baseDefinition } = definition;
  const root = [...(snapshot?.element ?? []), ...(differential?.element ?? [])].filter(({ path }) => !path.includes("."));
  const below = baseDefinition === undefined ? [] : constraintsOfRoot(baseDefinition, conformance, depth + 1);
  return [...root.flatMap(({ constraint = [] }) => constraint.map(({ key }) => key)), ...below];
}

function codesOf(types: unknown): readonly string[] {
  return (types as readonly (readonly [string])[]).map(([code]) => code);
}

function isNarrowedBySlice({ what, id, ours, theirs }: Difference, judged: Judged): boolean {
  if (what !== "type" || !id.endsWith("[x]")) return false;
  const [a, b] = [codesOf(ours), codesOf(theirs)];
  const sliced = [...judged.ours].filter(([other]) => other.startsWith(`${id}:`)).flatMap(([, { type = [] }]) => type.map(({ code }) => code));
  return b.length > 0 && b.every((code) => a.includes(code) && sliced.includes(code));
}

function isOfOtherTypes({ what, id, ours, theirs }: Difference, { conformance }: Judged): boolean {
  if (what !== "type" || !id.endsWith("[x]")) return false;
  const [a, b] = [codesOf(ours), codesOf(theirs)];
  const others = b.filter((code) => !a.includes(code));
  return (
    b.length === 0 ||
    (others.length > 0 && others.every((code) => code.startsWith("integer64") || conformance.structureDefinition(CORE + code) === undefined))
  );
}

function isLost({ what, id }: Difference, { base }: Judged): boolean {
  return what === "more" && base?.has(id) === true;
}

function isOfR4Alone({ what, id, theirs }: Difference, judged: Judged): boolean {
  if (what === "missing" || what === "more") return false;
  const element = judged.theirs.get(id);
  const own = element && ofR4(element, judged.conformance);
  return own !== undefined && isDeepStrictEqual(aspectsOf(own, judged.isOfR4)[what], theirs) && profilesAbove(id, judged.ours).length > 0;
}

/** The profiles of the types of an element and of those that it is in. */
function profilesAbove(id: string, elements: Elements): readonly string[] {
  const parts = id.split(".");
  return parts.flatMap((_, at) => elements.get(parts.slice(0, at + 1).join("."))?.type?.flatMap(({ profile = [] }) => profile) ?? []);
}

function isOfUnheld({ id }: Difference, { ours, conformance }: Judged): boolean {
  return profilesAbove(id, ours).some((profile) => conformance.structureDefinition(profile) === undefined);
}
