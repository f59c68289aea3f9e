/** What one consent says of which documents, for one question: its rules and their exceptions, taken apart into parts of which each permits or denies. Of anything else it says nothing. */
import { everyOf, notOf, permitsNothing, someOf, type Predicate } from "../../search/predicate.ts";
import { byAction, byPeriod, byPurpose, isRecipient, type ConsentQuestion } from "./caller-conditions.ts";
import { all, ALWAYS, anyOf, NEVER, unknown, type Condition } from "./condition.ts";
import { byClass, byCode, byData, byDataPeriod, byLabel, byParty } from "./document-conditions.ts";
import type { JsonObject } from "../../core/fhir/tree/tree.ts";
import type { ConsentTerms, Effect, Provision } from "./terms.ts";

/** A part of what a consent says. */
export interface Region {
  readonly effect: Effect;
  readonly documents: Predicate;
  /** How many kinds of conditions were named on the way to it; of what could not be evaluated more than any. */
  readonly specificity: number;
  /** The rule that it comes from, and what of it could not be evaluated. */
  readonly place: string;
  readonly unevaluated: readonly string[];
}

/** Of what can't be told: no permission of another consent is more specific. */
const NEVER_OVERRIDDEN = Infinity;

export function regionsOf(terms: ConsentTerms, question: ConsentQuestion): Region[] {
  if (terms.strange.length > 0) return [denial(ALWAYS.possible, "", terms.strange)];
  const { base, root } = terms;
  if (!root) return base === undefined ? [] : [{ effect: base, documents: ALWAYS.certain, specificity: 0, place: "policyRule", unevaluated: [] }];
  // A root rule of another type than the base rule is the exception to it; of the same, it says how far that goes.
  if (base !== undefined && root.type !== undefined && root.type !== base)
    return regionsIn({ effect: base, conditions: new Map(), place: "policyRule", exceptions: [ruleOf(root, root.type, question, new Map())] });
  const effect = root.type ?? base;
  return effect === undefined ? untyped(root, question) : regionsIn(ruleOf(root, effect, question, new Map()));
}

/** Without a type and a base rule the root says to whom and when the rest applies: what is said stands in its exceptions alone. */
function untyped(root: Provision, question: ConsentQuestion): Region[] {
  const rule = ruleOf(root, "permit", question, new Map());
  if (rule.exceptions.length > 0) return rule.exceptions.flatMap(regionsIn);
  return [denial(all([...rule.conditions.values()]).possible, root.place, [`${root.place}.type`])];
}

/** A provision, of a question. */
interface Rule {
  readonly effect: Effect;
  /** Its own and those of the rules above it, by what they are of. */
  readonly conditions: Conditions;
  readonly place: string;
  readonly exceptions: readonly Rule[];
}

type Conditions = ReadonlyMap<string, Condition>;

/**
 * What an exception says of labels takes the place of what the rule above says of them: permitted are normal data, and PSY to one person (IHE PCF, advanced). A denial is as wide as it reads, whatever else the rule above names.
 * All other conditions hold together.
 */
function ruleOf(provision: Provision, effect: Effect, question: ConsentQuestion, above: Conditions): Rule {
  const own = conditionsOf(provision, effect, question);
  const conditions = new Map(above);
  for (const [name, condition] of own) {
    const other = above.get(name);
    const isInstead = name === "securityLabel" || (effect === "deny" && name !== "period");
    conditions.set(name, other === undefined || isInstead ? condition : all([other, condition]));
  }
  return {
    ...{ effect, conditions, place: provision.place },
    // An exception that does not say what it is denies whatever it may be about.
    exceptions: provision.exceptions.map((one) => ruleOf(one, one.type ?? "deny", question, conditions)),
  };
}

