/**
 * The consents that are in force, so that each question is answered for all patients at once: of each patient is kept what their consents leave for whoever asks, and the question goes by that. docs/design/consent.md.
 */
import type { JsonObject } from "../../core/fhir/tree/tree.ts";
import { digestOf } from "../../core/crypto/digest.ts";
import { everyOf, notOf, PERMIT_ALL, permits, ruledBy, ruleOf, someOf, type Predicate, type PredicateFacts } from "../../search/predicate.ts";
import type { ConsentCaller, ConsentQuestion } from "./caller-conditions.ts";
import { callerAmong, circumstanceOf, joined, type Circumstances } from "./circumstances.ts";
import type { Standing } from "./combined.ts";
import {
  consentingPersons,
  namesOf,
  type ConsentingPersons,
  type ConsentPatient,
  type EnteredConsent,
  type NamedConsent,
} from "./consenting-persons.ts";
import { CONSENT_LIMITS, tooMuch } from "./same-terms.ts";
import { isInForce, termsOf, type ConsentTerms } from "./terms.ts";

/** What happens to documents of patients who said nothing: `opt-out`: they are permitted; `opt-in`: they are not. */
export type ConsentModel = "opt-in" | "opt-out";

/** What consents leave of one question. */
export interface ByConsent {
  readonly permitted: Predicate;
  /** Why a document is permitted, or is not; `consents`: those that say so. */
  reasonOf(facts: PredicateFacts): { readonly text: string; readonly consents: readonly NamedConsent[] };
}

/** Of so many circumstances it is kept what consents leave. */
const MOST_ANSWERS = 32;
/** Of so many callers it is kept who they are among those that consents name. */
const MOST_CALLERS = 1_000;

/** What is left for some circumstances. */
interface Answer {
  readonly permitted: Predicate;
  /** Of whom more is left than can be asked of all. */
  readonly beyond: ReadonlySet<ConsentingPersons>;
}

type Member = { readonly group: ConsentingPersons } & ConsentingPersons["members"][number];

export class ConsentBook {
  readonly #groups: ReadonlyMap<string, ConsentingPersons>;
  readonly #circumstances: Circumstances;
  readonly #answers = new Map<string, Answer>();
  readonly #callers = new Map<string, string>();
  /** What a resource says does not change: it is taken apart once, however often others are entered. */
  readonly #terms: WeakMap<JsonObject, ConsentTerms>;
  /** Whom a document may be about, by the names of namesOf; made when a reason is asked for. */
  #members: ReadonlyMap<string, readonly Member[]> | undefined;

  /** @param before a book that was made before, of which most stands still */
  constructor(consents: readonly EnteredConsent[], before?: ConsentBook) {
    this.#terms = before === undefined ? new WeakMap() : before.#terms;
    const inForce = consents.filter(({ resource }) => isInForce(resource));
    this.#groups = consentingPersons(inForce, (resource) => this.#termsOf(resource), before === undefined ? new Map() : before.#groups);
    this.#circumstances = joined([...this.#groups.values()].map(({ terms: { circumstances } }) => circumstances));
  }

