import { every, type Criterion } from "./criterion.ts";

/** Nothing satisfies it. */
const NOTHING: Criterion = { kind: "some", of: [] };

/**
 * A criterion as if of each type only what `leftOf` says were there: also in the steps of chains and of `_has`, by which what may not be read could else be guessed.
 * @param leftOf undefined for a type of which nothing is left
 */
export function narrowCriterion(criterion: Criterion, leftOf: (type: string) => Criterion | undefined): Criterion {
  const within = (type: string, inner: Criterion): Criterion | undefined => {
    const left = leftOf(type);
    return left && every([narrowCriterion(inner, leftOf), left]);
  };
  switch (criterion.kind) {
    case "refers": {
      const to = criterion.to.flatMap(({ type, criterion: inner }) => {
        const narrowed = within(type, inner);
        return narrowed ? [{ type, criterion: narrowed }] : [];
      });
      return to.length === 0 ? NOTHING : { ...criterion, to };
    }
    case "referred": {
      const narrowed = within(criterion.type, criterion.criterion);
      return narrowed ? { ...criterion, criterion: narrowed } : NOTHING;
    }
    case "not":
      return { ...criterion, of: narrowCriterion(criterion.of, leftOf) };
    case "every":
    case "some":
      return { ...criterion, of: criterion.of.map((one) => narrowCriterion(one, leftOf)) };
    default:
      return criterion;
  }
}
