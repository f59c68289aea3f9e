import { isError, type Issue } from "../issue.ts";
import type { BOUND_RULES, ReadingRule } from "./reading-rules.ts";
import { escapeUnseen } from "./unseen.ts";

/** Collects what a reader notices, up to a limit; what is beyond it is counted, because a hostile sender can make millions of faults. */
export class ReadingIssues {
  readonly #listed: Issue[] = [];
  readonly #limit: number;
  #unlisted = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Adds an issue. It is made only when it is listed: its expression costs time. */
  add(make: () => Issue): void {
    if (this.#listed.length < this.#limit) this.#listed.push(presentable(make()));
    else this.#unlisted++;
  }

  /** Adds an issue after which the reader stops: it is listed in any case. */
  addFatal(issue: Issue): void {
    this.#listed.push(presentable(issue));
  }

  /** The issues in the order in which they were found, and how many more there are. */
  list(): Issue[] {
    if (this.#unlisted === 0) return this.#listed;
    return [
      ...this.#listed,
      {
        severity: "error",
        code: "too-costly",
        rule: "too-many-issues" satisfies keyof typeof BOUND_RULES,
        text: `${this.#unlisted} more faults were found while reading; they are not listed.`,
      },
    ];
  }
}

/** Names of the sender's stand in the texts: a thousand issues may repeat the same long one. */
const MAX_TEXT = 500;

function presentable(issue: Issue): Issue {
  const { text } = issue;
  return { ...issue, text: escapeUnseen(text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)}…` : text) };
}

/** Stops a reader. It never leaves it. */
export class StopReading extends Error {
  readonly issue: Issue;

  constructor(issue: Issue) {
    super(issue.text);
    this.issue = issue;
  }
}

/** Rules whose breach means that the text is no JSON or XML at all, though a reader that went on could make something of it. */
const SYNTAX_RULES: ReadonlySet<string> = new Set<ReadingRule>([
  "json-syntax",
  "json-comment",
  "json-control-character",
  "json-escape",
  "xml-syntax",
]);

/** Whether the text itself is malformed, and not only what it says. */
export function isSyntaxError(issue: Issue): boolean {
  return isError(issue) && SYNTAX_RULES.has(issue.rule);
}
