/** What queries are answered with: R4 graphql.html, sentence by sentence, as far as HL7's cases do not say it. */
import { describe, expect, test } from "@jest/globals";
import { buildClientSchema, getIntrospectionQuery, validateSchema, type IntrospectionQuery } from "graphql";
import { ENGINE, answer, resource } from "./engine.ts";
import { MemorySource } from "./memory-source.ts";

const PATIENT = resource({
  resourceType: "Patient",
  id: "p",
  active: true,
  birthDate: "1980-02-01",
  _birthDate: { extension: [{ url: "https://x.example/a", valueString: "about" }] },
  name: [
    { use: "official", family: "Muster", given: [null, "Anna"], _given: [{ id: "g" }, null] },
    { use: "maiden", family: "Meier" },
  ],
  telecom: [
    { system: "phone", value: "1", rank: 2 },
    { system: "email", value: "a@b.example" },
  ],
  contained: [{ resourceType: "Organization", id: "o", name: "House" }],
  managingOrganization: { reference: "#o" },
  generalPractitioner: [{ reference: "Practitioner/d" }, { display: "somebody" }],
});
const OBSERVATION = resource(
  '{"resourceType":"Observation","id":"v","subject":{"reference":"Patient/p"},"valueQuantity":{"value":2.00,"unit":"mg"},"component":[{"valueInteger":3,"valueQuantity":{"value":1e-3}}],"performer":[{"reference":"Practitioner/d"}]}',
);
const PRACTITIONER = resource({ resourceType: "Practitioner", id: "d", name: [{ text: "Dr. D" }] });
const source = (): MemorySource => new MemorySource([PATIENT, OBSERVATION, PRACTITIONER]);
const ofPatient = (query: string): Promise<string> => answer(query, source(), PATIENT);

describe("values", () => {
  test("a decimal keeps its digits", async () => {
    expect(await answer("{ valueQuantity { value } component { valueInteger valueQuantity { value } } }", source(), OBSERVATION)).toBe(
      'answered: {"valueQuantity":{"value":2.00},"component":[{"valueInteger":3,"valueQuantity":{"value":1e-3}}]}',
    );
  });
  test("what is not there is not in the answer; within a list of primitives its place is kept", async () => {
    expect(await ofPatient("{ gender name { text given _given { id } } }")).toBe(
      'answered: {"name":[{"given":[null,"Anna"],"_given":[{"id":"g"},null]},{}]}',
    );
  });
  test("what stands beside a primitive, aliases, fragments, __typename and resourceType", async () => {
    expect(
      await ofPatient(
        'query { __typename resourceType day: birthDate _birthDate { extension(url: "https://x.example/a") { valueString } } ...F } fragment F on Patient { active }',
      ),
    ).toBe(
      'answered: {"__typename":"Patient","resourceType":"Patient","day":"1980-02-01","_birthDate":{"extension":[{"valueString":"about"}]},"active":true}',
    );
  });
});

describe("lists", () => {
  test.each([
    ["name(use: official) { family }", '{"name":[{"family":"Muster"}]}'],
    ['name(fhirpath: "$index = 1") { family }', '{"name":[{"family":"Meier"}]}'],
    ["name(fhirpath: \"given.exists($this = 'Anna') // so\") { family }", '{"name":[{"family":"Muster"}]}'],
    ["name(_offset: 1, _count: 5) { family }", '{"name":[{"family":"Meier"}]}'],
    ["telecom(rank: 2) { system }", '{"telecom":[{"system":"phone"}]}'],
    ["telecom(fhirpath: \"system = 'fax'\") { system }", "{}"],
  ])("%s", async (query, expected) => expect(await ofPatient(`{ ${query} }`)).toBe(`answered: ${expected}`));
  test.each([
    ["name(_count: -1) { family }", "failed: _count is no number below 0."],
    ['name(fhirpath: "select($this)") { family }', "failed: fhirpath: select() is not offered here."],
    ['name(fhirpath: "true).first().where(true") { family }', "failed: fhirpath: "],
    ['name(fhirpath: "given ~ given") { family }', "failed: fhirpath: ~ is not offered here."],
    ['name(fhirpath: "%resource.exists()") { family }', "failed: fhirpath: %resource is not offered here"],
    ["birthDate(_count: 1)", 'refused: Unknown argument "_count" on field "Patient.birthDate"'],
    ["name", 'refused: Field "name" of type "[HumanName]" must have a selection of subfields'],
    ["name { nothing }", 'refused: Cannot query field "nothing" on type "HumanName"'],
    ["ObservationList(_reference: subject, code: []) { id }", "failed: code has no value"],
    ['ObservationList(_reference: subject, code: ["", null]) { id }', "failed: code has no value"],
    ["active @other", 'refused: Unknown directive "@other"'],
  ])("%s is an error", async (query, expected) => expect(await ofPatient(`{ ${query} }`)).toContain(expected));
});

