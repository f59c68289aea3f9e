import type { Conformance, Origin } from "../conformance/conformance.ts";
import type { CodeTable } from "./code-table.ts";
import { Asking } from "./deciding.ts";
import { isAbstract, isInactive } from "./concept-facts.ts";
import { judgedByGrammar } from "./grammars.ts";
import type { CodeAnswer, Coded, Heard, MembershipAnswer, Terms } from "./terms.ts";
import { ValueSets } from "./value-sets.ts";

/** @param heard what a terminology server answered before; asked last */
export function createTerms({ conformance, heard }: { readonly conformance: Conformance; readonly heard?: Heard | undefined }): Terms {
  return termsOf(new ValueSets(conformance), heard);
}

/** The same over value sets that somebody else asks, too: what is compiled is compiled once. */
export function termsOf(sets: ValueSets, heard?: Heard): Terms {
  return {
    membership: (valueSet, coded, from) => membership(valueSet, coded, from, sets, heard),
    code: (coded, from) => codeAnswer(coded, from, sets, heard),
    subsumes: (ancestor, descendant, from) => subsumes(ancestor, descendant, from, sets),
  };
}

const DECIDED: readonly string[] = [];

function membership(valueSet: string, coded: Coded, from: Origin | undefined, sets: ValueSets, heard: Heard | undefined): MembershipAnswer {
  const asking = new Asking();
  const answer = sets.decide(valueSet, from).decide(coded, asking);
  if (answer !== "unknown") return { membership: answer, unheld: DECIDED };
  const told = heard?.membership(asHeld(valueSet, from, sets), coded);
  if (told !== undefined && told !== "unknown") return { membership: told, unheld: DECIDED };
  return { membership: answer, unheld: asking.unheld.size > 0 ? [...asking.unheld] : [valueSet] };
}

/** The canonical of a value set with the version that is held: what a server says of one counts for no other. */
function asHeld(canonical: string, from: Origin | undefined, { conformance }: ValueSets): string {
  const { url, version } = conformance.valueSet(canonical, from)?.resource ?? {};
  return url === undefined || version === undefined ? canonical : `${url}|${version}`;
}

function codeAnswer(coded: Coded, from: Origin | undefined, { tables }: ValueSets, heard: Heard | undefined): CodeAnswer {
  const { system, code, version } = coded;
  if (system === undefined) return { membership: "unknown" };
  const found = tables.among(system, version, from);
  for (const table of found) {
    const place = table.place(code);
    if (place !== undefined) return answerAt(place, table);
  }
  // Another version may have what this one has not.
  const isKnownVersion = version === undefined || tables.of(system, version, from) !== undefined;
  if (isKnownVersion && found.some(({ isWhole }) => isWhole)) return { membership: "stranger" };
  const byGrammar = judgedByGrammar(system, code);
  if (byGrammar !== undefined && byGrammar !== "unknown") return { membership: byGrammar };
  return heard?.code(coded) ?? { membership: "unknown" };
}

function answerAt(place: number, { concepts, resource }: CodeTable): CodeAnswer {
  const concept = concepts[place];
  if (!concept) return { membership: "member" };
  return {
    membership: "member",
    ...(concept.display !== undefined && { display: concept.display }),
    ...(isInactive(concept, resource) && { inactive: true }),
    ...(isAbstract(concept, resource) && { abstract: true }),
  };
}

/** R4 codesystem-operation-subsumes.html: by nesting, or by the properties that say the same, of one system. */
function subsumes(ancestor: Coded, descendant: Coded, from: Origin | undefined, { tables }: ValueSets): boolean | undefined {
  if (ancestor.system === undefined || ancestor.system !== descendant.system) return undefined;
  for (const table of tables.among(ancestor.system, ancestor.version ?? descendant.version, from)) {
    const [above, below] = [table.place(ancestor.code), table.place(descendant.code)];
    if (above === undefined || below === undefined) continue;
    if (above === below) return true;
    // What stands below for another reason is no kind of it.
    if (!isKindOf(table)) return undefined;
    if (table.ancestors(below).has(above)) return true;
    return table.isWhole ? false : undefined;
  }
  return undefined;
}

function isKindOf({ resource }: CodeTable): boolean {
  return resource.hierarchyMeaning === undefined || resource.hierarchyMeaning === "is-a";
}
