import { Decimal, decimalOf, parseDecimal, toNumber } from "../decimal.ts";
import { FhirPathError } from "../errors.ts";
import { EMPTY, type SystemValue } from "../item.ts";
import { fromItem, fromItems, fromTruth, single, type Evaluation, type Operation } from "../operation.ts";
import { parseQuantity, Quantity } from "../quantity.ts";
import { asDateTime, DAY_PARTS, parseDateOrDateTime, parseTime, Temporal } from "../temporal.ts";
import { systemValue, textOf } from "../values.ts";
import { integer } from "../arithmetic.ts";
import { define, type FunctionTable } from "./definition.ts";

type Conversion = (value: SystemValue) => SystemValue | undefined;

const TRUE_WORDS: ReadonlySet<string> = new Set(["true", "t", "yes", "y", "1", "1.0"]);
const FALSE_WORDS: ReadonlySet<string> = new Set(["false", "f", "no", "n", "0", "0.0"]);

/** FHIRPath, conversion. Undefined where it cannot be converted. */
const CONVERSIONS: Readonly<Record<string, Conversion>> = {
  Boolean: (value) => {
    if (typeof value === "boolean") return value;
    if (typeof value === "string") return TRUE_WORDS.has(value.toLowerCase()) ? true : FALSE_WORDS.has(value.toLowerCase()) ? false : undefined;
    const number = typeof value === "number" ? value : value instanceof Decimal ? toNumber(value) : undefined;
    return number === 1 ? true : number === 0 ? false : undefined;
  },
  Integer: (value) => {
    if (typeof value === "number") return value;
    if (typeof value === "boolean") return value ? 1 : 0;
    return typeof value === "string" && /^[+-]?\d+$/.test(value) ? integer(BigInt(value.replace("+", ""))) : undefined;
  },
  Decimal: (value) => {
    if (typeof value === "number") return decimalOf(value);
    if (typeof value === "boolean") return new Decimal(value ? 1n : 0n, 0);
    if (value instanceof Decimal) return value;
    return typeof value === "string" && /^[+-]?\d+(?:\.\d+)?$/.test(value) ? parseDecimal(value) : undefined;
  },
  String: (value) => textOf(value),
  Date: (value) => {
    const temporal = typeof value === "string" ? parseDateOrDateTime(value) : value;
    return temporal instanceof Temporal && temporal.kind !== "Time" ? new Temporal("Date", temporal.parts.slice(0, DAY_PARTS)) : undefined;
  },
  DateTime: (value) => {
    const temporal = typeof value === "string" ? parseDateOrDateTime(value) : value;
    return temporal instanceof Temporal && temporal.kind !== "Time" ? asDateTime(temporal) : undefined;
  },
  Time: (value) => {
    const temporal = typeof value === "string" ? parseTime(value) : value;
    return temporal instanceof Temporal && temporal.kind === "Time" ? temporal : undefined;
  },
  Quantity: (value) => {
    if (value instanceof Quantity) return value;
    if (typeof value === "string") return parseQuantity(value);
    const number = typeof value === "boolean" ? decimalOf(value ? 1 : 0) : typeof value === "number" ? decimalOf(value) : value;
    return number instanceof Decimal ? new Quantity(number, "1") : undefined;
  },
};

function inputOf(evaluation: Evaluation, source: Operation): SystemValue | undefined {
  const item = single(source.items(evaluation), "A conversion");
  return item === undefined ? undefined : systemValue(item);
}

function conversionFunctions(): FunctionTable {
  return Object.fromEntries(
    Object.entries(CONVERSIONS).flatMap(([type, convert]) => {
      const most = type === "Quantity" ? 1 : 0;
      const to = define(0, most, ({ source }) =>
        fromItem((evaluation) => {
          const value = inputOf(evaluation, source);
          return value === undefined ? undefined : convert(value);
        }),
      );
      const converts = define(0, most, ({ source }) =>
        fromTruth((evaluation) => {
          const item = single(source.items(evaluation), "A conversion");
          if (item === undefined) return undefined;
          const value = systemValue(item);
          return value !== undefined && convert(value) !== undefined;
        }),
      );
      return [
        [`to${type}`, to],
        [`convertsTo${type}`, converts],
      ];
    }),
  );
}

export const CONVERSION: FunctionTable = {
  ...conversionFunctions(),
  iif: define(2, 3, ({ source, args }) => {
    const [criterion, whenTrue, whenFalse] = args as readonly [Operation, Operation, Operation?];
    return fromItems((evaluation) => {
      const outer = evaluation.self;
      evaluation.self = single(source.items(evaluation), "iif()");
      const decision = criterion.items(evaluation);
      const value = decision.length === 1 && decision[0] !== undefined ? systemValue(decision[0]) : undefined;
      if (decision.length > 1 || (decision.length === 1 && typeof value !== "boolean"))
        throw new FhirPathError("The criterion of iif() is a boolean.");
      const result = value === true ? whenTrue.items(evaluation) : (whenFalse?.items(evaluation) ?? EMPTY);
      evaluation.self = outer;
      return result;
    });
  }),
};
