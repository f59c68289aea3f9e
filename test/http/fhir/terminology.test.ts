/** What may be asked about codes, over HTTP. */
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { conformanceOf } from "../../core/fhir/terminology/memory-conformance.ts";
import { openHouse, type House } from "../house.ts";
import { ask } from "../local-server.ts";

const S = "http://example.org/system";
const SET = "http://example.org/set";
const SYSTEM = {
  resourceType: "CodeSystem",
  ...{
    url: S,
    version: "1.0.0",
    name: "Example",
    status: "active",
    content: "complete",
    caseSensitive: true,
    language: "en",
    copyright: "© An owner",
  },
  concept: [
    {
      code: "a",
      display: "Alpha",
      definition: "The first",
      designation: [{ language: "de", value: "Erste" }],
      concept: [{ code: "a1", display: "Alpha one" }],
    },
    { code: "b", display: "Beta", property: [{ code: "status", valueCode: "retired" }] },
  ],
};
const VALUE_SET = { resourceType: "ValueSet", url: SET, version: "3.0.0", name: "Set", status: "active", compose: { include: [{ system: S }] } };
const FAR = {
  resourceType: "ValueSet",
  url: "http://example.org/far",
  status: "active",
  compose: { include: [{ system: "http://example.org/elsewhere" }] },
};
const SUPPLEMENT = {
  resourceType: "CodeSystem",
  ...{ url: "http://example.org/supplement", status: "active", content: "supplement", supplements: S, language: "nl" },
  concept: [{ code: "a", display: "Eerste" }],
};

interface Part {
  readonly name: string;
  readonly part?: readonly Part[];
  readonly [value: `value${string}`]: unknown;
}
interface Told {
  readonly status: number;
  readonly resourceType: string;
  readonly parameter?: readonly (Part & { readonly resource?: Outcome; readonly _valueBoolean?: object })[];
  readonly issue?: Outcome["issue"];
  readonly copyright?: string;
  readonly expansion?: {
    readonly total: number;
    readonly offset?: number;
    readonly parameter: readonly Part[];
    readonly contains?: readonly Listed[];
  };
  readonly [other: string]: unknown;
}
interface Outcome {
  readonly issue: readonly {
    readonly severity: string;
    readonly code: string;
    readonly details: { readonly text: string; readonly coding?: readonly { readonly code: string }[] };
    readonly expression?: readonly string[];
  }[];
}
interface Listed {
  readonly code: string;
  readonly display?: string;
  readonly inactive?: boolean;
  readonly designation?: readonly { readonly value: string }[];
}

let house: House;
beforeAll(async () => {
  house = await openHouse({ conformance: () => CONFORMANCE });
});
afterAll(() => house.close());
const CONFORMANCE = conformanceOf([SYSTEM, VALUE_SET, FAR, SUPPLEMENT]);

async function told(path: string, sent?: object | string): Promise<Told> {
  const body = sent === undefined ? {} : { method: "POST", body: typeof sent === "string" ? sent : JSON.stringify(sent) };
  const answer = await ask(house.port, {
    path: `/fhir/${path}`,
    ...body,
    headers: { Accept: "application/fhir+json", "Content-Type": "application/fhir+json" },
  });
  return { ...(JSON.parse(String(answer.body)) as Told), status: answer.status };
}
const parameters = (...parameter: readonly object[]): object => ({ resourceType: "Parameters", parameter });
const expand = (query: string): Promise<Told> => told(`ValueSet/$expand?url=${SET}${query}`);
const codes = ({ expansion }: Told): string[] => (expansion?.contains ?? []).map(({ code }) => code);
const valueOf = ({ parameter = [] }: Told, name: string): unknown => {
  const found = parameter.find((one) => one.name === name);
  return found && Object.entries(found).find(([key]) => key.startsWith("value"))?.[1];
};
const issuesOf = ({ parameter = [] }: Told): string[] =>
  (parameter.find(({ name }) => name === "issues")?.resource?.issue ?? []).map(
    ({ severity, details, expression = [] }) => `${severity} ${details.coding?.[0]?.code ?? ""} ${expression[0] ?? ""}`,
  );

