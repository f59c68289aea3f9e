import { describe, expect, test } from "@jest/globals";
import type { ElementDefinition, StructureDefinition } from "../../../../src/core/fhir/conformance/structure-definition.ts";
import { isError } from "../../../../src/core/fhir/issue.ts";
import { DEFAULT_POLICY } from "../../../../src/pipeline/validate/policy.ts";
import { createValidator } from "../../../../src/pipeline/validate/validate.ts";
import { R4 } from "../../../r4.ts";
import { aProfile, brief, tree, URL, validatorWith } from "./memory-conformance.ts";

type Context = NonNullable<StructureDefinition["context"]>;
const element = (...expressions: string[]): Context => expressions.map((expression) => ({ type: "element", expression }));

/** An extension with one value. */
function simple(name: string, value: Partial<ElementDefinition>, more: Partial<StructureDefinition> = {}): StructureDefinition {
  const elements = [
    { path: "Extension.extension", max: "0" },
    { path: "Extension.url", fixedUri: URL + name },
    { path: "Extension.value[x]", min: 1, ...value },
  ];
  return aProfile(name, "Extension", elements, { context: element("Patient"), ...more });
}

const colour = simple("colour", { type: [{ code: "string" }], maxLength: 5 });
const size = simple(
  "size",
  { type: [{ code: "Quantity", profile: [`${URL}metres`] }] },
  { context: [...element("Patient"), { type: "extension", expression: `${URL}places` }] },
);
const metres = aProfile("metres", "Quantity", [{ path: "Quantity.code", min: 1, fixedCode: "m" }]);
const places = aProfile(
  "places",
  "Extension",
  [
    {
      path: "Extension.extension",
      min: 1,
      slicing: { discriminator: [{ type: "value", path: "url" }], rules: "closed" },
    },
    { path: "Extension.extension", sliceName: "town", min: 1, max: "1" },
    { path: "Extension.extension.url", fixedUri: "town" },
    { path: "Extension.extension.value[x]", type: [{ code: "string" }] },
    { path: "Extension.extension", sliceName: "size", min: 0, max: "1", type: [{ code: "Extension", profile: [`${URL}size`] }] },
    { path: "Extension.url", fixedUri: `${URL}places` },
    { path: "Extension.value[x]", max: "0" },
  ],
  { context: element("Element") },
);
const ALL = [colour, size, metres, places];

/** What is said of extensions and by profiles, briefly. */
function said(resource: object, definitions: readonly StructureDefinition[] = ALL): string[] {
  const issues = validatorWith(definitions).validate(tree({ resourceType: "Patient", ...resource }), []);
  return issues
    .filter(isError)
    .map(brief)
    .filter((line) => /^(?:profile|extension)-/.test(line));
}

const of = (name: string, value: object): object => ({ url: URL + name, ...value });
const metre = { valueQuantity: { value: 1, system: "http://unitsofmeasure.org", code: "m" } };

