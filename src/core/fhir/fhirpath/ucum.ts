import { Decimal, divide, multiply, parseDecimal } from "./decimal.ts";

/** A unit as a number of base units: `factor` times the product of base units to their powers. */
export interface UnitSize {
  readonly factor: Decimal;
  /** Base unit to exponent, none of them 0; keys in alphabetical order: `g1m-3`. */
  readonly dimension: string;
}

type Powers = Readonly<Record<string, number>>;
interface Unit {
  readonly factor: string;
  readonly powers: Powers;
  /** Whether prefixes may stand before it. */
  readonly isMetric?: true;
}

const PREFIXES: Readonly<Record<string, number>> = {
  Y: 24,
  Z: 21,
  E: 18,
  P: 15,
  T: 12,
  G: 9,
  M: 6,
  k: 3,
  h: 2,
  da: 1,
  d: -1,
  c: -2,
  m: -3,
  u: -6,
  n: -9,
  p: -12,
  f: -15,
  a: -18,
  z: -21,
  y: -24,
};

const metric = (factor: string, powers: Powers): Unit => ({ factor, powers, isMetric: true });
const plain = (factor: string, powers: Powers): Unit => ({ factor, powers });

/**
 * The units of UCUM (section 4) that measure on a ratio scale and are met in health records. Special units (Celsius, pH, decibel) are compared only with themselves: they are not
 * proportional. Arbitrary units ([iU], [arb'U]) are dimensions of their own.
 */
const UNITS: Readonly<Record<string, Unit>> = {
  m: metric("1", { m: 1 }),
  g: metric("1", { g: 1 }),
  s: metric("1", { s: 1 }),
  K: metric("1", { K: 1 }),
  rad: metric("1", { rad: 1 }),
  C: metric("1", { C: 1 }),
  cd: metric("1", { cd: 1 }),
  mol: metric("602214076000000000000000", {}),
  eq: metric("602214076000000000000000", {}),
  osm: metric("602214076000000000000000", {}),
  L: metric("0.001", { m: 3 }),
  l: metric("0.001", { m: 3 }),
  ar: metric("100", { m: 2 }),
  t: metric("1000000", { g: 1 }),
  u: metric("0.00000000000000000000000166053906660", { g: 1 }),
  Hz: metric("1", { s: -1 }),
  N: metric("1000", { g: 1, m: 1, s: -2 }),
  Pa: metric("1000", { g: 1, m: -1, s: -2 }),
  J: metric("1000", { g: 1, m: 2, s: -2 }),
  W: metric("1000", { g: 1, m: 2, s: -3 }),
  A: metric("1", { C: 1, s: -1 }),
  V: metric("1000", { g: 1, m: 2, s: -2, C: -1 }),
  F: metric("0.001", { g: -1, m: -2, s: 2, C: 2 }),
  Ohm: metric("1000", { g: 1, m: 2, s: -1, C: -2 }),
  S: metric("0.001", { g: -1, m: -2, s: 1, C: 2 }),
  Wb: metric("1000", { g: 1, m: 2, s: -1, C: -1 }),
  T: metric("1000", { g: 1, s: -1, C: -1 }),
  H: metric("1000", { g: 1, m: 2, C: -2 }),
  lm: metric("1", { cd: 1, rad: 2 }),
  lx: metric("1", { cd: 1, rad: 2, m: -2 }),
  Bq: metric("1", { s: -1 }),
  Gy: metric("1", { m: 2, s: -2 }),
  Sv: metric("1", { m: 2, s: -2 }),
  kat: metric("602214076000000000000000", { s: -1 }),
  U: metric("10036901266666666.66666666666666667", { s: -1 }),
  bar: metric("100000000", { g: 1, m: -1, s: -2 }),
  "m[H2O]": metric("9806650", { g: 1, m: -1, s: -2 }),
  "m[Hg]": metric("133322000", { g: 1, m: -1, s: -2 }),
  cal: metric("4184", { g: 1, m: 2, s: -2 }),
  eV: metric("0.0000000000000001602176634", { g: 1, m: 2, s: -2 }),
  "[iU]": metric("1", { "[iU]": 1 }),
  "[IU]": metric("1", { "[iU]": 1 }),
  min: plain("60", { s: 1 }),
  h: plain("3600", { s: 1 }),
  d: plain("86400", { s: 1 }),
  wk: plain("604800", { s: 1 }),
  mo: plain("2629800", { s: 1 }),
  a: plain("31557600", { s: 1 }),
  "%": plain("0.01", {}),
  "[ppth]": plain("0.001", {}),
  "[ppm]": plain("0.000001", {}),
  "[ppb]": plain("0.000000001", {}),
  "10*": plain("10", {}),
  "10^": plain("10", {}),
  deg: plain("0.017453292519943295769", { rad: 1 }),
  "[in_i]": plain("0.0254", { m: 1 }),
  "[ft_i]": plain("0.3048", { m: 1 }),
  "[yd_i]": plain("0.9144", { m: 1 }),
  "[mi_i]": plain("1609.344", { m: 1 }),
  "[lb_av]": plain("453.59237", { g: 1 }),
  "[oz_av]": plain("28.349523125", { g: 1 }),
  "[st_av]": plain("6350.29318", { g: 1 }),
  "[gr]": plain("0.06479891", { g: 1 }),
  "[gal_us]": plain("0.003785411784", { m: 3 }),
  "[qt_us]": plain("0.000946352946", { m: 3 }),
  "[pt_us]": plain("0.000473176473", { m: 3 }),
  "[foz_us]": plain("0.0000295735295625", { m: 3 }),
  "[cup_us]": plain("0.0002365882365", { m: 3 }),
  "[tbs_us]": plain("0.00001478676478125", { m: 3 }),
  "[tsp_us]": plain("0.00000492892159375", { m: 3 }),
  "[drp]": plain("0.00000005", { m: 3 }),
  "[psi]": plain("6894757.293168", { g: 1, m: -1, s: -2 }),
  atm: plain("101325000", { g: 1, m: -1, s: -2 }),
  "[Cal]": plain("4184000", { g: 1, m: 2, s: -2 }),
};