describe("$expand", () => {
  test("lists the codes, with what their owner wants to be shown", async () => {
    const answer = await expand("");
    expect(answer).toMatchObject({
      status: 200,
      resourceType: "ValueSet",
      url: SET,
      version: "3.0.0",
      copyright: "© An owner",
      expansion: { total: 3 },
    });
    expect(answer.expansion?.contains).toEqual([
      { system: S, version: "1.0.0", code: "a", display: "Alpha" },
      { system: S, version: "1.0.0", code: "a1", display: "Alpha one" },
      { system: S, version: "1.0.0", code: "b", display: "Beta", inactive: true },
    ]);
    expect(answer.expansion?.parameter).toEqual([{ name: "used-codesystem", valueUri: `${S}|1.0.0` }]);
  });

  test.each([
    ["&activeOnly=true", ["a", "a1"]],
    ["&filter=ALPHA", ["a", "a1"]],
    ["&filter=erste", ["a"]],
    ["&offset=1&count=1", ["a1"]],
    ["&count=0", []],
    ["&offset=9", []],
  ])("with %s", async (query, expected) => {
    expect(codes(await expand(query))).toEqual(expected);
  });

  test("tells displays and designations in other languages", async () => {
    expect((await expand("&displayLanguage=de&includeDesignations=true")).expansion?.contains?.[0]).toMatchObject({
      display: "Erste",
      designation: [{ value: "Alpha" }, { value: "Eerste" }],
    });
    expect((await expand("&displayLanguage=nl-BE,nl")).expansion?.contains?.[0]).toMatchObject({ display: "Eerste" });
  });

  test("of what is sent, which may stand upon what is held and what comes along", async () => {
    const along = { ...VALUE_SET, url: "http://example.org/along", compose: { include: [{ system: "http://example.org/mine" }] } };
    const mine = { resourceType: "CodeSystem", url: "http://example.org/mine", status: "draft", content: "complete", concept: [{ code: "m" }] };
    const sent = {
      resourceType: "ValueSet",
      status: "draft",
      compose: { include: [{ valueSet: [along.url] }, { system: S, concept: [{ code: "a" }, { code: "none" }] }] },
    };
    const resources = [along, mine].map((resource) => ({ name: "tx-resource", resource }));
    expect(codes(await told("ValueSet/$expand", parameters({ name: "valueSet", resource: sent }, ...resources)))).toEqual(["m", "a"]);
    expect(codes(await told("ValueSet/$expand", { ...sent, compose: { include: [{ system: S }] } }))).toEqual(["a", "a1", "b"]);
    // What came along is gone with its question.
    expect((await told("ValueSet/$expand?url=http://example.org/along")).status).toBe(404);
  });

  test("refuses what it can't list, and says why", async () => {
    const far = await told("ValueSet/$expand?url=http://example.org/far");
    expect([far.status, far.issue?.[0]?.code, far.issue?.[0]?.details.text]).toEqual([
      422,
      "not-found",
      expect.stringContaining("'http://example.org/elsewhere'"),
    ]);
    expect((await told("ValueSet/$expand?url=http://example.org/none")).status).toBe(404);
    expect((await told("ValueSet/$expand")).status).toBe(400);
    expect((await expand("&count=-1")).status).toBe(400);
    expect((await expand("&activeOnly=perhaps")).status).toBe(400);
    expect((await told(`ValueSet/$expand`, "{")).status).toBe(400);
  });

  test("costs no more than it may, whatever is asked", async () => {
    const concept = Array.from({ length: 12_000 }, (_, at) => ({ code: `c${at}` }));
    const sent = { resourceType: "ValueSet", status: "draft", compose: { include: [{ system: "http://example.org/large", concept }] } };
    const whole = await told("ValueSet/$expand", parameters({ name: "valueSet", resource: sent }));
    expect([whole.status, whole.issue?.[0]?.code]).toEqual([422, "too-costly"]);
    const page = await told(
      "ValueSet/$expand",
      parameters({ name: "valueSet", resource: sent }, { name: "count", valueInteger: 2 }, { name: "offset", valueInteger: 11_999 }),
    );
    expect([page.expansion?.total, codes(page)]).toEqual([12_000, ["c11999"]]);
    const many = { ...sent, compose: { include: Array.from({ length: 300 }, () => ({ system: S })) } };
    expect((await told("ValueSet/$expand", parameters({ name: "valueSet", resource: many }))).issue?.[0]?.code).toBe("too-costly");
    const large = "x".repeat(2_100_000);
    expect((await told("ValueSet/$expand", parameters({ name: "filter", valueString: large }))).status).toBe(413);
  });
});

