/**
 * A terminology server (R4 terminology-service.html), asked about codes that nothing here can tell. Whoever asks waits no longer than a set time; what comes later is there for the next. It is asked about
 * the same only once, and while it is away not at all.
 */
import type { AskTerminology, TerminologyAnswer, TerminologyQuestion } from "../../core/fhir/terminology/questions.ts";
import { isAskable, keyOf } from "../../core/fhir/terminology/questions.ts";
import { namesSystem, sentValueSet, type HeldValueSets } from "../../core/fhir/terminology/sent-value-set.ts";
import { lookedUp, mayHave, serverFacts, validated, type ServerFacts, type Told } from "../../core/fhir/terminology/server-answers.ts";
import { KeptAnswers } from "./kept-answers.ts";
import { Outage, TerminologyCalls, type TerminologyAddress } from "./terminology-calls.ts";

export interface TerminologyLimits {
  /** Milliseconds for which whoever asks waits, for all of its questions. */
  readonly time: number;
  /** Milliseconds of one call, which may go on when nobody waits any more. */
  readonly call: number;
  /** Calls at once, and questions that wait for their turn. */
  readonly calls: number;
  readonly waiting: number;
  /** Failures in a row, after which it is left alone, and milliseconds for which it is. */
  readonly failures: number;
  readonly rest: number;
  /** Answers that are kept; milliseconds for which a yes or no is, one of *unknown*, and one that a single question gets no answer. */
  readonly answers: number;
  readonly kept: number;
  readonly unknown: number;
  readonly failed: number;
  /** Milliseconds after which it is asked again what it is and has. */
  readonly facts: number;
}

export const TERMINOLOGY_LIMITS: TerminologyLimits = {
  ...{ time: 2_000, call: 6_000, calls: 8, waiting: 2_000, failures: 5, rest: 30_000 },
  ...{ answers: 100_000, kept: 86_400_000, unknown: 3_600_000, failed: 60_000, facts: 3_600_000 },
};

export interface TerminologyServerOptions {
  readonly address: TerminologyAddress;
  /** What the loaded definitions hold: their value sets, and whether they know a code system, with its codes or without. */
  readonly valueSet: HeldValueSets;
  readonly isKnownSystem: (system: string) => boolean;
  readonly limits?: Partial<TerminologyLimits> | undefined;
  /** Told why it is left alone, and for how many milliseconds. */
  onRest(reason: string, rest: number): void;
}

/** What became of questions. `withheld`: nothing left for them; `late`: not answered in time. */
export type TerminologyTally = Record<"remembered" | "member" | "stranger" | "unknown" | "withheld" | "failed" | "late" | "resting", number>;

export interface TerminologyServer {
  readonly ask: AskTerminology;
  /** What it is. AppError `unavailable` when it does not say. */
  facts(): Promise<ServerFacts>;
  readonly tally: Readonly<TerminologyTally>;
  isResting(): boolean;
  close(): void;
}

export function openTerminologyServer(options: TerminologyServerOptions): TerminologyServer {
  return new AskedServer(options);
}

const UNKNOWN: TerminologyAnswer = { membership: "unknown" };

class AskedServer implements TerminologyServer {
  readonly #options: TerminologyServerOptions;
  readonly #limits: TerminologyLimits;
  readonly #calls: TerminologyCalls;
  readonly #kept: KeptAnswers<TerminologyAnswer>;
  readonly #running = new Map<string, Promise<TerminologyAnswer | undefined>>();
  /** Value sets of which it said that it does not know them. */
  readonly #strange: KeptAnswers<true>;
  readonly #waiting: (() => void)[] = [];
  readonly tally: TerminologyTally = { remembered: 0, member: 0, stranger: 0, unknown: 0, withheld: 0, failed: 0, late: 0, resting: 0 };
  #active = 0;
  #failures = 0;
  #restsUntil = -Infinity;
  /** When something was answered last. */
  #heardAt = -Infinity;
  #facts: { readonly facts: ServerFacts; readonly until: number } | undefined;
  #asking: Promise<ServerFacts> | undefined;

