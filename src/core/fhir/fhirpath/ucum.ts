import { unitIn } from "../ucum-codes.ts";
import { readUcum, type UcumParts } from "../ucum-grammar.ts";
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
}

/** What prefixes stand for, as numbers are written. */
const PREFIXES: Readonly<Record<string, string>> = {
  ...{ "": "1", Q: "1e30", R: "1e27", Y: "1e24", Z: "1e21", E: "1e18", P: "1e15", T: "1e12", G: "1e9", M: "1e6", k: "1e3", h: "1e2", da: "1e1" },
  ...{ d: "1e-1", c: "1e-2", m: "1e-3", u: "1e-6", n: "1e-9", p: "1e-12", f: "1e-15", a: "1e-18", z: "1e-21", y: "1e-24", r: "1e-27", q: "1e-30" },
  ...{ Ki: "1024", Mi: "1048576", Gi: "1073741824", Ti: "1099511627776" },
};

const unit = (factor: string, powers: Powers): Unit => ({ factor, powers });

/**
 * The units of UCUM (section 4) that measure on a ratio scale and are met in health records. Special units (Celsius, pH, decibel) are compared only with themselves: they are not
 * proportional. Arbitrary units ([iU], [arb'U]) are dimensions of their own.
 */
const UNITS: Readonly<Record<string, Unit>> = {
  m: unit("1", { m: 1 }),
  g: unit("1", { g: 1 }),
  s: unit("1", { s: 1 }),
  K: unit("1", { K: 1 }),
  rad: unit("1", { rad: 1 }),
  C: unit("1", { C: 1 }),
  cd: unit("1", { cd: 1 }),
  mol: unit("602214076000000000000000", {}),
  eq: unit("602214076000000000000000", {}),
  osm: unit("602214076000000000000000", {}),
  L: unit("0.001", { m: 3 }),
  l: unit("0.001", { m: 3 }),
  ar: unit("100", { m: 2 }),
  t: unit("1000000", { g: 1 }),
  u: unit("0.00000000000000000000000166053906660", { g: 1 }),
  Hz: unit("1", { s: -1 }),
  N: unit("1000", { g: 1, m: 1, s: -2 }),
  Pa: unit("1000", { g: 1, m: -1, s: -2 }),
  J: unit("1000", { g: 1, m: 2, s: -2 }),
  W: unit("1000", { g: 1, m: 2, s: -3 }),
  A: unit("1", { C: 1, s: -1 }),
  V: unit("1000", { g: 1, m: 2, s: -2, C: -1 }),
  F: unit("0.001", { g: -1, m: -2, s: 2, C: 2 }),
  Ohm: unit("1000", { g: 1, m: 2, s: -1, C: -2 }),
  S: unit("0.001", { g: -1, m: -2, s: 1, C: 2 }),
  Wb: unit("1000", { g: 1, m: 2, s: -1, C: -1 }),
  T: unit("1000", { g: 1, s: -1, C: -1 }),
  H: unit("1000", { g: 1, m: 2, C: -2 }),
  lm: unit("1", { cd: 1, rad: 2 }),
  lx: unit("1", { cd: 1, rad: 2, m: -2 }),
  Bq: unit("1", { s: -1 }),
  Gy: unit("1", { m: 2, s: -2 }),
  Sv: unit("1", { m: 2, s: -2 }),
  kat: unit("602214076000000000000000", { s: -1 }),
  U: unit("10036901266666666.66666666666666667", { s: -1 }),
  bar: unit("100000000", { g: 1, m: -1, s: -2 }),
  "m[H2O]": unit("9806650", { g: 1, m: -1, s: -2 }),
  "m[Hg]": unit("133322000", { g: 1, m: -1, s: -2 }),
  cal: unit("4184", { g: 1, m: 2, s: -2 }),
  eV: unit("0.0000000000000001602176634", { g: 1, m: 2, s: -2 }),
  "[iU]": unit("1", { "[iU]": 1 }),
  "[IU]": unit("1", { "[iU]": 1 }),
  min: unit("60", { s: 1 }),
  h: unit("3600", { s: 1 }),
  d: unit("86400", { s: 1 }),
  wk: unit("604800", { s: 1 }),
  mo: unit("2629800", { s: 1 }),
  a: unit("31557600", { s: 1 }),
  "%": unit("0.01", {}),
  "[ppth]": unit("0.001", {}),
  "[ppm]": unit("0.000001", {}),
  "[ppb]": unit("0.000000001", {}),
  "10*": unit("10", {}),
  "10^": unit("10", {}),
  deg: unit("0.017453292519943295769", { rad: 1 }),
  "[in_i]": unit("0.0254", { m: 1 }),
  "[ft_i]": unit("0.3048", { m: 1 }),
  "[yd_i]": unit("0.9144", { m: 1 }),
  "[mi_i]": unit("1609.344", { m: 1 }),
  "[lb_av]": unit("453.59237", { g: 1 }),
  "[oz_av]": unit("28.349523125", { g: 1 }),
  "[stone_av]": unit("6350.29318", { g: 1 }),
  "[gr]": unit("0.06479891", { g: 1 }),
  "[gal_us]": unit("0.003785411784", { m: 3 }),
  "[qt_us]": unit("0.000946352946", { m: 3 }),
  "[pt_us]": unit("0.000473176473", { m: 3 }),
  "[foz_us]": unit("0.0000295735295625", { m: 3 }),
  "[cup_us]": unit("0.0002365882365", { m: 3 }),
  "[tbs_us]": unit("0.00001478676478125", { m: 3 }),
  "[tsp_us]": unit("0.00000492892159375", { m: 3 }),
  "[drp]": unit("0.00000005", { m: 3 }),
  "[psi]": unit("6894757.293168", { g: 1, m: -1, s: -2 }),
  atm: unit("101325000", { g: 1, m: -1, s: -2 }),
  "[Cal]": unit("4184000", { g: 1, m: 2, s: -2 }),
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
export function unitSize(code: string): UnitSize | undefined {
  const made = readUcum(code, SIZES);
  return made && { factor: made.factor, dimension: dimensionOf(made.powers) };
}

interface Product {
  readonly factor: Decimal;
  readonly powers: Powers;
}

const SIZES: UcumParts<Product> = {
  symbol: (symbol, exponent) => {
    const size = symbolSize(symbol);
    const power = Number(exponent === "" ? "1" : exponent);
    if (size === undefined || Math.abs(power) > HIGHEST) return undefined;
    let result: Product = { factor: ONE, powers: {} };
    for (let count = Math.abs(power); count > 0; count--) result = combined(result, size, power < 0 ? -1 : 1) ?? result;
    return result;
  },
  number: (digits, exponent) => {
    const factor = exponent === "" ? parseDecimal(digits) : undefined;
    return factor && { factor, powers: {} };
  },
  one: { factor: ONE, powers: {} },
  joined: combined,
};

/** Exponents that somebody may mean. */
const HIGHEST = 30;

function symbolSize(symbol: string): Product | undefined {
  const { prefix = "", unit: name = "" } = unitIn(symbol) ?? {};
  if (!Object.hasOwn(UNITS, name) || !Object.hasOwn(PREFIXES, prefix)) return undefined;
  const { factor = "", powers = {} } = UNITS[name] ?? {};
  const [size, times] = [parseDecimal(factor), parseDecimal(PREFIXES[prefix] ?? "")];
  return size && times && { factor: multiply(size, times), powers };
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
