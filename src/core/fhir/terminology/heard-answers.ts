import type { Membership } from "../r4/terminology.ts";
import { isAskable, keyOf, type Answered, type TerminologyAnswer, type TerminologyQuestion } from "./questions.ts";
import type { CodeAnswer, Coded, Heard } from "./terms.ts";

export interface HeardLimits {
  /** Answers that are remembered. */
  readonly answers: number;
  /** Milliseconds for which one is. */
  readonly kept: number;
  /** Questions that one judgement may leave: a document of codes costs no more than that. */
  readonly questions: number;
}

export const HEARD_LIMITS: HeardLimits = { answers: 20_000, kept: 600_000, questions: 200 };

interface Kept {
  readonly answer: TerminologyAnswer;
  readonly until: number;
}

/**
 * What a terminology server said before, as judging asks for it: at once, and never elsewhere. What it does not know it notes as a question. Each thread has its own; who asks the server keeps more, and for longer
 * (`adapters/callbacks/terminology-server.ts`).
 */
export class HeardAnswers implements Heard {
  readonly #limits: HeardLimits;
  readonly #now: () => number;
  readonly #kept = new Map<string, Kept>();
  #questions = new Map<string, TerminologyQuestion>();
  #edition: string | undefined;

  /** @param now milliseconds of a clock that never goes back */
  constructor({ limits, now = () => performance.now() }: { readonly limits?: Partial<HeardLimits>; readonly now?: () => number } = {}) {
    this.#limits = { ...HEARD_LIMITS, ...limits };
    this.#now = now;
  }

  /** @param valueSet its canonical, with its version where that is known */
  membership(valueSet: string, coded: Coded): Membership | undefined {
    return this.#heard(valueSet, coded)?.membership;
  }

  code(coded: Coded): CodeAnswer | undefined {
    return this.#heard(undefined, coded);
  }

  /** The questions that were noted since it was last asked for them. */
  asked(): readonly TerminologyQuestion[] {
    const questions = [...this.#questions.values()];
    this.#questions = new Map();
    return questions;
  }

  /** Remembers what was answered; of another edition nothing stays. Tells whether anything was. */
  take(questions: readonly TerminologyQuestion[], { edition, answers }: Answered): boolean {
    if (answers.every((answer) => answer === undefined)) return false;
    if (edition !== this.#edition) this.#kept.clear();
    this.#edition = edition;
    questions.forEach((question, at) => {
      const answer = answers[at];
      if (answer === undefined) return;
      const key = keyOf(question);
      this.#kept.delete(key);
      this.#kept.set(key, { answer, until: this.#now() + this.#limits.kept });
    });
    for (const key of this.#kept.keys()) {
      if (this.#kept.size <= this.#limits.answers) break;
      this.#kept.delete(key);
    }
    return true;
  }

  #heard(valueSet: string | undefined, { system, version, code }: Coded): TerminologyAnswer | undefined {
    if (system === undefined) return undefined;
    const question = { valueSet, system, version, code };
    const key = keyOf(question);
    const kept = this.#kept.get(key);
    if (kept && kept.until > this.#now()) return kept.answer;
    if (this.#questions.size < this.#limits.questions && isAskable(question)) this.#questions.set(key, question);
    return undefined;
  }
}
