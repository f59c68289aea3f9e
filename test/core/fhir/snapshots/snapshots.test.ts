import { describe, expect, test } from "@jest/globals";
import type { Constraint, StructureDefinition } from "../../../../src/core/fhir/conformance/structure-definition.ts";
import { CORE, elementsOf, idsBelow, make, profile, R4, upon, type Element } from "./small-definitions.ts";

describe("a snapshot", () => {
  test("of a differential that says nothing is that of the base", () => {
    const base = R4.structureDefinition(`${CORE}Patient`)?.resource.snapshot?.element;
    const { definition } = make(profile("p", "Patient", [{ path: "Patient" }]));
    // Of its own constraints R4 does not say that they are its own.
    const said = base?.map(({ constraint, ...element }) =>
      constraint === undefined ? element : { ...element, constraint: constraint.map((one) => ({ source: `${CORE}Patient`, ...one })) },
    );
    expect(definition?.snapshot?.element).toEqual(said);
    expect(definition).toMatchObject({ url: upon("p"), baseDefinition: `${CORE}Patient` });
  });

  test("that is there is left as it is", () => {
    const given = profile("p", "Patient", [{ path: "Patient.id", min: 1 }], { snapshot: { element: [{ path: "Patient", id: "Patient" }] } });
    expect(make(given).definition).toBe(given);
  });

  test("says what the differential says, and of the rest what the base says", () => {
    const elements = elementsOf(
      profile("p", "Patient", [
        { path: "Patient.birthDate", min: 1, mustSupport: true, short: "born" },
        { path: "Patient.name", max: "1" },
      ]),
    );
    expect(elements.get("Patient.birthDate")).toMatchObject({ min: 1, max: "1", mustSupport: true, short: "born", type: [{ code: "date" }] });
    expect(elements.get("Patient.birthDate")?.base).toEqual({ path: "Patient.birthDate", min: 0, max: "1" });
    expect(elements.get("Patient.name")).toMatchObject({ min: 0, max: "1", base: { path: "Patient.name", min: 0, max: "*" } });
  });

  test("needs the snapshot of its base first, however many stand upon one another", () => {
    const chain = Array.from({ length: 20 }, (_, at) =>
      profile(`p${at}`, at === 0 ? "Patient" : upon(`p${at - 1}`), [{ path: "Patient.name", min: at }]),
    );
    expect(elementsOf(...chain).get("Patient.name")?.min).toBe(19);
  });

  test("walks into datatypes, by paths alone and without what is between", () => {
    const elements = elementsOf(
      profile("p", "Observation", [
        { path: "Observation.code.coding.system", min: 1 },
        { path: "Observation.subject.identifier.type.coding.code", fixedCode: "MR" },
      ]),
    );
    expect(idsBelow(elements, "Observation.code.")).toEqual([
      ...["id", "extension", "coding", "coding.id", "coding.extension", "coding.system", "coding.version", "coding.code", "coding.display"],
      ...["coding.userSelected", "text"],
    ]);
    expect(elements.get("Observation.code.coding.system")).toMatchObject({ min: 1, base: { path: "Coding.system", min: 0, max: "1" } });
    expect(elements.get("Observation.subject.identifier.type.coding.code")?.["fixedCode"]).toBe("MR");
  });

  test("walks into primitives: their id, extensions and value", () => {
    const elements = elementsOf(profile("p", "Patient", [{ path: "Patient.birthDate.extension", min: 1 }]));
    expect(idsBelow(elements, "Patient.birthDate.")).toEqual(["id", "extension", "value"]);
    expect(elements.get("Patient.birthDate.extension")?.min).toBe(1);
  });

  test("walks into the profile of a type", () => {
    const phone = profile("phone", "ContactPoint", [{ path: "ContactPoint.system", min: 1, fixedCode: "phone" }], { kind: "complex-type" });
    const elements = elementsOf(
      phone,
      profile("p", "Patient", [
        { path: "Patient.telecom", type: [{ code: "ContactPoint", profile: [upon("phone")] }] },
        { path: "Patient.telecom.value", min: 1 },
      ]),
    );
    expect(elements.get("Patient.telecom")).toMatchObject({ min: 0, max: "*" });
    expect(elements.get("Patient.telecom.system")).toMatchObject({ min: 1, fixedCode: "phone" });
  });

  test("has the constraints and the binding of the profile of a type, and how often of the element", () => {
    const some = profile(
      "concept",
      "CodeableConcept",
      [
        {
          path: "CodeableConcept",
          min: 1,
          max: "1",
          constraint: [{ key: "c-1", severity: "error", human: "so" }],
          binding: { strength: "required", valueSet: "urn:vs" },
        },
      ],
      { kind: "complex-type" },
    );
    const elements = elementsOf(
      some,
      profile("p", "Observation", [{ path: "Observation.category", type: [{ code: "CodeableConcept", profile: [upon("concept")] }] }]),
    );
    expect(elements.get("Observation.category")).toMatchObject({ min: 0, max: "*", binding: { strength: "required", valueSet: "urn:vs" } });
    expect(elements.get("Observation.category")?.constraint?.find(({ key }) => key === "c-1")?.source).toBe(upon("concept"));
  });

  test("walks into resources that a type or a profile names", () => {
    const patient = profile("patient", "Patient", [{ path: "Patient.birthDate", min: 1 }]);
    const elements = elementsOf(
      patient,
      profile("p", "Bundle", [
        { path: "Bundle.entry", slicing: { discriminator: [{ type: "profile", path: "resource" }], rules: "open" } },
        { path: "Bundle.entry", sliceName: "patient", min: 1 },
        { path: "Bundle.entry.resource", type: [{ code: "Patient", profile: [upon("patient")] }] },
        { path: "Bundle.entry.resource.gender", min: 1 },
        { path: "Bundle.entry", sliceName: "other" },
        { path: "Bundle.entry.resource", type: [{ code: "Device" }] },
        { path: "Bundle.entry.resource.deviceName.name", maxLength: 9 },
      ]),
    );
    expect(elements.get("Bundle.entry:patient.resource.birthDate")?.min).toBe(1);
    expect(elements.get("Bundle.entry:patient.resource.gender")?.min).toBe(1);
    expect(elements.get("Bundle.entry:other.resource.deviceName.name")?.maxLength).toBe(9);
  });

  test("walks into what an element refers to, deeper than it goes in the type", () => {
    const elements = elementsOf(profile("p", "Questionnaire", [{ path: "Questionnaire.item.item.item.linkId", maxLength: 9 }]));
    expect(elements.get("Questionnaire.item.item.item.linkId")).toMatchObject({ min: 1, maxLength: 9, base: { path: "Questionnaire.item.linkId" } });
    expect(elements.get("Questionnaire.item.item")).toMatchObject({ type: [{ code: "BackboneElement" }], min: 0, max: "*" });
    expect(elements.get("Questionnaire.item.item")).not.toHaveProperty("contentReference");
    expect(elements.get("Questionnaire.item.item.item.item")?.contentReference).toBe("#Questionnaire.item");
  });

  test("adds constraints and conditions, each said by whom", () => {
    const constraint = (key: string): readonly Constraint[] => [{ key, severity: "error", human: key, expression: "true" }];
    const elements = elementsOf(
      profile("p", "Patient", [{ path: "Patient", constraint: constraint("p-1") }]),
      profile("q", upon("p"), [
        { path: "Patient", constraint: constraint("q-1"), condition: ["q-1"] },
        { path: "Patient.contact", condition: ["q-1", "ele-1"] },
      ]),
    );
    const said = elements.get("Patient")?.constraint?.map(({ key, source }) => `${key} ${source}`);
    expect(said).toEqual(expect.arrayContaining([`dom-2 ${CORE}DomainResource`, `p-1 ${upon("p")}`, `q-1 ${upon("q")}`]));
    expect(said).toHaveLength(7);
    expect(elements.get("Patient.contact")?.condition).toEqual(["q-1", "ele-1"]);
  });

  test("keeps of a binding what the differential leaves out", () => {
    const elements = elementsOf(
      profile("p", "Condition", [
        { path: "Condition.code", binding: { strength: "extensible", valueSet: "urn:vs", maxValueSet: "urn:max" } },
        { path: "Condition.severity", binding: { strength: "required" } },
      ]),
      profile("q", upon("p"), [{ path: "Condition.code", binding: { strength: "required", valueSet: "urn:own" } }]),
    );
    expect(elements.get("Condition.code")?.binding).toEqual({ strength: "required", valueSet: "urn:own", maxValueSet: "urn:max" });
    expect(elements.get("Condition.severity")?.binding).toEqual({
      strength: "required",
      valueSet: "http://hl7.org/fhir/ValueSet/condition-severity",
    });
  });

  test("has one fixed value, of the type that is left", () => {
    const elements = elementsOf(
      profile("p", "Observation", [{ path: "Observation.value[x]", fixedString: "a" }]),
      profile("q", upon("p"), [{ path: "Observation.value[x]", type: [{ code: "boolean" }], fixedBoolean: true, patternBoolean: true }]),
    );
    expect(elements.get("Observation.value[x]")).toMatchObject({ fixedBoolean: true, patternBoolean: true });
    expect(elements.get("Observation.value[x]")).not.toHaveProperty("fixedString");
  });

  test("does not ask in which order a differential comes", () => {
    const elements: readonly Element[] = [
      { id: "Patient.name.family", path: "Patient.name.family", min: 1 },
      { id: "Patient.identifier", path: "Patient.identifier", slicing: { discriminator: [{ type: "value", path: "system" }], rules: "open" } },
      { id: "Patient.identifier:a", path: "Patient.identifier", sliceName: "a" },
      { id: "Patient.active", path: "Patient.active", min: 1 },
      { id: "Patient.identifier:a.system", path: "Patient.identifier.system", fixedUri: "urn:a" },
    ];
    const made = elementsOf(profile("p", "Patient", elements));
    expect(made.get("Patient.identifier:a.system")?.["fixedUri"]).toBe("urn:a");
    expect([...made.keys()].indexOf("Patient.active")).toBeGreaterThan([...made.keys()].indexOf("Patient.identifier:a.system"));
  });

  test("of a type of its own has the elements that it adds", () => {
    const model = profile(
      "model",
      "Element",
      [
        { path: "model" },
        { path: "model.part", min: 1, max: "*", type: [{ code: "BackboneElement" }] },
        { path: "model.part.code", min: 0, max: "1", type: [{ code: "CodeableConcept" }] },
      ],
      { kind: "logical", derivation: "specialization", type: "http://example.org/model" },
    );
    expect([...elementsOf(model).keys()]).toEqual([
      ...["model", "model.id", "model.extension", "model.part", "model.part.id", "model.part.extension", "model.part.modifierExtension"],
      "model.part.code",
    ]);
    const narrowed = elementsOf(model, profile("narrowed", upon("model"), [{ path: "model.part.code.text", max: "0" }]));
    expect(narrowed.get("model.part.code.text")?.max).toBe("0");
  });
});

