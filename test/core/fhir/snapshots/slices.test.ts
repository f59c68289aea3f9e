import { describe, expect, test } from "@jest/globals";
import { CORE, elementsOf, idsBelow, profile, upon, type Element } from "./small-definitions.ts";

const BY_SYSTEM = { discriminator: [{ type: "value", path: "system" }], rules: "open" } as const;
const SLICED: readonly Element[] = [
  { path: "Patient.identifier", slicing: BY_SYSTEM },
  { path: "Patient.identifier", sliceName: "a", max: "1" },
  { path: "Patient.identifier", sliceName: "b", min: 1 },
];

describe("slices", () => {
  test("have what their base says of the entry, and nothing of their siblings", () => {
    const elements = elementsOf(
      profile("p", "Patient", [
        { path: "Patient.identifier", slicing: BY_SYSTEM, min: 1, max: "3" },
        { path: "Patient.identifier", sliceName: "a", min: 1, max: "1", mustSupport: true, short: "the first" },
        { path: "Patient.identifier.system", min: 1, fixedUri: "urn:a" },
        { path: "Patient.identifier", sliceName: "b" },
        { path: "Patient.identifier.value", min: 1 },
      ]),
    );
    expect(elements.get("Patient.identifier")).toMatchObject({ min: 1, max: "3", slicing: BY_SYSTEM });
    expect(elements.get("Patient.identifier:a")).toMatchObject({ sliceName: "a", min: 1, max: "1", short: "the first" });
    expect(elements.get("Patient.identifier:a.system")).toMatchObject({ min: 1, fixedUri: "urn:a" });
    expect(elements.get("Patient.identifier:b")).toMatchObject({ sliceName: "b", min: 0, max: "*", short: "An identifier for this patient" });
    expect(elements.get("Patient.identifier:b")).not.toHaveProperty("slicing");
    expect(elements.get("Patient.identifier:b")?.mustSupport).toBeUndefined();
    expect(elements.get("Patient.identifier:b.system")).toMatchObject({ min: 0 });
    expect(elements.get("Patient.identifier:b.system")).not.toHaveProperty("fixedUri");
    expect(elements.get("Patient.identifier:b.value")?.min).toBe(1);
  });

  test("stand behind their entry and its content, with theirs, in the order that they came in", () => {
    const elements = elementsOf(
      profile("p", "Patient", [...SLICED, { path: "Patient.identifier.system", min: 1 }, { path: "Patient.identifier", sliceName: "c" }]),
    );
    const ids = [...elements.keys()].filter((id) => id.startsWith("Patient.identifier") && !/\.(?!identifier)/.test(id));
    expect(ids).toEqual(["Patient.identifier", "Patient.identifier:a", "Patient.identifier:b", "Patient.identifier:c"]);
    expect(idsBelow(elements, "Patient.identifier:b.")).toEqual(["id", "extension", "use", "type", "system", "value", "period", "assigner"]);
    expect(idsBelow(elements, "Patient.identifier:a.")).toEqual([]);
    expect([...elements.keys()].indexOf("Patient.identifier:b.assigner") + 1).toBe([...elements.keys()].indexOf("Patient.identifier:c"));
  });

  test("of backbone elements list what those hold", () => {
    const elements = elementsOf(
      profile("p", "Observation", [
        { path: "Observation.component", slicing: { discriminator: [{ type: "pattern", path: "code" }], rules: "open" } },
        { path: "Observation.component", sliceName: "systolic", min: 1, max: "1" },
        { path: "Observation.component.code", patternCodeableConcept: { coding: [{ code: "8480-6" }] } },
      ]),
    );
    expect(idsBelow(elements, "Observation.component:systolic.")).toEqual(idsBelow(elements, "Observation.component."));
    expect(elements.get("Observation.component:systolic.code")).toMatchObject({ patternCodeableConcept: { coding: [{ code: "8480-6" }] } });
    expect(elements.get("Observation.component.code")).not.toHaveProperty("patternCodeableConcept");
  });

  test("of a base are inherited with its entry, and those of who derives come behind them", () => {
    const elements = elementsOf(
      profile("p", "Patient", SLICED),
      profile("q", upon("p"), [
        { id: "Patient.identifier:c", path: "Patient.identifier", sliceName: "c", max: "1" },
        { id: "Patient.identifier:a", path: "Patient.identifier", sliceName: "a", min: 1 },
      ]),
    );
    expect([...elements.keys()].filter((id) => id.startsWith("Patient.identifier"))).toEqual([
      ...["Patient.identifier", "Patient.identifier:a", "Patient.identifier:b", "Patient.identifier:c"],
    ]);
    expect(elements.get("Patient.identifier")?.slicing).toEqual(BY_SYSTEM);
    expect(elements.get("Patient.identifier:a")).toMatchObject({ min: 1, max: "1" });
    expect(elements.get("Patient.identifier:b")?.min).toBe(1);
  });

  test("have within them what stands within their entry, and no more than is asked for", () => {
    const elements = elementsOf(
      profile("p", "Observation", [
        { path: "Observation.component", slicing: { discriminator: [{ type: "pattern", path: "code" }], rules: "open" } },
        { path: "Observation.component.dataAbsentReason", max: "0" },
        { path: "Observation.component", sliceName: "x", min: 1 },
        { path: "Observation.category", slicing: { discriminator: [{ type: "value", path: "coding.code" }], rules: "open" } },
        { path: "Observation.category.text", min: 1 },
        { path: "Observation.category", sliceName: "a" },
        { path: "Observation.category", sliceName: "b" },
        { path: "Observation.category.coding", min: 1 },
      ]),
    );
    expect(elements.get("Observation.component:x.dataAbsentReason")?.max).toBe("0");
    expect(idsBelow(elements, "Observation.category:a.")).toEqual([]);
    expect(elements.get("Observation.category:b.text")?.min).toBe(1);
    expect(elements.get("Observation.category:b.coding")?.min).toBe(1);
    expect(elements.get("Observation.category.coding")?.min).toBe(0);
  });

  test("have the content that the entry had in the base, once it is asked for", () => {
    const elements = elementsOf(
      profile("p", "Patient", [
        { path: "Patient.identifier", slicing: BY_SYSTEM },
        { path: "Patient.identifier.system", min: 1 },
      ]),
      profile("q", upon("p"), [
        { id: "Patient.identifier:a", path: "Patient.identifier", sliceName: "a" },
        { id: "Patient.identifier:a.value", path: "Patient.identifier.value", min: 1 },
      ]),
    );
    expect(elements.get("Patient.identifier:a.system")?.min).toBe(1);
    expect(elements.get("Patient.identifier:a.value")?.min).toBe(1);
    expect(elements.get("Patient.identifier.value")?.min).toBe(0);
  });

  test("of a grandparent are opened again by who derives: re-slices", () => {
    const elements = elementsOf(
      profile("p", "Patient", [...SLICED, { path: "Patient.identifier.system", min: 1 }]),
      profile("q", upon("p"), [{ path: "Patient.active", min: 1 }]),
      profile("r", upon("q"), [
        { path: "Patient.identifier", sliceName: "b", slicing: { discriminator: [{ type: "value", path: "use" }], rules: "closed" } },
        { path: "Patient.identifier", sliceName: "b/old", max: "1" },
        { path: "Patient.identifier.use", fixedCode: "old" },
        { path: "Patient.identifier", sliceName: "b/official", min: 1 },
      ]),
    );
    const ids = [...elements.keys()].filter((id) => /^Patient\.identifier[^.]*$/.test(id));
    expect(ids).toEqual([...["", ":a", ":b", ":b/old", ":b/official"].map((slice) => `Patient.identifier${slice}`)]);
    expect(elements.get("Patient.identifier:b")).toMatchObject({ min: 1, sliceName: "b", slicing: { rules: "closed" } });
    expect(elements.get("Patient.identifier:b/old")).toMatchObject({ min: 0, max: "1", sliceName: "b/old" });
    expect(elements.get("Patient.identifier:b/old")).not.toHaveProperty("slicing");
    expect(elements.get("Patient.identifier:b/old.use")?.["fixedCode"]).toBe("old");
    // What the base says within the slice holds within its re-slices.
    expect(elements.get("Patient.identifier:b/old.system")?.min).toBe(1);
    expect(elements.get("Patient.identifier:b.use")).not.toHaveProperty("fixedCode");
  });

  test("keep re-slices and what is in them where somebody derives again", () => {
    const reSliced = profile("p", "Patient", [
      ...SLICED,
      { path: "Patient.identifier", sliceName: "b/old" },
      { path: "Patient.identifier.use", fixedCode: "old" },
    ]);
    const base = elementsOf(reSliced);
    const elements = elementsOf(reSliced, profile("q", upon("p"), [{ path: "Patient.active", min: 1 }]));
    expect([...elements.keys()]).toEqual([...base.keys()]);
    expect(elements.get("Patient.identifier:b/old.use")?.["fixedCode"]).toBe("old");
  });

  test("within slices", () => {
    const elements = elementsOf(
      profile("p", "Observation", [
        { path: "Observation.component", slicing: { discriminator: [{ type: "value", path: "code.coding.code" }], rules: "open" } },
        { path: "Observation.component", sliceName: "x" },
        { path: "Observation.component.code.coding", slicing: BY_SYSTEM },
        { path: "Observation.component.code.coding", sliceName: "loinc", min: 1 },
        { path: "Observation.component.code.coding.system", fixedUri: "http://loinc.org" },
        { path: "Observation.component.code.text", max: "0" },
      ]),
    );
    expect(elements.get("Observation.component:x.code.coding:loinc.system")?.["fixedUri"]).toBe("http://loinc.org");
    expect(elements.get("Observation.component:x.code.text")?.max).toBe("0");
    expect(elements.has("Observation.component.code.text")).toBe(false);
  });

  test("of extensions need no slicing, and may be how often the extension's definition says", () => {
    const extension = profile(
      "ext",
      "Extension",
      [
        { path: "Extension", min: 0, max: "1", short: "A place", isModifier: true, constraint: [{ key: "x-1", severity: "error", human: "so" }] },
        { path: "Extension.url", fixedUri: "http://example.org/ext" },
        { path: "Extension.value[x]", min: 1, type: [{ code: "string" }] },
      ],
      { kind: "complex-type" },
    );
    const elements = elementsOf(
      extension,
      profile("p", "Patient", [
        { path: "Patient.extension", sliceName: "place", type: [{ code: "Extension", profile: [upon("ext")] }] },
        { path: "Patient.extension", sliceName: "places", max: "2", type: [{ code: "Extension", profile: [upon("ext")] }] },
        { path: "Patient.extension.value[x]", maxLength: 5 },
      ]),
    );
    expect(elements.get("Patient.extension")?.slicing).toEqual({ discriminator: [{ type: "value", path: "url" }], ordered: false, rules: "open" });
    expect(elements.get("Patient.extension:place")).toMatchObject({ min: 0, max: "1", short: "A place", isModifier: true });
    expect(elements.get("Patient.extension:place")?.constraint?.map(({ key }) => key)).toEqual(["ele-1", "ext-1", "x-1"]);
    expect(elements.get("Patient.extension:places")?.max).toBe("2");
    expect(elements.get("Patient.extension:places.url")?.["fixedUri"]).toBe("http://example.org/ext");
    expect(elements.get("Patient.extension:places.value[x]")).toMatchObject({ min: 1, maxLength: 5, type: [{ code: "string" }] });
  });

  test("whose extension nobody holds stand, as any extension", () => {
    const type = [{ code: "Extension", profile: ["http://example.org/unheld"] }];
    const elements = elementsOf(profile("p", "Patient", [{ path: "Patient.extension", sliceName: "x", min: 1, type }]));
    expect(elements.get("Patient.extension:x")).toMatchObject({ min: 1, max: "*", type });
  });

  test("closed lists stay closed, order that was asked for stays, discriminators add up", () => {
    const elements = elementsOf(
      profile("p", "Patient", [
        { path: "Patient.identifier", slicing: { discriminator: [{ type: "value", path: "system" }], ordered: true, rules: "closed" } },
        { path: "Patient.identifier", sliceName: "a" },
      ]),
      profile("q", upon("p"), [
        { path: "Patient.identifier", slicing: { discriminator: [{ type: "value", path: "use" }], ordered: false, rules: "open" } },
      ]),
    );
    expect(elements.get("Patient.identifier")?.slicing).toEqual({
      discriminator: [
        { type: "value", path: "system" },
        { type: "value", path: "use" },
      ],
      ordered: true,
      rules: "closed",
    });
  });

  test("of a choice: by the short name or by name, they are the same", () => {
    const short = profile("p", "Observation", [
      { path: "Observation.valueQuantity", short: "how much" },
      { path: "Observation.valueQuantity.unit", min: 1 },
    ]);
    const long = profile("p", "Observation", [
      { path: "Observation.value[x]", slicing: { discriminator: [{ type: "type", path: "$this" }], ordered: false, rules: "open" } },
      { path: "Observation.value[x]", sliceName: "valueQuantity", short: "how much", type: [{ code: "Quantity" }] },
      { path: "Observation.value[x].unit", min: 1 },
    ]);
    const elements = elementsOf(short);
    expect([...elements]).toEqual([...elementsOf(long)]);
    expect(elements.get("Observation.value[x]")?.slicing).toMatchObject({ rules: "open", discriminator: [{ type: "type", path: "$this" }] });
    expect(elements.get("Observation.value[x]")?.type?.length).toBe(11);
    expect(elements.get("Observation.value[x]:valueQuantity")).toMatchObject({
      path: "Observation.value[x]",
      min: 0,
      max: "1",
      type: [{ code: "Quantity" }],
    });
    expect(elements.get("Observation.value[x]:valueQuantity.unit")?.min).toBe(1);
  });

  test("of a choice that must stand leave no other type, and make it needed", () => {
    const elements = elementsOf(profile("p", "Observation", [{ path: "Observation.valueQuantity", min: 1 }]));
    expect(elements.get("Observation.value[x]")).toMatchObject({ min: 1, type: [{ code: "Quantity" }], slicing: { rules: "closed" } });
  });

  test("of a choice that is of one type alone need none", () => {
    const elements = elementsOf(
      profile("p", "Observation", [{ path: "Observation.value[x]", type: [{ code: "Quantity" }] }]),
      profile("q", upon("p"), [{ path: "Observation.valueQuantity.unit", min: 1 }]),
    );
    expect(elements.get("Observation.value[x].unit")?.min).toBe(1);
    expect([...elements.keys()].some((id) => id.includes(":"))).toBe(false);
  });

  test("of a choice are known by whatever name their author gave them, when who derives uses the short one", () => {
    const elements = elementsOf(
      profile("p", "Observation", [
        { path: "Observation.value[x]", slicing: { discriminator: [{ type: "type", path: "$this" }], rules: "open" } },
        { path: "Observation.value[x]", sliceName: "amount", type: [{ code: "Quantity" }] },
      ]),
      profile("q", upon("p"), [{ path: "Observation.valueQuantity.unit", min: 1 }]),
    );
    expect(elements.get("Observation.value[x]:amount.unit")?.min).toBe(1);
    expect(elements.has("Observation.value[x]:valueQuantity")).toBe(false);
  });

  test("a choice of one type with its slice lists no binding that its type has no codes for", () => {
    const elements = elementsOf(profile("p", "MedicationRequest", [{ path: "MedicationRequest.medicationReference", min: 1 }]));
    expect(elements.get("MedicationRequest.medication[x]:medicationReference")).not.toHaveProperty("binding");
    expect(elements.get("MedicationRequest.medication[x]:medicationReference")?.type).toEqual([
      { code: "Reference", targetProfile: [`${CORE}Medication`] },
    ]);
  });
});
