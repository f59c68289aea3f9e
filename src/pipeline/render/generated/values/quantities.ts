/** Quantities and what is made of them (R4 datatypes.html, Quantity, Range, Ratio, Money). Digits as they were sent. */
import { numberText } from "../../../../core/fhir/datatypes.ts";
import type { JsonObject } from "../../../../core/fhir/tree/tree.ts";
import { html, type Part, type SafeHtml } from "../../html.ts";
import { said, type RenderContext, type Wording } from "../render-context.ts";
import { isBlank } from "../joined.ts";
import { ucumText, unitText } from "../units.ts";
import type { Unsaid } from "../unsaid.ts";

const UCUM = "http://unitsofmeasure.org";

/** Letters of a quantity that every column has room for, and of the longest for which a column is made wider: `1.00 microgra` and `m/L` below it is none that anybody should read. */
const FITS_ANYWHERE = 8;
const LONGEST_WHOLE = 24;

function wholeHtml(written: SafeHtml): SafeHtml {
  const letters = written.text.replace(/<[^>]*>/g, "").length;
  return letters > FITS_ANYWHERE && letters <= LONGEST_WHOLE ? html`<bdi class="whole">${written}</bdi>` : html`<bdi>${written}</bdi>`;
}

/** `< 0.50 mmol/L`. A percent sign stands close; every other unit has a space that does not break. */
export const quantity: Wording = (unsaid, { locale }) => {
  if (!unsaid.has("value")) return "";
  const value = unsaid.number("value");
  if (value === undefined) return "";
  const comparator = unsaid.string("comparator");
  const unit = unitOf(unsaid, value);
  const space = unit === "" || unit === "%" ? "" : "\u00A0";
  const written = html`${comparator !== undefined && html`<strong class="comparator">${comparator}</strong>\u00A0`}${value}${space}${unit}`;
  return wholeHtml(written);

  function unitOf(quantity: Unsaid, number: string): Part {
    const sent = quantity.string("unit");
    // A unit that only repeats the code is none of the sender's words.
    if (sent !== undefined && sent !== quantity.object.string("code")) return unitText(sent, number, locale);
    const system = quantity.object.string("system");
    const code = sent ?? quantity.string("code");
    if (code === undefined) return "";
    return system === undefined || system === UCUM ? ucumText(code, number, locale) : code;
  }
};

/** `3.5 – 5.1 mmol/L`, or one side of it. */
export const range: Wording = (unsaid, context) => {
  const { low, high } = rangeSides(unsaid, context);
  if (!isBlank(low) && !isBlank(high)) return html`<bdi>${low} – ${high}</bdi>`;
  return isBlank(high) ? !isBlank(low) && html`≥\u00A0${low}` : html`≤\u00A0${high}`;
};

/** Takes both sides of a range; of two with the same unit the first has none. */
export function rangeSides(unsaid: Unsaid, context: RenderContext): { readonly low: Part; readonly high: Part } {
  const [lowest, highest] = [unsaid.object.object("low"), unsaid.object.object("high")];
  if (lowest && highest && isPlain(lowest) && isPlain(highest) && sameUnit(lowest, highest)) {
    unsaid.drop("low");
    return { low: numberText(lowest, "value"), high: said(unsaid, "high", context) };
  }
  return { low: said(unsaid, "low", context), high: said(unsaid, "high", context) };
}

/** Whether a quantity says its value and its unit and no more. */
function isPlain(quantity: JsonObject): boolean {
  return numberText(quantity, "value") !== undefined && quantity.names.every((name) => ["value", "unit", "system", "code"].includes(name));
}

function sameUnit(a: JsonObject, b: JsonObject): boolean {
  return a.string("unit") === b.string("unit") && a.string("code") === b.string("code");
}

/** `1 mg / 5 mL`; of numbers without units `1 : 128`. */
export const ratio: Wording = (unsaid, context) => {
  const isBare = [unsaid.object.object("numerator"), unsaid.object.object("denominator")].every(
    (side) => side !== undefined && !side.has("unit") && (side.string("code") ?? "1") === "1",
  );
  const numerator = said(unsaid, "numerator", context);
  // Of one, nothing in particular: "5 g / 1" would be read as 5 g a litre.
  if (!isBare && isOne(unsaid.object.object("denominator"))) {
    unsaid.drop("denominator");
    return numerator;
  }
  const denominator = said(unsaid, "denominator", context);
  if (isBlank(denominator)) return numerator;
  return html`<bdi>${numerator} ${isBare ? ":" : "/"} ${denominator}</bdi>`;
};

function isOne(quantity: JsonObject | undefined): boolean {
  return (
    quantity !== undefined &&
    numberText(quantity, "value") === "1" &&
    !quantity.has("unit") &&
    (quantity.string("code") ?? "1") === "1" &&
    isPlain(quantity)
  );
}

/** `12.50 EUR`. */
export const money: Wording = (unsaid) => {
  const value = unsaid.number("value");
  const currency = value === undefined ? undefined : unsaid.string("currency");
  return value === undefined ? "" : wholeHtml(html`${value}${currency !== undefined && `\u00A0${currency}`}`);
};
