/** Dosage: one sentence that says every element, or every element with its label; the sender's text always. */
import { describe, expect, test } from "@jest/globals";
import { JsonNumber } from "../../../../src/core/fhir/tree/tree.ts";
import { shown, textsOf } from "./shown.ts";

const number = (text: string): JsonNumber => new JsonNumber(text);
const UCUM = "http://unitsofmeasure.org";
const mg = (value: string): object => ({ value: number(value), unit: "mg", system: UCUM, code: "mg" });
const dose = (doseAndRate: object): object => ({ doseAndRate: [doseAndRate] });
const repeat = (of: object): object => ({ timing: { repeat: of } });

function said(dosage: object, language = "en"): string {
  const request = {
    resourceType: "MedicationRequest",
    id: "m",
    status: "active",
    intent: "order",
    medicationCodeableConcept: { text: "X" },
    dosageInstruction: [dosage],
  };
  return textsOf(shown([request], { language }), "tr.entry td")[0] ?? "";
}

const tablets = dose({ doseQuantity: { value: number("1"), unit: "tablet" } });

describe("one sentence", () => {
  test.each<[object, string]>([
    [
      {
        ...tablets,
        ...repeat({
          frequency: number("3"),
          period: number("1"),
          periodUnit: "d",
          when: ["AC"],
          offset: number("30"),
          boundsDuration: { value: number("7"), system: UCUM, code: "d" },
        }),
      },
      "1 tablet, 3 times a day, 30 minutes before meals, for 7 days",
    ],
    [
      {
        ...dose({ doseQuantity: mg("500.0") }),
        ...repeat({ period: number("4"), periodMax: number("6"), periodUnit: "h" }),
        asNeededCodeableConcept: { text: "pain" },
        maxDosePerPeriod: { numerator: { value: number("4"), unit: "g" }, denominator: { value: number("24"), system: UCUM, code: "h" } },
      },
      "500.0 mg, every 4 to 6 hours, as needed for: pain, no more than 4 g in 24 hours",
    ],
    [
      {
        ...dose({ doseRange: { low: mg("5"), high: mg("10") } }),
        route: { text: "oral" },
        ...repeat({ frequency: number("1"), period: number("1"), periodUnit: "wk", dayOfWeek: ["mon", "thu"], timeOfDay: ["08:00:00"] }),
      },
      "5 to 10 mg, oral, once a week, on Monday and Thursday, at 08:00",
    ],
    [
      {
        ...dose({ rateRatio: { numerator: { value: number("1"), unit: "g" }, denominator: { value: number("8"), unit: "h" } } }),
        ...repeat({ duration: number("30"), durationUnit: "min", count: number("5") }),
      },
      "at 1 g / 8 h, each over 30 minutes, 5 times in all",
    ],
    [
      {
        ...dose({ doseQuantity: { value: number("25"), unit: "µg" } }),
        ...repeat({ frequency: number("2"), period: number("3"), periodUnit: "d", when: ["MORN", "HS"] }),
      },
      "25 micrograms, 2 times every 3 days, in the morning and at bedtime",
    ],
    [
      {
        ...dose({ doseQuantity: { value: number("1"), unit: "IU" } }),
        ...repeat({ frequency: number("1"), frequencyMax: number("2"), period: number("1"), periodUnit: "d" }),
        sequence: number("2"),
      },
      "Step 2: 1 international unit, 1 to 2 times a day",
    ],
    [
      {
        ...tablets,
        ...repeat({ boundsPeriod: { start: "2026-03-01", end: "2026-03-05" }, frequency: number("1"), period: number("1"), periodUnit: "d" }),
        asNeededBoolean: true,
      },
      "1 tablet, once a day, 01-Mar-2026 – 05-Mar-2026, as needed",
    ],
    [
      {
        ...tablets,
        timing: { event: ["2026-03-01", "2026-03-08"] },
        method: { text: "dissolve" },
        site: { text: "cheek" },
        maxDosePerAdministration: mg("1000"),
        maxDosePerLifetime: mg("9000"),
      },
      "1 tablet, method: dissolve, site: cheek, on 01-Mar-2026; 08-Mar-2026, no more than 1000 mg at a time, no more than 9000 mg in a lifetime",
    ],
  ])("%j", (dosage, words) => expect(said(dosage)).toBe(words));

  test("in German too", () => {
    const dosage = { ...tablets, ...repeat({ frequency: number("3"), period: number("1"), periodUnit: "d", when: ["PC"] }), asNeededBoolean: true };
    expect(said(dosage, "de")).toBe("1 tablet, 3-mal täglich, nach den Mahlzeiten, bei Bedarf");
  });

  test("in a language that nobody has checked the elements are listed", () => {
    expect(said({ ...tablets, ...repeat({ frequency: number("3"), period: number("1"), periodUnit: "d" }) }, "fr")).toBe(
      "Dose: 1 tablet; Moments de prise: Fréquence: 3; Période: 1 jour",
    );
  });
});