  constructor(options: TerminologyServerOptions) {
    this.#options = options;
    this.#limits = { ...TERMINOLOGY_LIMITS, ...options.limits };
    const { call, calls, answers } = this.#limits;
    this.#calls = new TerminologyCalls(options.address, { time: call, connections: calls });
    this.#kept = new KeptAnswers(answers);
    this.#strange = new KeptAnswers(1_000);
  }

  isResting(): boolean {
    return performance.now() < this.#restsUntil;
  }

  readonly ask: AskTerminology = async (questions) => {
    const nothing = { edition: this.#facts?.facts.edition ?? "", answers: questions.map(() => undefined) };
    if (this.isResting()) {
      this.tally.resting += questions.length;
      return nothing;
    }
    const begun = performance.now();
    const { promise: late, resolve } = Promise.withResolvers<undefined>();
    const wait = { isOver: false };
    const timer = setTimeout(() => {
      wait.isOver = true;
      resolve(undefined);
    }, this.#limits.time);
    try {
      const facts = await Promise.race([this.#known().catch(() => undefined), late]);
      if (!facts) {
        if (!this.isResting()) this.#leaveAlone("it does not say what it is", this.#limits.rest);
        this.tally.late += questions.length;
        return nothing;
      }
      const answers = await Promise.all(questions.map((question) => Promise.race([this.#answer(question, facts), late])));
      const missing = answers.filter((answer) => answer === undefined).length;
      this.tally.late += missing;
      // One that takes questions and says nothing costs a document its time only once.
      if (missing > 0 && wait.isOver && this.#heardAt < begun && !this.isResting())
        this.#leaveAlone(`it answered nothing within ${this.#limits.time} ms`, this.#limits.rest);
      return { edition: facts.edition, answers };
    } finally {
      clearTimeout(timer);
    }
  };

  async facts(): Promise<ServerFacts> {
    const found = (await this.#statement("?mode=terminology")) ?? (await this.#statement(""));
    if (!found) throw new Outage("it says nothing of itself that a terminology server would (/metadata?mode=terminology)", "all");
    return found;
  }

  close(): void {
    this.#leaveAlone(undefined, Infinity);
    this.#calls.close();
  }

  async #statement(mode: "?mode=terminology" | ""): Promise<ServerFacts | undefined> {
    const { status, said } = await this.#calls.statement(mode);
    return status === 200 ? serverFacts(said) : undefined;
  }

  /** What it is and has: as it was told last, and asked anew beside that when it is old. */
  #known(): Promise<ServerFacts> {
    const known = this.#facts;
    if (known && performance.now() < known.until) return Promise.resolve(known.facts);
    this.#asking ??= this.facts()
      .then(
        (facts) => {
          if (facts.edition !== this.#facts?.facts.edition) [this.#kept, this.#strange].forEach((one) => one.clear());
          this.#facts = { facts, until: performance.now() + this.#limits.facts };
          this.#wentWell();
          return facts;
        },
        (error: unknown) => {
          this.#wentWrong(error);
          // What does not say who it is, is asked nothing.
          if (!this.isResting() && !this.#facts) this.#leaveAlone(wordsOf(error), this.#limits.rest);
          throw error;
        },
      )
      .finally(() => (this.#asking = undefined));
    if (!known) return this.#asking;
    this.#asking.catch(() => undefined);
    return Promise.resolve(known.facts);
  }

  #answer(question: TerminologyQuestion, facts: ServerFacts): Promise<TerminologyAnswer | undefined> {
    if (!this.#mayLeave(question, facts)) {
      this.tally.withheld++;
      return Promise.resolve(UNKNOWN);
    }
    const key = `${facts.edition}\n${keyOf(question)}`;
    const kept = this.#kept.get(key);
    if (kept) {
      this.tally.remembered++;
      return Promise.resolve(kept);
    }
    const running = this.#running.get(key);
    if (running) return running;
    const asked = this.#inTurn(() => this.#asked(question, key)).finally(() => this.#running.delete(key));
    this.#running.set(key, asked);
    return asked;
  }

  /** Nothing leaves about a system that the server does not have, or, where it lists none, that the loaded definitions do not name: a number that a house gives its patients is of neither. */
  #mayLeave(question: TerminologyQuestion, facts: ServerFacts): boolean {
    const { system, version, valueSet } = question;
    if (!isAskable(question) || !mayHave(facts, system, version)) return false;
    if (facts.systems || this.#options.isKnownSystem(system)) return true;
    const set = valueSet === undefined ? undefined : this.#options.valueSet(valueSet);
    return set !== undefined && namesSystem(set, system);
  }

  /** Undefined as well where it waited so long that nobody is there any more. */
  async #inTurn(work: () => Promise<TerminologyAnswer | undefined>): Promise<TerminologyAnswer | undefined> {
    const since = performance.now();
    if (this.#active >= this.#limits.calls) {
      if (this.#waiting.length >= this.#limits.waiting) return undefined;
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    } else this.#active++;
    try {
      return this.isResting() || performance.now() - since > this.#limits.time ? undefined : await work();
    } finally {
      const next = this.#waiting.shift();
      if (next) next();
      else this.#active--;
    }
  }

  async #asked(question: TerminologyQuestion, key: string): Promise<TerminologyAnswer | undefined> {
    const { kept, unknown, failed } = this.#limits;
    try {
      const answer = await (question.valueSet === undefined ? this.#ofSystem(question) : this.#ofValueSet(question, question.valueSet));
      this.#wentWell();
      this.tally[answer.membership]++;
      this.#kept.keep(key, answer, answer.membership === "unknown" ? unknown : kept);
      return answer;
    } catch (error) {
      this.tally.failed++;
      this.#wentWrong(error);
      if (error instanceof Outage && error.of === "question") this.#kept.keep(key, UNKNOWN, failed);
      return undefined;
    }
  }

  async #ofSystem({ system, version, code }: TerminologyQuestion): Promise<TerminologyAnswer> {
    const versioned = version === undefined ? [] : [{ name: "version", valueString: version }];
    const coded = { name: "code", valueCode: code };
    const told = await this.#validated("/CodeSystem/$validate-code", [{ name: "url", valueUri: system }, coded, ...versioned]);
    if (told !== "value-set-unknown") return told;
    const { status, said } = await this.#calls.operation("/CodeSystem/$lookup", [{ name: "system", valueUri: system }, coded, ...versioned]);
    const found = lookedUp(status, said);
    if (!found) throw new Outage("what it answers about a code is no answer", "question");
    return found;
  }

  async #ofValueSet({ system, version, code }: TerminologyQuestion, valueSet: string): Promise<TerminologyAnswer> {
    const coded = [
      { name: "code", valueCode: code },
      { name: "system", valueUri: system },
      ...(version === undefined ? [] : [{ name: "systemVersion", valueString: version }]),
    ];
    const [url = "", pinned] = valueSet.split("|");
    if (this.#strange.get(valueSet) === undefined) {
      const named = [{ name: "url", valueUri: url }, ...(pinned === undefined ? [] : [{ name: "valueSetVersion", valueString: pinned }])];
      const told = await this.#validated("/ValueSet/$validate-code", [...named, ...coded]);
      if (told !== "value-set-unknown") return told;
      this.#strange.keep(valueSet, true, this.#limits.unknown);
    }
    const set = this.#options.valueSet(valueSet);
    const sent = set && sentValueSet(set, system, this.#options.valueSet);
    if (!sent) return UNKNOWN;
    const told = await this.#validated("/ValueSet/$validate-code", [...sent, ...coded]);
    return told === "value-set-unknown" ? UNKNOWN : told;
  }

  async #validated(path: string, parameters: readonly object[]): Promise<Told> {
    const { status, said } = await this.#calls.operation(path, parameters);
    const told = validated(status, said);
    if (told === undefined) throw new Outage("what it answers about a code is no answer", "question");
    return told;
  }

  #wentWell(): void {
    this.#failures = 0;
    this.#heardAt = performance.now();
  }

  #wentWrong(error: unknown): void {
    this.#failures++;
    const outage = error instanceof Outage ? error : undefined;
    if (!this.isResting() && (outage?.of === "all" || this.#failures >= this.#limits.failures))
      this.#leaveAlone(wordsOf(error), outage?.wait ?? this.#limits.rest);
  }

  #leaveAlone(reason: string | undefined, rest: number): void {
    this.#restsUntil = performance.now() + rest;
    this.#failures = 0;
    if (reason !== undefined) this.#options.onRest(reason, rest);
  }
}

function wordsOf(error: unknown): string {
  return error instanceof Outage ? error.message : "it could not be asked";
}