describe("of a broken definition", () => {
  const fault = (...definitions: readonly StructureDefinition[]): unknown => make(...definitions).fault;

  test("the element is told that nothing knows", () => {
    expect(fault(profile("p", "Patient", [{ path: "Patient.colour", min: 1 }]))).toEqual({
      element: "Patient.colour",
      message: "there is no colour in Patient",
    });
    expect(fault(profile("p", "Patient", [{ id: "Patient.name.last", path: "Patient.name.last" }]))).toMatchObject({ element: "Patient.name.last" });
    expect(fault(profile("p", "Patient", [{ path: "Observation.code" }]))).toMatchObject({ element: "Observation.code" });
    expect(fault(profile("p", "Observation", [{ path: "Observation.valueAddress", min: 1 }]))).toMatchObject({ element: "Observation.valueAddress" });
    expect(fault(profile("p", "Patient", [{ path: "Patient.id.x" }]))).toMatchObject({ element: "Patient.id.x" });
    expect(fault(profile("p", "Patient", [{ path: "" }]))).toMatchObject({ element: "" });
  });

  test("types are told that its base does not allow, and values of types that it can't have", () => {
    expect(fault(profile("p", "Observation", [{ path: "Observation.value[x]", type: [{ code: "Address" }] }]))).toMatchObject({
      element: "Observation.value[x]",
      message: expect.stringContaining("Address is none of the types that it may have: Quantity, CodeableConcept") as unknown,
    });
    expect(fault(profile("p", "Observation", [{ path: "Observation.code", fixedString: "a" }]))).toEqual({
      element: "Observation.code",
      message: "a fixed String is no value of CodeableConcept",
    });
    const allowed = elementsOf(
      profile("p", "Condition", [
        { path: "Condition.onset[x]", type: [{ code: "Age" }], patternAge: { value: 3 } },
        { path: "Condition.contained", type: [{ code: "Patient" }] },
        { path: "Condition.code.coding.system", fixedUri: "urn:x" },
      ]),
    );
    expect(allowed.get("Condition.contained")?.type).toEqual([{ code: "Patient" }]);
    expect(fault(profile("p", "Condition", [{ path: "Condition.onset[x]", patternQuantity: { value: 3 } }]))).toBeUndefined();
  });

  test("a slice may have a type that this differential leaves to no other", () => {
    const elements = elementsOf(
      profile("p", "Condition", [
        { path: "Condition.onset[x]", type: [{ code: "Period" }], slicing: { discriminator: [{ type: "type", path: "$this" }], rules: "open" } },
        { path: "Condition.onset[x]", sliceName: "onsetDateTime", type: [{ code: "dateTime" }] },
      ]),
    );
    expect(elements.get("Condition.onset[x]:onsetDateTime")?.type).toEqual([{ code: "dateTime" }]);
  });

  test("the slice is told that nothing makes", () => {
    const element = { id: "Patient.identifier:x.system", path: "Patient.identifier.system", min: 1 };
    expect(fault(profile("p", "Patient", [element]))).toEqual({
      element: "Patient.identifier:x.system",
      message: "there is no slice x that it could be in",
    });
  });

  test("the profile is told that is not held, where only it would know the element", () => {
    const type = [{ code: "Extension", profile: ["http://example.org/unheld"] }];
    const elements = [
      { path: "Patient.extension", sliceName: "x", type },
      { path: "Patient.extension.value[x].start", min: 1 },
    ];
    expect(fault(profile("p", "Patient", elements))).toEqual({
      element: "Patient.extension.value[x].start",
      message: "there is no start in value[x]; http://example.org/unheld is not held",
    });
  });

  test("a base that is not there, or none, or nothing to stand upon it", () => {
    expect(fault(profile("p", upon("none"), [{ path: "Patient" }]))).toMatchObject({ message: `its base ${upon("none")} is not held` });
    expect(fault(profile("p", "Patient", [{ path: "Patient" }], { baseDefinition: undefined as never }))).toMatchObject({
      message: "it has a differential, and names no base",
    });
    expect(fault(profile("p", "Patient", [], { differential: undefined as never }))).toMatchObject({
      message: "it has neither a snapshot nor a differential",
    });
  });

  test("definitions that stand upon themselves end", () => {
    const [a, b] = [profile("a", upon("b"), [{ path: "Patient" }]), profile("b", upon("a"), [{ path: "Patient" }])];
    expect(fault(a, b)).toMatchObject({ message: expect.stringContaining("stands upon itself") as unknown });
    expect(fault(profile("c", upon("c"), [{ path: "Patient" }]))).toMatchObject({
      message: expect.stringContaining("stands upon itself") as unknown,
    });
  });

  test("profiles that walk into each other end", () => {
    const into = (name: string, other: string): StructureDefinition =>
      profile(
        name,
        "Extension",
        [
          { path: "Extension.extension", sliceName: "x", type: [{ code: "Extension", profile: [upon(other)] }] },
          { path: "Extension.extension.extension", min: 1 },
        ],
        { kind: "complex-type" },
      );
    expect(fault(into("a", "b"), into("b", "a"))).toMatchObject({ element: "Extension.extension.extension" });
  });

  test("an extension may be within itself", () => {
    const type = [{ code: "Extension", profile: [upon("a")] }];
    const nested = profile("a", "Extension", [{ path: "Extension.extension", sliceName: "again", max: "3", type }], { kind: "complex-type" });
    expect(elementsOf(nested).get("Extension.extension:again")?.max).toBe("3");
  });

  test("a base without a snapshot hands on why", () => {
    const broken = profile("a", "Patient", [{ path: "Patient.colour" }]);
    expect(fault(broken, profile("b", upon("a"), [{ path: "Patient" }]))).toEqual({
      element: undefined,
      message: `${upon("a")} has no snapshot: Patient.colour: there is no colour in Patient`,
    });
  });
});

