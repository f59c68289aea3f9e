/** An expression as it was written (FHIRPath, grammar). `offset` is where it begins in the text. */
export type Expression =
  | { readonly kind: "empty"; readonly offset: number }
  | { readonly kind: "boolean"; readonly value: boolean; readonly offset: number }
  | { readonly kind: "string"; readonly value: string; readonly offset: number }
  | { readonly kind: "number"; readonly text: string; readonly offset: number }
  | { readonly kind: "quantity"; readonly text: string; readonly unit: string; readonly isCalendar: boolean; readonly offset: number }
  | { readonly kind: "temporal"; readonly text: string; readonly offset: number }
  /** `%name` */
  | { readonly kind: "variable"; readonly name: string; readonly offset: number }
  /** `$this`, `$index`, `$total` */
  | { readonly kind: "special"; readonly name: "this" | "index" | "total"; readonly offset: number }
  /** A name after a dot; without `source` one at the start of a path. */
  | { readonly kind: "member"; readonly source: Expression | undefined; readonly name: string; readonly offset: number }
  | FunctionCall
  | { readonly kind: "index"; readonly source: Expression; readonly index: Expression; readonly offset: number }
  | { readonly kind: "sign"; readonly sign: "+" | "-"; readonly operand: Expression; readonly offset: number }
  | { readonly kind: "type"; readonly operator: "is" | "as"; readonly operand: Expression; readonly type: TypeName; readonly offset: number }
  | {
      readonly kind: "binary";
      readonly operator: BinaryOperator;
      readonly left: Expression;
      readonly right: Expression;
      readonly offset: number;
    };

export interface FunctionCall {
  readonly kind: "call";
  readonly source: Expression | undefined;
  readonly name: string;
  readonly args: readonly Expression[];
  readonly offset: number;
}

/** `Patient`, `FHIR.Patient`, `System.String`. */
export interface TypeName {
  readonly namespace: string | undefined;
  readonly name: string;
  readonly offset: number;
}

export type BinaryOperator = keyof typeof BINARY_OPERATORS;

/** How tightly each binds: a higher number first. `is` and `as` stand at 8, between addition and union. */
export const BINARY_OPERATORS = {
  "*": 10,
  "/": 10,
  div: 10,
  mod: 10,
  "+": 9,
  "-": 9,
  "&": 9,
  "|": 7,
  "<=": 6,
  "<": 6,
  ">": 6,
  ">=": 6,
  "=": 5,
  "~": 5,
  "!=": 5,
  "!~": 5,
  in: 4,
  contains: 4,
  and: 3,
  xor: 2,
  or: 2,
  implies: 1,
} as const;

export const TYPE_BINDING = 8;

export const CALENDAR_UNITS = ["year", "month", "week", "day", "hour", "minute", "second", "millisecond"] as const;
export type CalendarUnit = (typeof CALENDAR_UNITS)[number];

/** The calendar duration that a word names, in the singular or the plural. */
export function calendarUnit(word: string): CalendarUnit | undefined {
  return CALENDAR_UNITS.find((unit) => word === unit || word === `${unit}s`);
}
