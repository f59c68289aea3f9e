import { expect, test } from "@jest/globals";
import { FhirPathSyntaxError } from "../../../src/core/fhir/fhirpath/errors.ts";
import { compileFhirPath } from "../../../src/core/fhir/fhirpath/compile.ts";
import { nodeOf } from "../../../src/core/fhir/fhirpath/node.ts";
import { canonicalJson } from "../../../src/core/fhir/canonical.ts";
import { treeOf, type JsonObject } from "../../../src/core/fhir/tree/tree.ts";
import { createCoreProfiles } from "../../../src/core/fhir/r4/core-profiles.ts";
import { createDefinitions, type DefinitionsArtefact } from "../../../src/core/fhir/r4/definitions.ts";
import { createDisplays } from "../../../src/core/fhir/r4/displays.ts";
import { createExtensions } from "../../../src/core/fhir/r4/extensions.ts";
import type { Knowledge } from "../../../src/core/fhir/r4/knowledge.ts";
import { createParameterDefinitions } from "../../../src/core/fhir/r4/parameter-definitions.ts";
import { openR4, R4_ARTEFACTS } from "../../../src/core/fhir/r4/open-r4.ts";
import { createTerminology, type TerminologyArtefact } from "../../../src/core/fhir/r4/terminology.ts";
import { DEFAULT_READ_LIMITS } from "../../../src/core/fhir/reading/read-limits.ts";
import { readResource } from "../../../src/core/fhir/reading/read-resource.ts";
import { writeXml } from "../../../src/core/fhir/xml/write-xml.ts";
import { receive } from "../../../src/pipeline/intake/receive.ts";
import { admit } from "../../../src/pipeline/validate/admit.ts";
import { DEFAULT_POLICY } from "../../../src/pipeline/validate/policy.ts";
import { createValidator, type Validator } from "../../../src/pipeline/validate/validate.ts";
import { aDocument, resourceAt } from "./a-document.ts";

/** R4 with a type, a code, an element, an invariant and an extension more: as a package would add them. */
function openMore(): Knowledge {
  return {
    definitions: createDefinitions(moreDefinitions),
    extensions: createExtensions(() => ({
      ...R4_ARTEFACTS.extensions(),
      "http://example.org/colour": ["string", { context: ["Patient"] }],
    })),
    terminology: createTerminology(moreTerminology),
    displays: createDisplays(R4_ARTEFACTS.displays),
    parameters: createParameterDefinitions(R4_ARTEFACTS.parameters),
    coreProfiles: createCoreProfiles(R4_ARTEFACTS.coreProfiles),
  };
}

function moreDefinitions(): DefinitionsArtefact {
  const { types, invariants } = R4_ARTEFACTS.definitions();
  const patient = types["Patient"] as DefinitionsArtefact["types"][string];
  return {
    types: {
      ...types,
      Patient: {
        ...patient,
        elements: [...(patient.elements ?? []), ["blood", 0, 1, "code", { required: "administrative-gender" }]],
        invariants: [...(patient.invariants ?? []), invariants.length],
      },
      Gadget: {
        kind: "resource",
        base: "Resource",
        elements: [...(types["Resource"]?.elements ?? []), ["size", 1, 1, "decimal"], ["note[x]", 0, 1, "string|integer"]],
      },
    },
    invariants: [
      ...invariants,
      ["ex-1", "error", "A patient has a birth date or a gadget", "birthDate.exists() or contained.ofType(Gadget).exists()"],
    ],
  };
}

function moreTerminology(): TerminologyArtefact {
  const { systems, valueSets } = R4_ARTEFACTS.terminology();
  const url = "http://hl7.org/fhir/administrative-gender";
  const codes = systems.map(([name, list]): TerminologyArtefact["systems"][number] => [name, name === url ? `${list ?? ""}|neither` : list]);
  return { systems: codes, valueSets };
}

const r4 = openR4();
const more = openMore();
const plain = createValidator({ ...r4, policy: DEFAULT_POLICY });
const other = createValidator({ ...more, policy: DEFAULT_POLICY });

const NARRATIVE = { text: { status: "generated", div: '<div xmlns="http://www.w3.org/1999/xhtml">x</div>' } };

function rulesOf(validator: Validator, resource: object): string[] {
  return validator.validate(treeOf(resource) as JsonObject, []).map(({ rule, severity }) => `${severity} ${rule}`);
}

/** What is found by each in turn, twice: what one works out must be nothing to the other. */
function both(resource: object): { readonly plain: string[]; readonly other: string[] } {
  const found = { plain: rulesOf(plain, resource), other: rulesOf(other, resource) };
  expect({ other: rulesOf(other, resource), plain: rulesOf(plain, resource) }).toEqual(found);
  return found;
}

test("a type that only one instance has", () => {
  expect(both({ resourceType: "Gadget", size: 1.5 })).toEqual({ plain: ["error resource-type-unknown"], other: [] });
  expect(both({ resourceType: "Gadget" })).toEqual({ plain: ["error resource-type-unknown"], other: ["error element-missing"] });
});