  ask(question: ConsentQuestion, model: ConsentModel): ByConsent {
    const key = `${model} ${circumstanceOf(this.#circumstances, question, this.#among(question.caller))}`;
    const answer = this.#answers.get(key) ?? this.#answer(question, model);
    keep(this.#answers, key, answer, MOST_ANSWERS);
    return { permitted: answer.permitted, reasonOf: (facts) => this.#reasonOf(question, answer, facts) };
  }

  #among(caller: ConsentCaller): string {
    const { kind, issuer, subject, client, organisations, fhirUser } = caller;
    const key = JSON.stringify([kind, issuer, subject, client, organisations, fhirUser]);
    const among = this.#callers.get(key) ?? digestOf(callerAmong(this.#circumstances, caller));
    keep(this.#callers, key, among, MOST_CALLERS);
    return among;
  }

  #answer(question: ConsentQuestion, model: ConsentModel): Answer {
    const parts = [...this.#groups.values()].map((group) => {
      const left = group.terms.left(question);
      return { group, left, size: left.sizes.denied + (model === "opt-in" ? left.sizes.permitted : 0) };
    });
    // Whoever said most is the first of whom nothing is given: nobody can talk others out of the limit.
    const bySize = parts.toSorted((one, other) => one.size - other.size);
    let total = 0;
    const within = bySize.filter(({ size }) => (total += size) <= CONSENT_LIMITS.allConditions);
    const beyond = new Set(bySize.slice(within.length).map(({ group }) => group));
    const of = (effect: "denied" | "permitted"): Predicate =>
      ruledBy(
        parts.flatMap(({ group, left }) => {
          const rule = effect === "denied" && beyond.has(group) ? ALL : left[effect];
          return rule === undefined ? [] : group.members.map(({ patient }) => ({ patients: patient, rule }));
        }),
      );
    const allowed = notOf(of("denied"));
    return { permitted: model === "opt-out" ? allowed : everyOf(of("permitted"), allowed), beyond };
  }

  #reasonOf(question: ConsentQuestion, { beyond }: Answer, facts: PredicateFacts): ReturnType<ByConsent["reasonOf"]> {
    const members = (this.#members ??= membersOf(this.#groups.values()));
    const about = [...new Set(namesOf({ keys: facts.patient, documents: [facts.id] }).flatMap((name) => members.get(name) ?? []))];
    const found = about.map(({ group, consents }) => ({ consents, said: beyond.has(group) ? BEYOND_ALL : group.terms.said(question) }));
    for (const list of ["denies", "permits"] as const) {
      const named = found.flatMap(({ consents, said }) =>
        said[list].filter(({ documents }) => permits(documents, facts)).map((region) => ({ region, consent: consents[region.of] })),
      );
      const [first] = named;
      if (!first?.consent) continue;
      const consents = named.flatMap(({ consent }) => consent ?? []).filter((one, at, all) => all.findIndex(({ id }) => id === one.id) === at);
      return { text: textOf(first.region, first.consent), consents };
    }
    return { text: "no consent says anything of it", consents: [] };
  }

  #termsOf(resource: JsonObject): ConsentTerms {
    const terms = this.#terms.get(resource) ?? termsOf(resource);
    this.#terms.set(resource, terms);
    return terms;
  }
}

/** Keeps what was asked for last: it stands last. */
function keep<Value>(kept: Map<string, Value>, key: string, value: Value, most: number): void {
  kept.delete(key);
  kept.set(key, value);
  if (kept.size > most) kept.delete([...kept.keys()][0] ?? "");
}

const ALL = ruleOf(PERMIT_ALL);
const BEYOND_ALL = tooMuch(`more than ${CONSENT_LIMITS.allConditions} conditions of all consents together`);

function membersOf(groups: Iterable<ConsentingPersons>): ReadonlyMap<string, readonly Member[]> {
  const members = new Map<string, Member[]>();
  for (const group of groups)
    for (const member of group.members)
      for (const name of namesOf(member.patient)) {
        const known = members.get(name);
        if (known) known.push({ group, ...member });
        else members.set(name, [{ group, ...member }]);
      }
  return members;
}

function textOf({ effect, place, unevaluated }: Standing, { id, version }: NamedConsent): string {
  const says = `Consent/${id}/_history/${version} ${effect === "permit" ? "permits" : "denies"} it`;
  return unevaluated.length === 0 ? `${says} (${place})` : `${says}: ${unevaluated.join(", ")} could not be evaluated`;
}

/** The documents of a patient. */
export function documentsOf({ keys, documents }: ConsentPatient): Predicate {
  return someOf([
    ...(keys.length > 0 ? [{ kind: "any" as const, column: "patient" as const, values: keys }] : []),
    ...(documents.length > 0 ? [{ kind: "document" as const, ids: documents }] : []),
  ]);
}
