/**
 * Certificate policies along a path (RFC 5280 section 6.1), by the graph of RFC 9618: each level has a policy once, so that mappings that multiply cost what their certificates
 * measure.
 */
import { countIn, type Extension } from "./certificate-fields.ts";
import { contentOf, DerError, identifierIn, TAG, valuesIn, type DerValue } from "./read-der.ts";

/** What whoever asks wants of the policies (RFC 5280 section 6.1.1); nothing, where it does not say. */
export interface PolicyQuestion {
  /** user-initial-policy-set: object identifiers; undefined: any. */
  readonly accepted?: ReadonlySet<string>;
  readonly isExplicit?: boolean;
  readonly isMappingInhibited?: boolean;
  readonly isAnyInhibited?: boolean;
}

/** What one certificate says of policies. */
export interface PolicyRules {
  /** Undefined where it says nothing. */
  readonly policies: ReadonlySet<string> | undefined;
  /** By the issuer's policy, those of the subject that it counts as. */
  readonly mappings: ReadonlyMap<string, ReadonlySet<string>>;
  readonly requireExplicit: number | undefined;
  readonly inhibitMapping: number | undefined;
  readonly inhibitAny: number | undefined;
}

const POLICIES = "2.5.29.32";
const MAPPINGS = "2.5.29.33";
const CONSTRAINTS = "2.5.29.36";
const INHIBIT_ANY = "2.5.29.54";
const ANY = "2.5.29.32.0";

/** The extensions that are read here. */
export const POLICY_EXTENSIONS: readonly string[] = [POLICIES, MAPPINGS, CONSTRAINTS, INHIBIT_ANY];

/** DerError for what cannot be read or must not be so: a policy that stands there twice, a mapping of any policy. */
export function readPolicyRules(extensions: ReadonlyMap<string, Extension>): PolicyRules {
  const valueOf = (name: string): DerValue | undefined => extensions.get(name)?.value;
  const listed = valueOf(POLICIES);
  const policies = listed && valuesIn(listed, TAG.sequence).map((information) => identifierIn(valuesIn(information, TAG.sequence)[0]));
  if (policies && (policies.length === 0 || new Set(policies).size < policies.length)) throw new DerError("a policy that stands there twice");
  const mapped = valueOf(MAPPINGS);
  const mappings = new Map<string, Set<string>>();
  for (const pair of mapped ? valuesIn(mapped, TAG.sequence) : []) {
    const [from, to] = valuesIn(pair, TAG.sequence).map(identifierIn);
    if (from === undefined || to === undefined || from === ANY || to === ANY) throw new DerError("a mapping of any policy");
    mappings.set(from, (mappings.get(from) ?? new Set()).add(to));
  }
  const constraints = new Map((valueOf(CONSTRAINTS) ? valuesIn(valueOf(CONSTRAINTS), TAG.sequence) : []).map((part) => [part.tag, part.content]));
  const inhibited = valueOf(INHIBIT_ANY);
  return {
    policies: policies && new Set(policies),
    mappings,
    requireExplicit: smallNumber(constraints.get(0x80)),
    inhibitMapping: smallNumber(constraints.get(0x81)),
    inhibitAny: inhibited && smallNumber(contentOf(inhibited, TAG.integer)),
  };
}

function smallNumber(content: Uint8Array | undefined): number | undefined {
  return content && countIn({ tag: TAG.integer, content, whole: content });
}

interface Node {
  /** Policies of the next certificate that count as this one. */
  readonly expected: ReadonlySet<string>;
  /** Whether whoever asks accepts what it began as. */
  readonly isAccepted: boolean;
}

/** The state between one certificate and the next, from the anchor's side. */
export class PolicyWalk {
  readonly #accepted: ReadonlySet<string> | undefined;
  #level: Map<string, Node>;
  #explicit: number;
  #mapping: number;
  #any: number;

  /** @param length of the path, its anchor apart */
  constructor({ accepted, isExplicit, isMappingInhibited, isAnyInhibited }: PolicyQuestion, length: number) {
    this.#accepted = accepted;
    this.#level = new Map([[ANY, { expected: new Set([ANY]), isAccepted: accepted === undefined || accepted.has(ANY) }]]);
    this.#explicit = isExplicit ? 0 : length + 1;
    this.#mapping = isMappingInhibited ? 0 : length + 1;
    this.#any = isAnyInhibited ? 0 : length + 1;
  }

  /** Takes the next certificate. Whether its policies are right so far. */
  take(rules: PolicyRules, { isSelfIssued, isLast }: { readonly isSelfIssued: boolean; readonly isLast: boolean }): boolean {
    this.#level = this.#next(rules.policies, this.#any > 0 || (!isLast && isSelfIssued));
    if (this.#explicit === 0 && this.#level.size === 0) return false;
    if (isLast) return this.#end(rules);
    for (const [from, to] of rules.mappings) this.#map(from, to);
    if (!isSelfIssued) {
      this.#explicit = Math.max(0, this.#explicit - 1);
      this.#mapping = Math.max(0, this.#mapping - 1);
      this.#any = Math.max(0, this.#any - 1);
    }
    this.#explicit = Math.min(this.#explicit, rules.requireExplicit ?? this.#explicit);
    this.#mapping = Math.min(this.#mapping, rules.inhibitMapping ?? this.#mapping);
    this.#any = Math.min(this.#any, rules.inhibitAny ?? this.#any);
    return true;
  }

  /** Section 6.1.3 (d) and (e). */
  #next(policies: ReadonlySet<string> | undefined, mayBeAny: boolean): Map<string, Node> {
    const level = new Map<string, Node>();
    const accepting = new Map<string, boolean>();
    for (const [policy, { expected, isAccepted }] of this.#level)
      if (policy !== ANY) for (const each of expected) accepting.set(each, isAccepted || accepting.get(each) === true);
    const any = this.#level.get(ANY);
    const add = (policy: string, isAccepted: boolean): unknown => level.set(policy, { expected: new Set([policy]), isAccepted });
    for (const policy of policies ?? []) {
      if (policy === ANY) continue;
      const isAccepted = accepting.get(policy);
      if (isAccepted !== undefined) add(policy, isAccepted);
      else if (any) add(policy, this.#isAccepted(policy));
    }
    if (policies?.has(ANY) && mayBeAny) {
      for (const [policy, isAccepted] of accepting) if (!level.has(policy)) add(policy, isAccepted);
      if (any) level.set(ANY, any);
    }
    return level;
  }

  /** Section 6.1.4 (b). */
  #map(from: string, to: ReadonlySet<string>): void {
    const node = this.#level.get(from);
    if (this.#mapping === 0) this.#level.delete(from);
    else if (node) this.#level.set(from, { ...node, expected: to });
    else if (this.#level.has(ANY)) this.#level.set(from, { expected: to, isAccepted: this.#isAccepted(from) });
  }

  /** Sections 6.1.5 (a), (b) and (g). */
  #end({ requireExplicit }: PolicyRules): boolean {
    const explicit = requireExplicit === 0 ? 0 : Math.max(0, this.#explicit - 1);
    // Whatever lies below any policy may be one that is accepted.
    return explicit > 0 || [...this.#level].some(([policy, { isAccepted }]) => policy === ANY || isAccepted);
  }

  #isAccepted(policy: string): boolean {
    return this.#accepted === undefined || this.#accepted.has(ANY) || this.#accepted.has(policy);
  }
}