describe("an extension that a package defines, where no profile names it", () => {
  test.each<[what: string, resource: object, lines: string[]]>([
    ["as it is defined", { extension: [of("colour", { valueString: "red" })] }, []],
    ["with a value that is too long", { extension: [of("colour", { valueString: "purple" })] }, ["profile-length Patient.extension[0].value"]],
    ["of another type", { extension: [of("colour", { valueCode: "red" })] }, ["profile-type Patient.extension[0].value"]],
    ["without its value", { extension: [of("colour", { id: "x" })] }, ["profile-element-missing Patient.extension[0]"]],
    ["whose datatype has a profile", { extension: [of("size", metre)] }, []],
    [
      "whose value does not hold to the profile of its datatype",
      { extension: [of("size", { valueQuantity: { value: 1, code: "kg" } })] },
      ["profile-value Patient.extension[0].value.code"],
    ],
    ["a complex one", { extension: [of("places", { extension: [{ url: "town", valueString: "Ulm" }, of("size", metre)] })] }, []],
    [
      "a complex one with a value",
      { extension: [of("places", { valueString: "Ulm" })] },
      ["profile-slice-missing Patient.extension[0]", "profile-element-forbidden Patient.extension[0]"],
    ],
    [
      "a complex one that lacks a part and has an unknown one",
      { extension: [of("places", { extension: [{ url: "village", valueString: "Ulm" }] })] },
      ["profile-slice-missing Patient.extension[0]", "profile-slice-unknown Patient.extension[0].extension[0]"],
    ],
    [
      "one within another, told once",
      { extension: [of("places", { extension: [{ url: "town", valueString: "Ulm" }, of("size", { valueQuantity: { code: "kg" } })] })] },
      ["profile-value Patient.extension[0].extension[1].value.code"],
    ],
    [
      "one within one that nobody defines",
      { extension: [{ url: "http://example.org/unknown", extension: [of("places", { extension: [{ url: "town", valueCode: "x" }] })] }] },
      ["profile-type Patient.extension[0].extension[0].extension[0].value"],
    ],
    [
      "beside a primitive",
      { _birthDate: { extension: [of("places", { valueString: "x" })] } },
      ["profile-slice-missing Patient.birthDate.extension[0]", "profile-element-forbidden Patient.birthDate.extension[0]"],
    ],
    [
      "in a contained resource",
      { contained: [{ resourceType: "Patient", id: "a", extension: [of("colour", { valueString: "purple" })] }] },
      ["profile-length Patient.contained[0].extension[0].value"],
    ],
    [
      "of R4 itself",
      { extension: [{ url: "http://hl7.org/fhir/StructureDefinition/patient-birthPlace", valueString: "x" }] },
      ["extension-value Patient.extension[0]"],
    ],
    [
      "with a version in its url",
      { extension: [{ url: `${URL}places|1.0.0`, extension: [{ url: "town", valueString: "a" }] }] },
      ["extension-url Patient.extension[0].url", "profile-value Patient.extension[0].url"],
    ],
    [
      "as a modifier that it is not",
      { modifierExtension: [of("colour", { valueString: "red" })] },
      ["extension-modifier Patient.modifierExtension[0]"],
    ],
  ])("%s", (_, resource, lines) => {
    expect(said(resource).toSorted()).toEqual(lines.toSorted());
  });

  test("a modifier", () => {
    const elements = [
      { path: "Extension", isModifier: true },
      { path: "Extension.url", fixedUri: `${URL}not` },
      { path: "Extension.value[x]", max: "0" },
    ];
    const not = [aProfile("not", "Extension", elements, { context: element("Patient") })];
    expect(said({ modifierExtension: [of("not", { valueBoolean: true })] }, not)).toEqual(["profile-element-forbidden Patient.modifierExtension[0]"]);
    expect(said({ extension: [of("not", { id: "x" })] }, not)).toEqual(["extension-modifier Patient.extension[0]"]);
    expect(said({ modifierExtension: [{ url: "http://example.org/other", valueBoolean: true }] }, not)).toEqual([]);
  });

  test("one that a profile names, too, is told once", () => {
    const profile = aProfile("p", "Patient", [
      { path: "Patient.extension", slicing: { discriminator: [{ type: "value", path: "url" }], rules: "open" } },
      { path: "Patient.extension", sliceName: "colour", type: [{ code: "Extension", profile: [`${URL}colour`] }] },
    ]);
    const resource = { meta: { profile: [`${URL}p`] }, extension: [of("colour", { valueString: "purple" })] };
    expect(said(resource, [profile, ...ALL])).toEqual(["profile-length Patient.extension[0].value"]);
  });

  test("nothing is said without packages", () => {
    const resource = tree({ resourceType: "Patient", extension: [of("colour", { valueCode: "purple" })] });
    expect(
      createValidator({ ...R4, policy: DEFAULT_POLICY })
        .validate(resource, [])
        .filter(isError),
    ).toEqual([]);
  });
});

const DIV = '<div xmlns="http://www.w3.org/1999/xhtml">x</div>';

