/**
 * Units as they are written where we write doses and results: in words where an abbreviation is known to be misread (µg for mg, U for 0, IU for IV: the Institute for Safe Medication
 * Practices' list of error-prone abbreviations). Everything else stays as it was sent.
 */
import type { Part } from "../html.ts";
import type { Locale } from "../locale.ts";
import { joined } from "./joined.ts";

/** What senders write, and UCUM's codes: the key of its words. */
const MISREAD: Readonly<Record<string, string>> = {
  µg: "microgram",
  μg: "microgram",
  ug: "microgram",
  mcg: "microgram",
  µl: "microlitre",
  μl: "microlitre",
  µL: "microlitre",
  μL: "microlitre",
  uL: "microlitre",
  ul: "microlitre",
  U: "unit",
  u: "unit",
  "[U]": "unit",
  E: "unit",
  IU: "international-unit",
  iu: "international-unit",
  "I.U.": "international-unit",
  UI: "international-unit",
  IE: "international-unit",
  "I.E.": "international-unit",
  "[IU]": "international-unit",
  "[iU]": "international-unit",
  mU: "milliunit",
  mIU: "milli-international-unit",
  "m[IU]": "milli-international-unit",
  "m[iU]": "milli-international-unit",
};

/** UCUM's codes that no clinician writes: only where no unit stands beside them. */
const UCUM: Readonly<Record<string, string>> = {
  a: "year",
  mo: "month",
  wk: "week",
  d: "day",
  h: "hour",
  min: "minute",
  s: "second",
};
const UCUM_SIGNS: Readonly<Record<string, string>> = { Cel: "°C", "[degF]": "°F", "mm[Hg]": "mmHg", "cm[H2O]": "cmH2O", "%": "%", "1": "" };

/**
 * The unit of a value, in words where it would be misread. Of a compound (`µg/kg/min`) each part by itself.
 * @param value as it is written: one of something is called otherwise than many
 */
export function unitText(unit: string, value: string, locale: Locale): Part {
  const parts = unit.trim().split("/");
  if (!parts.some((part) => Object.hasOwn(MISREAD, part.trim()))) return unit;
  return joined(
    parts.map((part, at) => wordOf(MISREAD, part.trim(), at === 0 ? value : "1", locale) ?? part),
    "/",
  );
}

/** The same for a code of UCUM that stands without words. */
export function ucumText(code: string, value: string, locale: Locale): Part {
  const annotation = /^\{([^{}]*)\}$/.exec(code)?.[1];
  if (annotation !== undefined) return annotation;
  const sign = Object.hasOwn(UCUM_SIGNS, code) ? UCUM_SIGNS[code] : undefined;
  return sign ?? wordOf(UCUM, code, value, locale) ?? unitText(withPowers(code), value, locale);
}

/** Codes as they are written by hand: `×10³` for `10*3`, annotations without their braces. */
function withPowers(code: string): string {
  const bare = code.replace(/(?<=^|\/)\{([^{}]+)\}/g, "$1").replace(/(?<=[^/])\{([^{}]+)\}/g, " ($1)");
  return bare.replace(/^10[*^](\d{1,2})(?=\/|$)/, (_, power: string) => `×10${Array.from(power, (digit) => SUPERSCRIPTS[Number(digit)]).join("")}`);
}

const SUPERSCRIPTS = ["⁰", "¹", "²", "³", "⁴", "⁵", "⁶", "⁷", "⁸", "⁹"];

/** A unit of time (UCUM, as Timing has it): `3 days`. */
export function timeUnit(code: string, value: string, locale: Locale): Part {
  return wordOf(UCUM, code, value, locale) ?? code;
}

/** Units of which two that differ cannot both be meant, by what stands for each. */
const COMMON: ReadonlyMap<string, string> = new Map(
  [
    "kg",
    "g",
    "mg",
    "ug µg μg mcg",
    "ng",
    "L l",
    "dL dl",
    "mL ml",
    "uL ul µL µl μL μl",
    "mol",
    "mmol",
    "umol µmol μmol",
    "U u [U]",
    "IU iu [IU] [iU] IE",
    "mm",
    "cm",
    "m",
  ].flatMap((names) => names.split(" ").map((name): [string, string] => [name, names])),
);

/** Whether the sender's unit and its code are two different units: then both are shown, for nobody can tell which is meant. */
export function contradicts(unit: string, code: string | undefined): boolean {
  const [said, meant] = [COMMON.get(unit), COMMON.get(code ?? "")];
  return said !== undefined && meant !== undefined && said !== meant;
}

/** Whether a unit is written otherwise than it was sent. */
export function isReworded(unit: string): boolean {
  return unit.split("/").some((part) => Object.hasOwn(MISREAD, part.trim()));
}

function wordOf(table: Readonly<Record<string, string>>, unit: string, value: string, locale: Locale): Part | undefined {
  const key = Object.hasOwn(table, unit) ? table[unit] : undefined;
  return key === undefined ? undefined : locale.form(`unit-${key}`, value.trim());
}
