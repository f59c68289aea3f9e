import type { Severity } from "../../../core/fhir/issue.ts";
import type { RuleId } from "../catalogue/catalogue.ts";
import type { Findings, Finding } from "../findings.ts";
import type { ConstraintPlan } from "./plan.ts";

/** Where something is otherwise than a profile has it. */
export interface Difference {
  readonly expression: string;
  readonly offset: number;
  readonly text: string;
}

/** What was found, and where. What costs something to say is made only when somebody listens. */
export interface Said {
  readonly rule: RuleId;
  readonly severity: Severity;
  /** An invariant of the profile in the place of a rule of the catalogue. */
  readonly constraint?: ConstraintPlan;
  readonly offset: number;
  /** Where something is missing, what it is missing in. */
  readonly within?: unknown;
  /** The path of the element, as policies name it. */
  readonly about: string;
  readonly expression: () => string;
  readonly text: () => string;
}

/** Under which rules findings are told. */
export interface Naming {
  readonly named: (said: Said) => Said;
  /** Whether it stands for several things about one element, and is told once of each. */
  readonly isToldOnce: (rule: RuleId) => boolean;
}

/** Something that has to hold besides: of a reference, that what it leads to holds to one of its target profiles. */
export interface Need<Pair> {
  readonly alternatives: readonly Pair[];
  /** Undefined where it is told by whoever stands there. */
  readonly said: Said | undefined;
}

/**
 * What one holding of an element against a plan gathers. `tell` listens to everything and passes it on, `explain` keeps the first difference, `ask` wants to know no more than whether there is
 * one: then the walk ends with it.
 */
export class Sink<Pair> {
  readonly kind: "tell" | "explain" | "ask";
  readonly #findings: Findings | undefined;
  readonly #title: string;
  isBroken = false;
  /** Whether of something nobody could tell. */
  isOpen = false;
  /** Whether there is something to tell that is no error. */
  hasRemarks = false;
  first: Difference | undefined;
  readonly needs: Need<Pair>[] = [];

  readonly #places = new Set<string>();
  readonly #naming: Naming | undefined;

  /**
   * @param title how findings name the profile
   * @param naming under which rules findings are told, where those are others
   */
  constructor(kind: Sink<Pair>["kind"], findings?: Findings, title = "", naming?: Naming) {
    this.kind = kind;
    this.#findings = findings;
    this.#title = title;
    this.#naming = naming;
  }

  /** Whether the walk need not go on. */
  get isDone(): boolean {
    return this.isBroken && this.kind !== "tell";
  }

  say(said: Said): void {
    const { severity, constraint, offset } = said;
    if (severity === "error" || severity === "fatal") this.isBroken = true;
    else {
      this.hasRemarks = true;
      if (this.kind !== "tell") return;
    }
    if (this.kind === "ask") return;
    const told = { expression: said.expression(), offset, text: said.text() };
    if (this.isBroken) this.first ??= told;
    if (!this.#findings) return;
    const text = `${this.#title}${told.text}`;
    const { expression } = told;
    const { rule, about } = this.#naming?.named(said) ?? said;
    if (this.#naming?.isToldOnce(rule) === true && this.#isRepeated(rule, expression)) return;
    if (constraint) this.#findings.addInvariant({ ...constraint, expression: constraint.text }, { expression, offset, text, about });
    else this.#findings.add({ rule, severity, expression, offset, text, about } as Finding);
  }

  #isRepeated(rule: RuleId, expression: string): boolean {
    const place = `${rule} ${expression}`;
    const isRepeated = this.#places.has(place);
    this.#places.add(place);
    return isRepeated;
  }
}