describe("$validate-code", () => {
  const ofSet = (...parameter: readonly object[]): Promise<Told> =>
    told("ValueSet/$validate-code", parameters({ name: "url", valueUri: SET }, ...parameter));
  const coding = (more: object): object => ({ name: "coding", valueCoding: { system: S, ...more } });

  test("says yes, and what the code is called", async () => {
    const answer = await ofSet(coding({ code: "a", display: "alpha" }));
    expect([valueOf(answer, "result"), valueOf(answer, "display"), valueOf(answer, "version"), issuesOf(answer)]).toEqual([
      true,
      "Alpha",
      "1.0.0",
      [],
    ]);
    const byAddress = await told(`ValueSet/$validate-code?url=${SET}&system=${S}&code=a`);
    expect(valueOf(byAddress, "result")).toBe(true);
    const inferred = await told(`ValueSet/$validate-code?url=${SET}&code=a1&inferSystem=true`);
    expect([valueOf(inferred, "result"), valueOf(inferred, "system")]).toEqual([true, S]);
  });

  test.each<[string, object, boolean, readonly string[]]>([
    ["no such code", { code: "z" }, false, ["error not-in-vs Coding.code", "error invalid-code Coding.code"]],
    ["a wrong display", { code: "a", display: "Beta" }, false, ["error invalid-display Coding.display"]],
    ["a display in another language", { code: "a", display: "Erste" }, true, []],
    ["a retired code", { code: "b" }, true, ["warning code-comment Coding"]],
    [
      "a system of others",
      { system: "http://example.org/other", code: "a" },
      false,
      ["error not-in-vs Coding.code", "error not-found Coding.system"],
    ],
    ["no system", { system: undefined, code: "a" }, false, ["error not-in-vs Coding.code", "warning invalid-data Coding"]],
  ])("says of %s", async (_name, more, result, issues) => {
    const answer = await ofSet(coding(more));
    expect([valueOf(answer, "result"), issuesOf(answer)]).toEqual([result, issues]);
  });

  test("never says false of what it does not know", async () => {
    const answer = await told("ValueSet/$validate-code?url=http://example.org/far&system=http://example.org/elsewhere&code=x");
    const result = answer.parameter?.find(({ name }) => name === "result");
    expect(answer.status).toBe(200);
    expect(result).toEqual({
      name: "result",
      _valueBoolean: { extension: [{ url: "http://hl7.org/fhir/StructureDefinition/data-absent-reason", valueCode: "unknown" }] },
    });
    expect([valueOf(answer, "x-caused-by-unknown-system"), issuesOf(answer)]).toEqual(["http://example.org/elsewhere", ["warning not-found system"]]);
    const version = await ofSet(coding({ code: "a", version: "9" }));
    expect([valueOf(version, "result"), valueOf(version, "x-caused-by-unknown-system")]).toEqual([undefined, `${S}|9`]);
    expect((await told(`ValueSet/$validate-code?url=http://example.org/none&system=${S}&code=a`)).status).toBe(404);
    const inXml = await ask(house.port, {
      path: "/fhir/ValueSet/$validate-code?url=http://example.org/far&system=http://example.org/elsewhere&code=x",
      headers: { Accept: "application/fhir+xml" },
    });
    expect(String(inXml.body)).toContain('<valueBoolean><extension url="http://hl7.org/fhir/StructureDefinition/data-absent-reason">');
  });

  test("takes a concept for what any of its codings is, whatever nobody knows of the others", async () => {
    const concept = (...codings: readonly object[]): Promise<Told> => ofSet({ name: "codeableConcept", valueCodeableConcept: { coding: codings } });
    const unknown = { system: "http://example.org/elsewhere", code: "x" };
    const good = await concept(unknown, { system: S, code: "a" });
    expect([valueOf(good, "result"), valueOf(good, "code")]).toEqual([true, "a"]);
    const bad = await concept(unknown, { system: S, code: "z" });
    expect([valueOf(bad, "result"), issuesOf(bad)[0]]).toEqual([false, "error not-in-vs "]);
  });

  test("of a code system alone", async () => {
    const of = (query: string): Promise<Told> => told(`CodeSystem/$validate-code?${query}`);
    expect(valueOf(await of(`url=${S}&code=a`), "result")).toBe(true);
    expect(valueOf(await of(`url=${S}&code=A`), "result")).toBe(false);
    expect(valueOf(await of("url=http://example.org/elsewhere&code=A"), "result")).toBeUndefined();
    expect(valueOf(await of("url=http://unitsofmeasure.org&code=mg"), "result")).toBe(true);
  });
});

