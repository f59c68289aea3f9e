import { grammarOf } from "../r4/code-grammars.ts";
import type { Membership } from "../r4/terminology.ts";
import { isUcumCode } from "../ucum-codes.ts";

/**
 * Code systems that no package lists: some have a grammar, by which whatever is well-formed is a code (BCP-47, media types, UCUM); of others the runtime knows codes, and the form tells what can be none.
 * @returns undefined of a system of which neither is known
 */
export function judgedByGrammar(system: string, code: string): Membership | undefined {
  if (system === UCUM) return isUcumCode(code) ? "member" : "stranger";
  const fits = grammarOf(system);
  if (!fits) return undefined;
  if (!fits(code)) return "stranger";
  const knows = KNOWN.get(system);
  return knows === undefined || knows(code) ? "member" : "unknown";
}

const UCUM = "http://unitsofmeasure.org";

/** What the runtime knows of systems whose form alone makes no code. */
const KNOWN: ReadonlyMap<string, (code: string) => boolean> = new Map([
  ["urn:iso:std:iso:3166", isCountry],
  ["urn:iso:std:iso:3166:-2", () => false],
  ["https://www.iana.org/time-zones", (code: string) => isTimeZone(code)],
]);

/** Of two letters; of three, and of digits, the runtime knows no list. */
function isCountry(code: string): boolean {
  if (!/^[A-Z]{2}$/.test(code)) return false;
  return !NO_COUNTRIES.has(code) && new Intl.DisplayNames(["en"], { type: "region", fallback: "none" }).of(code) !== undefined;
}

/** What the runtime names besides countries. */
const NO_COUNTRIES: ReadonlySet<string> = new Set(["EU", "EZ", "QO", "UN", "XA", "XB", "XK", "ZZ", "AC", "CP", "DG", "EA", "IC", "TA", "CQ"]);

function isTimeZone(code: string): boolean {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: code }).resolvedOptions().timeZone !== "";
  } catch {
    return false;
  }
}
