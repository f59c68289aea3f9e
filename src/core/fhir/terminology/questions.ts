/**
 * What a terminology server is asked, and what it said. Of a document nothing leaves but a code with its system and version, and those only where their form lets them be nothing else: a name, a date or
 * a sentence that somebody wrote in their place stays here. A display is a text that people write: none is ever sent (docs/design/profiles.md, A terminology server).
 */
import type { Membership } from "../r4/terminology.ts";

/** One code, and what is asked about it. */
export interface TerminologyQuestion {
  /** The canonical of the value set that it may be of, as the definitions have it; undefined: whether it is a code of its system. */
  readonly valueSet: string | undefined;
  readonly system: string;
  readonly version: string | undefined;
  readonly code: string;
}

/** `unknown`: the server can't tell either, which is worth remembering. */
export interface TerminologyAnswer {
  readonly membership: Membership;
  /** The server's word for the code. */
  readonly display?: string;
  readonly inactive?: boolean;
}

/** What came of some questions, in their order. */
export interface Answered {
  /** What the server was when it said so: its version, and those of its code systems. What it said as another is not of use any more. */
  readonly edition: string;
  /** Undefined: nothing came in time, or the server is away. It may be asked again. */
  readonly answers: readonly (TerminologyAnswer | undefined)[];
}

/** Asks within a set time, and never fails: what could not be had is undefined. */
export type AskTerminology = (questions: readonly TerminologyQuestion[]) => Promise<Answered>;

/** How a question is known again. */
export function keyOf({ valueSet = "", system, version = "", code }: TerminologyQuestion): string {
  return `${valueSet}\n${system}\n${version}\n${code}`;
}

/** Characters of the longest system or version, and of the longest code, that is asked about. */
const LONGEST_NAME = 200;
const LONGEST_CODE = 64;

/** A canonical without a space and without what a query could tell. */
const SYSTEM = /^(?:https?:\/\/[A-Za-z0-9.-]+(?::\d+)?(?:\/[A-Za-z0-9._~/:+-]*)?|urn:[A-Za-z0-9.:_-]+)$/;
const VERSION = /^[A-Za-z0-9._:/+-]+$/;
/** One word of ASCII. Codes may have blanks by their datatype; those of the systems that servers are there for have none, and what people write for want of a code has. */
const CODE = /^[A-Za-z0-9][A-Za-z0-9._:/+*-]*$/;

/** Where it is known how codes look, nothing else is asked: not a number that a house gives its patients, nine times of ten. */
const CODES: ReadonlyMap<string, (code: string) => boolean> = new Map([
  ["http://snomed.info/sct", (code: string) => /^[1-9]\d{5,17}$/.test(code) && endsByVerhoeff(code)],
  ["http://loinc.org", (code: string) => /^L[APLG]\d{1,8}-\d$/.test(code) || (/^\d{1,7}-\d$/.test(code) && endsByLuhn(code))],
  ["http://www.nlm.nih.gov/research/umls/rxnorm", (code: string) => /^\d{1,8}$/.test(code)],
  ["http://hl7.org/fhir/sid/icd-10", (code: string) => /^[A-Z]\d[\dA-Z](?:\.[\dA-Z*+!-]{1,5})?$/.test(code)],
  ["http://www.whocc.no/atc", (code: string) => /^[A-Z](?:\d\d(?:[A-Z]{1,2}(?:\d\d)?)?)?$/.test(code)],
]);

/** The multiplication of the dihedral group of order 10, and the powers of a permutation, a row each (SNOMED CT, Verhoeff check digit). */
const PRODUCTS = "0123456789 1234067895 2340178956 3401289567 4012395678 5987604321 6598710432 7659821043 8765932104 9876543210".split(" ");
const POWERS = "0123456789 1576283094 5803796142 8916043527 9453126870 4286573901 2793806415 7046913258".split(" ");

function endsByVerhoeff(code: string): boolean {
  const checked = [...code].reverse().reduce((row, digit, at) => Number(PRODUCTS[row]?.[Number(POWERS[at % 8]?.[Number(digit)])]), 0);
  return checked === 0;
}

/** LOINC's own check digit (LOINC Users' Guide, Check digit): each second one doubled, from the right. */
function endsByLuhn(code: string): boolean {
  const digits = [...code.replace(/\D/g, "")].reverse().map(Number);
  return digits.reduce((sum, digit, at) => sum + (at % 2 === 0 ? digit : digit > 4 ? 2 * digit - 9 : 2 * digit), 0) % 10 === 0;
}

/** Whether the form of a question lets it be nothing but a code. */
export function isAskable({ system, version, code }: TerminologyQuestion): boolean {
  if (system.length > LONGEST_NAME || !SYSTEM.test(system)) return false;
  if (version !== undefined && (version.length > LONGEST_NAME || !VERSION.test(version))) return false;
  return code.length <= LONGEST_CODE && (CODES.get(system)?.(code) ?? CODE.test(code));
}