test("$lookup tells what a code is called and where it stands", async () => {
  const answer = await told(`CodeSystem/$lookup?system=${S}&code=a`);
  expect([valueOf(answer, "name"), valueOf(answer, "display"), valueOf(answer, "definition"), valueOf(answer, "abstract")]).toEqual([
    "Example",
    "Alpha",
    "The first",
    false,
  ]);
  const properties = (answer.parameter ?? [])
    .filter(({ name }) => name === "property")
    .map(({ part = [] }) =>
      part
        .slice(0, 2)
        .flatMap((one): unknown[] => Object.values(one))
        .filter((one) => one !== "code" && one !== "value"),
    );
  expect(properties).toEqual([
    ["child", "a1"],
    ["inactive", false],
  ]);
  expect(valueOf(await told(`CodeSystem/$lookup?system=${S}&code=a&displayLanguage=de`), "display")).toBe("Erste");
  expect([(await told(`CodeSystem/$lookup?system=${S}&code=z`)).status, (await told("CodeSystem/$lookup?system=urn:none&code=a")).status]).toEqual([
    404, 404,
  ]);
  expect((await told("CodeSystem/$lookup?code=a")).status).toBe(400);
});

test.each([
  ["a", "a1", "subsumes"],
  ["a1", "a", "subsumed-by"],
  ["a", "a", "equivalent"],
  ["a", "b", "not-subsumed"],
])("$subsumes: %s, %s: %s", async (a, b, outcome) => {
  expect(valueOf(await told(`CodeSystem/$subsumes?system=${S}&codeA=${a}&codeB=${b}`), "outcome")).toBe(outcome);
});

test("what is held is told of, with its notices", async () => {
  expect(await told("metadata?mode=terminology")).toMatchObject({
    copyright: "© An owner",
    codeSystem: [{ uri: S, version: [{ code: "1.0.0" }] }],
    expansion: { paging: true },
  });
});

test("nobody who is not known asks, where callers have to be known", async () => {
  const closed = await openHouse({ conformance: () => CONFORMANCE, callers: new Map() });
  try {
    for (const path of [
      `ValueSet/$expand?url=${SET}`,
      `ValueSet/$validate-code?url=${SET}&system=${S}&code=a`,
      `CodeSystem/$lookup?system=${S}&code=a`,
      `CodeSystem/$subsumes?system=${S}&codeA=a&codeB=b`,
    ]) {
      const answer = await ask(closed.port, { path: `/fhir/${path}`, headers: { Accept: "application/fhir+json" } });
      expect([path, answer.status, String(answer.body).includes("Alpha")]).toEqual([path, 403, false]);
    }
  } finally {
    await closed.close();
  }
});

test("nothing is there where no definitions are held", async () => {
  const bare = await openHouse();
  try {
    expect((await ask(bare.port, { path: `/fhir/ValueSet/$expand?url=${SET}` })).status).toBe(404);
  } finally {
    await bare.close();
  }
});