describe("of a hostile definition", () => {
  test("a snapshot does not grow beyond bounds: each doubles the one before", () => {
    const doubling = Array.from({ length: 40 }, (_, at) =>
      profile(
        `d${at}`,
        "Extension",
        ["a", "b"].flatMap((sliceName) => [
          { path: "Extension.extension", sliceName, type: [{ code: "Extension", profile: [at === 0 ? `${CORE}Extension` : upon(`d${at - 1}`)] }] },
          { path: "Extension.extension.url", min: 1 },
        ]),
        { kind: "complex-type" },
      ),
    );
    expect(make(...doubling).fault?.message).toContain("would have more than 20000 elements");
  });

  test("nor a chain, nor a path, nor a differential", () => {
    const chain = Array.from({ length: 150 }, (_, at) => profile(`p${at}`, at === 0 ? "Patient" : upon(`p${at - 1}`), [{ path: "Patient" }]));
    expect(make(...chain).fault?.message).toContain("more than 100 definitions stand upon one another");
    expect(make(profile("p", "Patient", [{ path: `Patient${".extension".repeat(5000)}` }])).fault?.message).toContain("more than 60 elements deep");
    const many = Array.from({ length: 20_001 }, (): Element => ({ path: "Patient.active" }));
    expect(make(profile("p", "Patient", many)).fault?.message).toContain("more than 20000 elements");
  });

  test("names of JavaScript are names", () => {
    for (const name of ["__proto__", "constructor", "toString"]) {
      expect(make(profile("p", "Patient", [{ path: `Patient.${name}` }])).fault?.element).toBe(`Patient.${name}`);
      const elements = elementsOf(profile("p", "Patient", [{ path: "Patient.identifier", sliceName: name, min: 1 }]));
      expect(elements.get(`Patient.identifier:${name}`)?.min).toBe(1);
    }
  });
});