describe("where an extension may stand", () => {
  const family = { name: [{ family: "x", _family: { extension: [of("colour", { valueString: "red" })] } }] };
  const onPatient = { extension: [of("colour", { valueString: "red" })] };
  const inContact = { contact: [{ name: { text: "x" }, extension: [of("colour", { valueString: "red" })] }] };
  const fhirpath = (expression: string): Context => [{ type: "fhirpath", expression }];
  const inValue = (name: string): object => ({
    birthDate: "1980",
    _birthDate: { extension: [{ url: URL + name, valueString: "x", _valueString: onPatient }] },
  });
  const wrong = (place: string): string[] => [`extension-context ${place}`];
  test.each<[what: string, context: Context, resource: object, lines: string[]]>([
    ["a resource", element("Patient"), onPatient, []],
    ["another resource", element("Observation"), onPatient, wrong("Patient")],
    ["any resource", element("DomainResource"), onPatient, []],
    ["any element, as R4's own are taken", element("Element"), onPatient, []],
    ["an element of a datatype", element("HumanName.family"), family, []],
    ["its type", element("string"), family, []],
    ["the path in the resource", element("Patient.name.family"), family, []],
    ["another element", element("HumanName.given"), family, wrong("Patient.name[0].family")],
    ["a backbone element", element("Patient.contact"), inContact, []],
    ["the resource, not its backbone element", element("Patient"), inContact, wrong("Patient.contact[0]")],
    ["any backbone element", element("BackboneElement"), inContact, []],
    ["a choice", element("Patient.deceased[x]"), { _deceasedBoolean: onPatient }, []],
    ["one type of a choice", element("Patient.deceasedBoolean"), { _deceasedBoolean: onPatient }, []],
    ["another type of a choice", element("Patient.deceasedDateTime"), { _deceasedBoolean: onPatient }, wrong("Patient.deceased")],
    ["an element of R4 by its address", element("http://hl7.org/fhir/StructureDefinition/Patient#Patient.contact"), inContact, []],
    ["another one by its address", element("http://hl7.org/fhir/StructureDefinition/Patient#Patient.name"), inContact, wrong("Patient.contact[0]")],
    ["an element of a profile, which nobody asks", element("http://example.org/p#Patient.name"), inContact, []],
    ["an inherited element by the type that defines it", element("DomainResource.text"), { text: { status: "empty", div: DIV, ...onPatient } }, []],
    ["another inherited element", element("DomainResource.text"), onPatient, wrong("Patient")],
    ["a FHIRPath that finds it", fhirpath("Patient.contact.where(name.text = 'x')"), inContact, []],
    ["a FHIRPath that finds others", fhirpath("Patient.contact.where(name.text = 'y')"), inContact, wrong("Patient.contact[0]")],
    ["a FHIRPath that finds a primitive", fhirpath("Patient.name.family"), family, []],
    ["a FHIRPath that nobody can read", fhirpath("("), onPatient, []],
    ["a FHIRPath that asks what nobody knows", fhirpath("%unknown"), onPatient, []],
    ["a type that R4 has not", element("CanonicalResource"), onPatient, []],
    ["an extension", [{ type: "extension", expression: `${URL}outer` }], onPatient, wrong("Patient")],
    ["one of several", element("Observation", "Patient"), onPatient, []],
    ["in an extension", [{ type: "extension", expression: `${URL}outer` }], { extension: [{ url: `${URL}outer`, ...onPatient }] }, []],
    ["in the value of an extension", [{ type: "extension", expression: `${URL}outer` }], inValue("outer"), []],
    [
      "in the value of another one",
      [{ type: "extension", expression: `${URL}outer` }],
      inValue("other"),
      wrong("Patient.birthDate.extension[0].value"),
    ],
    [
      "in another one",
      [{ type: "extension", expression: `${URL}outer` }],
      { extension: [{ url: `${URL}other`, ...onPatient }] },
      wrong("Patient.extension[0]"),
    ],
    ["any extension", element("Extension"), { extension: [{ url: `${URL}other`, ...onPatient }] }, []],
  ])("%s", (_, context, resource, lines) => {
    expect(said(resource, [{ ...colour, context }])).toEqual(lines);
  });

  test.each([
    ["that holds", "contact.exists()", []],
    ["that does not", "contact.exists().not()", wrong("Patient")],
    ["of the resource", "%resource.contact.exists().not()", wrong("Patient")],
    ["that nobody can tell", "%extension.value.exists()", []],
  ])("an invariant %s", (_, invariant, lines) => {
    const resource = { ...onPatient, contact: [{ name: { text: "x" } }] };
    expect(said(resource, [{ ...colour, contextInvariant: [invariant] }])).toEqual(lines);
  });
});
