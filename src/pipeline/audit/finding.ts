/** What an audit found that is not as it was committed. */
export interface AuditFinding {
  /** Of what is there: `changed`; of what should be: `removed`; of what should not: `added`. */
  readonly kind: "changed" | "removed" | "added";
  readonly what: "document" | "entry" | "checkpoint" | "node" | "claim" | "key" | "index" | "log";
  /** The id of a document or entry, where it is about one. */
  readonly id?: string;
  /** The place in the log, where it is about one. */
  readonly index?: number;
  /** A sentence for people. */
  readonly text: string;
}

/** Takes findings in; of very many it keeps the first, and counts the rest. */
export class Findings {
  readonly #most: number;
  readonly #kept: AuditFinding[] = [];
  #count = 0;

  constructor(most = 10_000) {
    this.#most = most;
  }

  add(finding: AuditFinding): void {
    this.#count++;
    if (this.#kept.length < this.#most) this.#kept.push(finding);
  }

  get kept(): readonly AuditFinding[] {
    return this.#kept;
  }

  get count(): number {
    return this.#count;
  }

  has(id: string): boolean {
    return this.#kept.some((finding) => finding.id === id);
  }
}