describe("references", () => {
  test("contained, of any type by a fragment, or by elements that the resource must have", async () => {
    expect(await ofPatient("{ managingOrganization { resource { id name } } contained { resourceType ... on Organization { name } } }")).toBe(
      'answered: {"managingOrganization":{"resource":{"id":"o","name":"House"}},"contained":[{"resourceType":"Organization","name":"House"}]}',
    );
  });
  test.each([
    ["{ subject { resource { birthDate } } }", 'answered: {"subject":{"resource":{"birthDate":"1980-02-01"}}}'],
    ["{ subject { resource(type: [Patient, Group]) { active } } }", 'answered: {"subject":{"resource":{"active":true}}}'],
    ["{ subject { resource(type: Group) { name } } }", 'answered: {"subject":{}}'],
    ["{ subject { resource { name(use: official) { family } } } }", 'answered: {"subject":{"resource":{"name":[{"family":"Muster"}]}}}'],
    ["{ subject { resource(type: Group) { birthDate } } }", 'refused: Cannot query field "birthDate" on type "Group".'],
    ["{ subject { resource { nothing } } }", "refused: No type of resource has all that is selected here."],
    ["{ subject { resource { name { nothing } } } }", "refused: No type of resource has all that is selected here."],
    ["{ subject { resource { quantity } } }", 'failed: Cannot query field "quantity" on type "Patient". Name the type'],
    ["{ subject { resource { ...F } } } fragment F on Resource { birthDate }", 'refused: Cannot query field "birthDate" on type "Resource"'],
    ["{ subject { resource(type: Nothing) { id } } }", "refused: There is no type of resource Nothing."],
  ])("%s", async (query, expected) => expect(await answer(query, source(), OBSERVATION)).toContain(expected));
  test("one that leads to nothing fails the query, unless that is wanted", async () => {
    const gone = new MemorySource([OBSERVATION]);
    expect(await answer("{ id subject { resource { id } } }", gone, OBSERVATION)).toContain(
      'failed: The reference "Patient/p" leads to nothing that is here',
    );
    expect(await answer("{ id subject { resource(optional: true) { id } } }", gone, OBSERVATION)).toBe('answered: {"id":"v","subject":{}}');
  });
  test("what refers to a resource, with arguments of a search, and as a page", async () => {
    expect(
      await ofPatient(
        "{ ObservationList(_reference: patient, _count: 3) { id } ObservationConnection(_reference: subject) { count edges { mode resource { id } } } }",
      ),
    ).toBe('answered: {"ObservationList":[{"id":"v"}],"ObservationConnection":{"count":1,"edges":[{"mode":"match","resource":{"id":"v"}}]}}');
    expect(await ofPatient("{ ObservationList(_reference: device) { id } }")).toContain(
      'failed: _reference: Observation has no parameter "device" that leads to a Patient.',
    );
    expect(await ofPatient("{ ObservationList(_reference: patient, _id: v) { id } }")).toContain('refused: Unknown argument "_id"');
    expect(await ofPatient("{ ObservationList { id } }")).toContain("refused: ");
  });
});

