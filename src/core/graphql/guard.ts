import type { Field } from "./context.ts";

/** A field that nothing is worked out of any more once the query failed. */
export function guarded<Source>(field: Field<Source>): Field<Source> {
  const { resolve } = field;
  if (!resolve) return field;
  return {
    ...field,
    resolve: (source, args, context, info): unknown => {
      const { effort } = context;
      if (effort.hasFailed) return undefined;
      const fail = (error: unknown): never => {
        effort.hasFailed = true;
        throw error;
      };
      try {
        const resolved: unknown = resolve(source, args, context, info);
        return resolved instanceof Promise ? resolved.catch(fail) : resolved;
      } catch (error) {
        return fail(error);
      }
    },
  };
}

/** The same of all fields of a type. */
export function guardedAll<Source>(fields: Readonly<Record<string, Field<Source>>>): Record<string, Field<Source>> {
  return Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, guarded(field)]));
}
