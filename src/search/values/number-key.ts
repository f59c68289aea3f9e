import { normalised, type Decimal } from "../../core/fhir/fhirpath/decimal.ts";

/** Below and above every number. */
export const LOWEST = "3";
export const HIGHEST = "7";

/** Exponents are between -2000 and 2000: `parseDecimal` takes no longer numbers. */
const EXPONENT_BIAS = 5000;

/**
 * A decimal as a text whose order is that of the numbers, exact however many digits it has: a sign, the exponent, the digits without zeros at either end. Of a negative number exponent and digits
 * are turned about, and a sign behind every digit ends them, because the shorter is the larger.
 */
export function numberKey(value: Decimal): string {
  const { digits, scale } = normalised(value);
  if (digits === 0n) return "5";
  const text = (digits < 0n ? -digits : digits).toString();
  // The value is 0.{text} times ten to this power.
  const exponent = text.length - scale + EXPONENT_BIAS;
  const significant = text.replace(/0+$/, "");
  if (digits > 0n) return `6${String(exponent).padStart(4, "0")}${significant}`;
  const turned = significant.replace(/\d/g, (digit) => String(9 - Number(digit)));
  return `4${String(9999 - exponent).padStart(4, "0")}${turned}~`;
}