test("a code, an element, an invariant and an extension that only one instance has", () => {
  const patient = { resourceType: "Patient", ...NARRATIVE, birthDate: "1970" };
  expect(both(patient)).toEqual({ plain: [], other: [] });
  expect(both({ ...patient, gender: "neither" })).toEqual({ plain: ["error binding-required"], other: [] });
  expect(both({ ...patient, blood: "male" })).toEqual({ plain: ["error unknown-element"], other: [] });
  expect(both({ ...patient, blood: "blue" })).toEqual({ plain: ["error unknown-element"], other: ["error binding-required"] });
  expect(both({ resourceType: "Patient", ...NARRATIVE, active: true })).toEqual({ plain: [], other: ["error ex-1"] });
  const extension = [{ url: "http://example.org/colour", valueInteger: 1 }];
  expect(both({ ...patient, extension })).toEqual({ plain: [], other: ["error extension-value"] });
  expect(both({ resourceType: "Basic", ...NARRATIVE, extension, code: { text: "x" } })).toEqual({
    plain: [],
    other: ["error extension-context", "error extension-value"],
  });
});

test("a resource of that type within another", () => {
  const held = {
    resourceType: "Patient",
    ...NARRATIVE,
    contained: [{ resourceType: "Gadget", id: "a", size: 2 }],
    link: [{ other: { reference: "#a" }, type: "seealso" }],
  };
  const { plain: byR4, other: byMore } = both(held);
  expect(byR4).toContain("error resource-type-unknown");
  // The invariant is met by the gadget: FHIRPath of the one instance knows the type. A Patient's link takes none.
  expect(byMore).toEqual(["error reference-target-type"]);
});

test("a second instance that is the same judges the same, and a policy is the validator's own", () => {
  const twin = createValidator({ ...openR4(), policy: DEFAULT_POLICY });
  const patient = { resourceType: "Patient", ...NARRATIVE, gender: "neither" };
  expect(rulesOf(twin, patient)).toEqual(rulesOf(plain, patient));
  const lenient = plain.under({ version: "t/1", rules: "t", severities: new Map([["binding-required", "warning"]]) });
  expect([rulesOf(lenient, patient), rulesOf(plain, patient), rulesOf(lenient.under(DEFAULT_POLICY), patient)]).toEqual([
    ["warning binding-required"],
    ["error binding-required"],
    ["error binding-required"],
  ]);
});

test("XML is read and written by the definitions that are given", () => {
  const gadget = treeOf({ resourceType: "Gadget", size: 1.5 }) as JsonObject;
  const xml = writeXml(gadget, more.definitions);
  expect(() => writeXml(gadget, r4.definitions)).toThrow("resource of type Gadget");
  const read = (knowledge: Knowledge): string =>
    canonicalJson(readResource(Buffer.from(xml), "application/fhir+xml", DEFAULT_READ_LIMITS, knowledge.definitions).resource as JsonObject);
  expect(read(more)).toBe(canonicalJson(gadget));
  // Without the definition nobody can tell that the size is a number.
  expect(read(r4)).not.toBe(read(more));
});

test("issues of reading name elements by the definitions that are given", () => {
  const text = '{"resourceType":"Gadget","size":1,"noteString":"a\u0001"}';
  const expressions = [r4, more].map(({ definitions }) =>
    readResource(Buffer.from(text), "application/fhir+json", DEFAULT_READ_LIMITS, definitions).issues.map(({ rule, expression }) => [
      rule,
      expression,
    ]),
  );
  expect(expressions).toEqual([[["json-control-character", "Gadget.noteString"]], [["json-control-character", "Gadget.note"]]]);
});

test("FHIRPath knows the types of its definitions", () => {
  const gadget = nodeOf(treeOf({ resourceType: "Gadget", size: 1.5 }) as JsonObject, more.definitions);
  const expression = compileFhirPath("Gadget.size > 1 and $this is Gadget", more.definitions);
  expect(expression.holds(gadget)).toBe(true);
  expect(() => compileFhirPath("$this is Gadget", r4.definitions)).toThrow(FhirPathSyntaxError);
});

test("the gate asks the validator that it is given", () => {
  const document = aDocument();
  resourceAt(document, 1)["gender"] = "neither";
  const kinds = [plain, other, plain].map((validator) => {
    const submission = {
      bytes: Buffer.from(JSON.stringify(document)),
      mediaType: "application/fhir+json",
      receivedAt: new Date(0),
      submitter: "s",
      requestId: "r",
    } as const;
    const intake = receive(submission, DEFAULT_READ_LIMITS, validator.definitions);
    return intake.kind === "received" ? admit(intake.received, validator).kind : intake.kind;
  });
  expect(kinds).toEqual(["refused", "validated", "refused"]);
});
