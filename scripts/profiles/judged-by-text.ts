/** Cases of which a published verdict is another than ours, and the specification's text is on our side: each with its reason. */
import type { Case } from "./case.ts";

interface Judgement {
  readonly family: RegExp;
  readonly name: RegExp;
  readonly why: string;
}

const JUDGEMENTS: readonly Judgement[] = [];

/** Why our verdict stands against the published one; undefined when nothing is written about it. */
export function judgedByText({ family, name }: Case): string | undefined {
  return JUDGEMENTS.find((one) => one.family.test(family) && one.name.test(name))?.why;
}