describe("directives", () => {
  test("slices that are not flattened, and paths that find nothing", async () => {
    expect(await ofPatient('{ name @slice(path: "use") { family } telecom @flatten @slice(path: "rank") { value @singleton } }')).toBe(
      'answered: {"name.official":[{"family":"Muster"}],"name.maiden":[{"family":"Meier"}],"value.2":"1","value.":"a@b.example"}',
    );
  });
  test("of a field that is left out count for nothing", async () => {
    const query = "query($no: Boolean!) { name @include(if: $no) @flatten { use } ... @skip(if: true) { name @first { use } } name { family } }";
    expect(await answer(query, source(), PATIENT, { no: false })).toBe('answered: {"name":[{"family":"Muster"},{"family":"Meier"}]}');
  });
  test("within resources of any type", async () => {
    expect(await answer("{ subject @flatten { resource @flatten { ... on Patient { name @flatten { family } } } } }", source(), OBSERVATION)).toBe(
      'answered: {"family":["Muster","Meier"]}',
    );
  });
  test.each([
    [
      "{ name @flatten { use } telecom @flatten { use: rank } }",
      'failed: @flatten: "use" would have values of different types, code and positiveInt',
    ],
    ["{ name @flatten { family @singleton } }", 'failed: @singleton: "family" has several values.'],
    ["{ birthDate @flatten }", "failed: @flatten: birthDate has no fields"],
    ['{ name @slice(path: "use") @first { family } }', "failed: @slice stands once on a field, and not beside @first."],
    ['{ name @slice(path: "given.combine(family)") { family } }', "failed: fhirpath: combine() is not offered here."],
  ])("%s is an error", async (query, expected) => expect(await ofPatient(query)).toContain(expected));
});

describe("the service", () => {
  test("reads, lists, pages and cursors", async () => {
    expect(
      await answer('query($id: ID!) { Patient(id: $id) { id } PatientList(active: [true, "x,y"], gender: other) { id } }', source(), undefined, {
        id: "p",
      }),
    ).toBe('answered: {"Patient":{"id":"p"}}');
    expect(await answer('{ PatientConnection(_cursor: "0", active: true) { count } }', source())).toContain(
      "failed: A cursor says what is searched: leave out active.",
    );
    expect(await answer("{ Patient(id: q) { id } }", source())).toBe("failed: There is no Patient/q here.");
    expect(await answer("{ __type(name: Patient) { name } Patient(id: p) { id } }", source())).toContain(
      "refused: A query asks for the schema, or for resources",
    );
    expect(await answer("{ __typename Patient(id: p) { id } }", source())).toContain('answered: {"__typename":"Query"');
    expect(await answer("mutation { PatientDelete(id: p) { id } }", source())).toContain("refused: ");
  });
  test("introspection is true: a client makes of it the schema that it was made of, without faults", async () => {
    const { text } = await ENGINE.answer({ query: getIntrospectionQuery({ descriptions: false }) }, source());
    const { data: told } = JSON.parse(text) as { readonly data: IntrospectionQuery };
    const schema = buildClientSchema(told);
    expect(validateSchema(schema)).toEqual([]);
    expect([schema.getMutationType(), schema.getSubscriptionType()].filter(Boolean)).toEqual([]);
    const query = schema.getQueryType()?.getFields() ?? {};
    expect(["Patient", "PatientList", "PatientConnection"].map((name) => String(query[name]?.type))).toEqual([
      "Patient",
      "[Patient]",
      "PatientConnection",
    ]);
    expect(
      schema
        .getDirectives()
        .map(({ name }) => name)
        .sort(),
    ).toEqual(["first", "flatten", "include", "singleton", "skip", "slice"]);
  });
});

describe("what is asked at the same time is asked for at once", () => {
  test("references and what refers, of a hundred resources, are two questions", async () => {
    const many = Array.from({ length: 100 }, (_, at) =>
      resource({ resourceType: "Observation", id: `o${at}`, status: "final", subject: { reference: `Patient/p${at % 50}` } }),
    );
    const patients = Array.from({ length: 50 }, (_, at) => resource({ resourceType: "Patient", id: `p${at}` }));
    const from = new MemorySource([...many, ...patients]);
    expect(
      await answer(
        "{ ObservationList(status: final) { subject { resource { id } } } PatientList { ObservationList(_reference: patient) { id } } }",
        from,
      ),
    ).toContain("answered: ");
    expect(from.asked.sort()).toEqual(["follow 100", "list Observation", "list Patient", "referring Observation 50"]);
  });
});