/** The conditions that a provision names. */
function conditionsOf(provision: Provision, effect: Effect, question: ConsentQuestion): [string, Condition][] {
  const { body, place } = provision;
  const named: readonly (readonly [string, () => Condition])[] = [
    ["period", () => byPeriod(body.object("period"), question, place)],
    ["purpose", () => byPurpose(body.objects("purpose"), question, place)],
    ["action", () => byAction(body.objects("action"), place)],
    ["securityLabel", () => byLabel(body.objects("securityLabel"), effect, place)],
    ["class", () => byClass(body.objects("class"), place)],
    ["code", () => byCode(body.objects("code"), place)],
    ["dataPeriod", () => byDataPeriod(body.object("dataPeriod"), place)],
    ["data", () => byData(body.objects("data"), provision)],
    ["actor", () => byActor(provision, question)],
  ];
  const said = named.filter(([name]) => body.has(name)).map(([name, of]): [string, Condition] => [name, of()]);
  const untold = provision.type === undefined && place.includes("[") ? [`${place}.type`] : [];
  return [...said, ...[...untold, ...provision.strange].map((element): [string, Condition] => [element, unknown(element)])];
}

/** v3-ParticipationType and kin: whoever receives, whoever wrote, whoever keeps. Actors of one kind are alternatives; of several kinds each is asked. */
const KINDS: Readonly<Record<string, "recipient" | "author" | "custodian">> = {
  IRCP: "recipient",
  PRCP: "recipient",
  GRANTEE: "recipient",
  AUT: "author",
  CST: "custodian",
};

function byActor(provision: Provision, question: ConsentQuestion): Condition {
  const { body, contained, place } = provision;
  const element = `${place}.actor`;
  const actors = body.objects("actor").map((actor) => ({ actor, kind: kindOf(actor) }));
  const kinds = Map.groupBy(actors, ({ kind }) => kind);
  return all(
    [...kinds].map(([kind, some]) =>
      anyOf(
        some.map(({ actor }) => {
          const reference = actor.object("reference");
          if (kind === undefined || !reference) return unknown(kind === undefined ? `${element}.role` : element);
          if (kind !== "recipient") return byParty(reference, kind === "author" ? "authors" : "custodian", contained, element);
          const is = isRecipient(reference, contained, question.caller);
          return is === "yes" ? ALWAYS : is === "no" ? NEVER : unknown(element);
        }),
      ),
    ),
  );
}

/** Whom a provision itself names as recipients: all that it asks of the caller. */
export function recipientsOf({ body }: Provision): JsonObject[] {
  return body.objects("actor").flatMap((actor) => (kindOf(actor) === "recipient" ? (actor.object("reference") ?? []) : []));
}

function kindOf(actor: JsonObject): "recipient" | "author" | "custodian" | undefined {
  const codes = actor.object("role")?.objects("coding") ?? [];
  return codes.flatMap((coding) => KINDS[coding.string("code") ?? ""] ?? [])[0];
}

/** The parts of a rule and its exceptions. Among exceptions that overlap, a denial wins. */
function regionsIn({ effect, conditions, place, exceptions }: Rule): Region[] {
  const specificity = conditions.size;
  const inner = exceptions.flatMap(regionsIn);
  const of = (wanted: Effect): Predicate => someOf(inner.filter((one) => one.effect === wanted).map(({ documents }) => documents));
  const [permitted, denied] = [of("permit"), of("deny")];
  const free = everyOf(permitted, notOf(denied));
  const { certain, possible, unevaluated } = all([...conditions.values()]);
  const own: Region[] =
    effect === "permit"
      ? [
          { effect, documents: everyOf(certain, notOf(denied)), specificity, place, unevaluated: [] },
          // Whether it permits these, nobody can tell.
          ...(unevaluated.length > 0 ? [denial(everyOf(possible, notOf(certain), notOf(permitted)), place, unevaluated)] : []),
        ]
      : [
          {
            ...{ effect, documents: everyOf(possible, notOf(free)), place, unevaluated },
            specificity: unevaluated.length > 0 ? NEVER_OVERRIDDEN : specificity,
          },
        ];
  const nested = inner.map((one): Region => (one.effect === "permit" ? { ...one, documents: everyOf(one.documents, notOf(denied)) } : one));
  return [...own, ...nested].filter(({ documents }) => !permitsNothing(documents));
}

function denial(documents: Predicate, place: string, unevaluated: readonly string[]): Region {
  return { effect: "deny", documents, specificity: NEVER_OVERRIDDEN, place, unevaluated };
}
