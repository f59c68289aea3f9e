import type { HeardAnswers } from "../../core/fhir/terminology/heard-answers.ts";
import type { AskTerminology } from "../../core/fhir/terminology/questions.ts";

/** A terminology server, as judging has it: what it said before, and a way to ask it more. */
export interface Hearing {
  readonly heard: HeardAnswers;
  /** Within a set time, whatever becomes of the server. */
  readonly ask: AskTerminology;
}

/**
 * Judges; where that came upon codes of which nobody here can tell, asks about them, and judges once more by what was said. Without a server, and with nothing new to ask, it judges once. What the second
 * judgement would ask besides is asked for the next document.
 *
 * @param judge says of the same content the same, but for what was heard
 */
export async function judgedByAsking<Judged>(judge: () => Judged, hearing: Hearing | undefined): Promise<Judged> {
  // What another judgement left is nobody's any more.
  hearing?.heard.asked();
  const judged = judge();
  const questions = hearing?.heard.asked() ?? [];
  if (!hearing || questions.length === 0) return judged;
  return hearing.heard.take(questions, await hearing.ask(questions)) ? judge() : judged;
}