describe("when there is anything that no sentence says, every element is listed", () => {
  const once = repeat({ frequency: number("1"), period: number("1"), periodUnit: "d" });
  test.each<[string, object, readonly string[]]>([
    [
      "an extension",
      { ...tablets, ...once, extension: [{ url: "https://example.org/not-with-milk", valueBoolean: true }] },
      ["1 tablet", "Frequency: 1", "Period: 1 day", "Not with milk: yes"],
    ],
    [
      "an extension of a part",
      {
        ...tablets,
        timing: {
          repeat: {
            frequency: number("1"),
            period: number("1"),
            periodUnit: "d",
            extension: [{ url: "https://example.org/odd-days", valueBoolean: true }],
          },
        },
      },
      ["1 tablet", "Frequency: 1", "Odd days: yes"],
    ],
    ["two doses", { doseAndRate: [{ doseQuantity: mg("1") }, { doseQuantity: mg("2") }], ...once }, ["1 mg", "2 mg", "Frequency: 1"]],
    ["a frequency without a period", { ...tablets, ...repeat({ frequency: number("4") }) }, ["1 tablet", "Frequency: 4"]],
    [
      "an offset that no event is before or after",
      { ...tablets, ...repeat({ when: ["MORN"], offset: number("15") }) },
      ["in the morning", "15 minutes"],
    ],
    ["a code that is none of R4's", { ...tablets, ...repeat({ when: ["DAWN"] }) }, ["DAWN"]],
    [
      "a number beside which something stands",
      {
        ...tablets,
        timing: {
          repeat: {
            frequency: number("2"),
            _frequency: { extension: [{ url: "https://example.org/about", valueString: "rather three" }] },
            period: number("1"),
            periodUnit: "d",
          },
        },
      },
      ["Frequency: 2", "rather three"],
    ],
  ])("%s", (_what, dosage, wanted) => {
    const words = said(dosage);
    for (const piece of wanted) expect(words).toContain(piece);
    expect(words).not.toMatch(/times a day|once a day/);
  });
});

test("the sender's text stands first and whole, whatever else there is; instructions stand beside it", () => {
  const dosage = {
    text: "1-0-1-0",
    ...tablets,
    ...repeat({ frequency: number("2"), period: number("1"), periodUnit: "d" }),
    additionalInstruction: [{ text: "with much water" }],
    patientInstruction: "do not crush",
  };
  expect(said(dosage)).toBe("1-0-1-0 1 tablet, 2 times a day with much water do not crush");
  expect(said({ text: "as before" })).toBe("as before");
});

test.each([
  ["µg/kg/min", "0.5", "micrograms/kg/min"],
  ["mcg", "1", "microgram"],
  ["U", "10", "units"],
  ["IU/mL", "100", "international units/mL"],
  ["mg", "5", "mg"],
  ["Tablette", "2", "Tablette"],
])("units that are misread are written in words: %s", (unit, value, words) => {
  expect(said({ ...dose({ doseQuantity: { value: number(value), unit } }), route: { text: "r" } })).toBe(`${value} ${words}, r`);
});
