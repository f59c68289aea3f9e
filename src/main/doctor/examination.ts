/** What all checks of `chartulary doctor` share: what is looked at, and how it is told. */
import type { Symptom } from "../../cli/command.ts";
import type { Config } from "../../config.ts";
import { AppError } from "../../core/errors.ts";

export type Tell = (symptom: Omit<Symptom, "what">) => void;

/** One thing that is looked at. It tells what it finds; what it throws is told for it. */
export interface Check {
  readonly what: string;
  /** What helps where it could not be looked at. */
  readonly remedy: string;
  look(config: Config, tell: Tell): Promise<void>;
}

export function wrong(text: string, remedy: string): Omit<Symptom, "what"> {
  return { level: "wrong", text, remedy };
}

export function notice(text: string, remedy: string): Omit<Symptom, "what"> {
  return { level: "notice", text, remedy };
}

/** Runs checks one after the other; each that fails is a symptom of its own, and keeps no other from being looked at. */
export async function examine(config: Config, checks: readonly Check[], onCheck: (what: string) => void): Promise<Symptom[]> {
  const found: Symptom[] = [];
  for (const { what, remedy, look } of checks) {
    onCheck(what);
    const tell: Tell = (symptom) => found.push({ what, ...symptom });
    await look(config, tell).catch((error: unknown) => tell(wrong(wordsOf(error), remedy)));
  }
  return found;
}

export function wordsOf(error: unknown): string {
  if (error instanceof AppError) return error.message;
  return error instanceof Error ? error.message : String(error);
}