const ONE = new Decimal(1n, 0);

/** The sizes of units that were asked for: a document has hundreds of quantities and a dozen units. A flood of strange ones lets them be forgotten. */
export class UnitSizes {
  readonly #known = new Map<string, UnitSize | undefined>();

  /** `unitSize`. */
  of(unit: string): UnitSize | undefined {
    if (unit.length > LONGEST_KNOWN) return unitSize(unit);
    const size = this.#known.get(unit);
    if (size !== undefined || this.#known.has(unit)) return size;
    if (this.#known.size >= MOST_KNOWN) this.#known.clear();
    const found = unitSize(unit);
    this.#known.set(unit, found);
    return found;
  }
}

const MOST_KNOWN = 1_000;
const LONGEST_KNOWN = 64;

/** How large a UCUM unit is; undefined for one that is not known here, or is not proportional. Annotations in braces mean nothing, as UCUM says. */
export function unitSize(unit: string): UnitSize | undefined {
  const parser = new UnitParser(unit.replace(/\{[^}]*\}/g, (_annotation, at: number) => (at === 0 || /[./(]/.test(unit.charAt(at - 1)) ? "1" : "")));
  const parsed = parser.product();
  return parsed !== undefined && parser.isAtEnd ? { factor: parsed.factor, dimension: dimensionOf(parsed.powers) } : undefined;
}

interface Product {
  readonly factor: Decimal;
  readonly powers: Powers;
}

/** UCUM section 2, grammar: components joined by `.` and `/` from left to right, brackets, and exponents. */
class UnitParser {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  get isAtEnd(): boolean {
    return this.#at === this.#text.length;
  }

  product(depth = 0): Product | undefined {
    let result: Product | undefined = this.#text[this.#at] === "/" ? { factor: ONE, powers: {} } : this.#component(depth);
    for (let sign = this.#text[this.#at]; result && (sign === "." || sign === "/"); sign = this.#text[this.#at]) {
      this.#at++;
      const right = this.#component(depth);
      result = right && combined(result, right, sign === "." ? 1 : -1);
    }
    return result;
  }

  #component(depth: number): Product | undefined {
    if (this.#text[this.#at] === "(" && depth < 20) {
      this.#at++;
      const inner = this.product(depth + 1);
      return this.#text[this.#at++] === ")" ? inner : undefined;
    }
    const [whole = "", number, atom = "", exponent = "1"] =
      /^(?:(\d+)(?![\d*^])|((?:\[[^\]]*\]|10[*^]|[A-Za-z%'])+)([+-]?\d+)?)/.exec(this.#text.slice(this.#at)) ?? [];
    this.#at += whole.length;
    if (number !== undefined) return { factor: parseDecimal(number) ?? ONE, powers: {} };
    const unit = atomSize(atom);
    const power = Number(exponent);
    if (unit === undefined || Math.abs(power) > 30) return undefined;
    let result: Product = { factor: ONE, powers: {} };
    for (let count = Math.abs(power); count > 0; count--) result = combined(result, unit, power < 0 ? -1 : 1) ?? result;
    return result;
  }
}

function atomSize(atom: string): Product | undefined {
  const exact = Object.hasOwn(UNITS, atom) ? UNITS[atom] : undefined;
  if (exact) return { factor: parseDecimal(exact.factor) ?? ONE, powers: exact.powers };
  for (const length of [2, 1]) {
    const prefix = atom.slice(0, length);
    const name = atom.slice(length);
    const unit = Object.hasOwn(UNITS, name) && Object.hasOwn(PREFIXES, prefix) ? UNITS[name] : undefined;
    if (unit?.isMetric)
      return { factor: multiply(parseDecimal(unit.factor) ?? ONE, parseDecimal(`1e${PREFIXES[prefix] ?? 0}`) ?? ONE), powers: unit.powers };
  }
  return undefined;
}

function combined(left: Product, right: Product, sign: 1 | -1): Product | undefined {
  const powers: Record<string, number> = { ...left.powers };
  for (const [base, power] of Object.entries(right.powers)) powers[base] = (powers[base] ?? 0) + sign * power;
  const factor = sign === 1 ? multiply(left.factor, right.factor) : divide(left.factor, right.factor);
  return factor && { factor, powers };
}

function dimensionOf(powers: Powers): string {
  return Object.entries(powers)
    .filter(([, power]) => power !== 0)
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([base, power]) => base + String(power))
    .join("");
}
