import { beforeAll, describe, expect, test } from "@jest/globals";
import type { Conformance } from "../../../../src/core/fhir/conformance/conformance.ts";
import { createTerms } from "../../../../src/core/fhir/terminology/create-terms.ts";
import type { Coded, Heard, Terms } from "../../../../src/core/fhir/terminology/terms.ts";
import { conformanceOf, NOTHING, r4Resources } from "./memory-conformance.ts";

const S = "urn:test:system";
const SET = "urn:test:set";
const TREE = {
  resourceType: "CodeSystem",
  ...{ url: S, version: "1.0.0", content: "complete", caseSensitive: true },
  property: [
    { code: "kind", type: "code" },
    { code: "ns", uri: "http://hl7.org/fhir/concept-properties#notSelectable", type: "boolean" },
  ],
  concept: [
    { code: "a", display: "A", concept: [{ code: "a1", property: [{ code: "kind", valueCode: "x" }], concept: [{ code: "a11" }] }, { code: "a2" }] },
    { code: "b", property: [{ code: "status", valueCode: "retired" }] },
    { code: "c", property: [{ code: "parent", valueCode: "a2" }] },
    {
      code: "d",
      property: [
        { code: "subsumedBy", valueCode: "c" },
        { code: "ns", valueBoolean: true },
      ],
    },
  ],
};
const ALL = ["a", "a1", "a11", "a2", "b", "c", "d"];
const terms = (...resources: readonly object[]): Terms => createTerms({ conformance: conformanceOf(resources) });
const set = (compose: object, more: object = {}): object => ({ resourceType: "ValueSet", url: SET, compose, ...more });
const answer = (over: Terms, coded: Partial<Coded>, valueSet = SET): string => {
  const { membership, unheld } = over.membership(valueSet, { system: S, code: "a", ...coded });
  return [membership, ...unheld].join(" ");
};
const members = (over: Terms): string[] => [...ALL, "none"].filter((code) => answer(over, { code }) === "member");
const filtered = (property: string, op: string, value: string): string[] =>
  members(terms(TREE, set({ include: [{ system: S, filter: [{ property, op, value }] }] })));

describe("membership", () => {
  test("of codes that a value set lists is decided without their system", () => {
    const over = terms(set({ include: [{ system: "http://loinc.org", concept: [{ code: "11778-8" }] }] }));
    expect(answer(over, { system: "http://loinc.org", code: "11778-8" })).toBe("member");
    expect(answer(over, { system: "http://loinc.org", code: "11779-6" })).toBe("stranger");
    expect(answer(over, { system: "urn:other", code: "11778-8" })).toBe("stranger");
    expect(over.membership(SET, { system: undefined, code: "11778-8" }).membership).toBe("member");
  });

  test("of all codes of a system wants the system", () => {
    const whole = set({ include: [{ system: S }] });
    expect(members(terms(TREE, whole))).toEqual(ALL);
    expect(answer(terms(whole), {})).toBe(`unknown ${S}`);
    expect(answer(terms(whole), { system: "urn:other" })).toBe("stranger");
    expect(answer(terms(TREE), {})).toBe(`unknown ${SET}`);
  });

  test.each(["not-present", "example"])("of a system that is %s is unknown, never empty", (content) => {
    expect(answer(terms({ ...TREE, content, concept: undefined }, set({ include: [{ system: S }] })), {})).toBe(`unknown ${S}`);
  });

  test("of a fragment is known of what is there alone", () => {
    const over = terms(
      { ...TREE, content: "fragment" },
      set({ include: [{ system: S, filter: [{ property: "concept", op: "is-a", value: "a" }] }] }),
    );
    expect(["a1", "b", "zz"].map((code) => answer(over, { code }))).toEqual(["member", "stranger", `unknown ${S}`]);
  });

  test("minds case where the system says that it counts, and else not", () => {
    const whole = set({ include: [{ system: S }] });
    const listed = set({ include: [{ system: S, concept: [{ code: "A1" }] }] });
    expect(answer(terms(TREE, whole), { code: "A1" })).toBe("stranger");
    for (const caseSensitive of [false, undefined]) {
      expect(answer(terms({ ...TREE, caseSensitive }, whole), { code: "A1" })).toBe("member");
      expect(answer(terms({ ...TREE, caseSensitive }, listed), { code: "a1" })).toBe("member");
    }
  });

  test("leaves out what is excluded, and does not know where that is not known", () => {
    const include = [{ system: S }];
    expect(members(terms(TREE, set({ include, exclude: [{ system: S, concept: [{ code: "a" }, { code: "d" }] }] })))).toEqual([
      "a1",
      "a11",
      "a2",
      "b",
      "c",
    ]);
    const open = terms(TREE, set({ include, exclude: [{ system: S, concept: [{ code: "b" }] }, { valueSet: ["urn:test:none"] }] }));
    expect(["a", "b", "none"].map((code) => answer(open, { code }))).toEqual(["unknown urn:test:none", "stranger", "stranger"]);
  });

  test("leaves out what is inactive where the value set wants that", () => {
    expect(members(terms(TREE, set({ inactive: false, include: [{ system: S }] })))).toEqual(ALL.filter((code) => code !== "b"));
  });

  test("of several imports is that of each, and of a system besides", () => {
    const other = (name: string, ...codes: readonly string[]): object => ({
      ...{ resourceType: "ValueSet", url: `urn:test:${name}` },
      compose: { include: [{ system: S, concept: codes.map((code) => ({ code })) }] },
    });
    const both = [other("one", "a", "b", "none"), other("two", "b", "c", "none")];
    const imports = ["urn:test:one", "urn:test:two"];
    expect(members(terms(TREE, ...both, set({ include: [{ valueSet: imports }] })))).toEqual(["b", "none"]);
    expect(members(terms(TREE, ...both, set({ include: [{ system: S, valueSet: imports }] })))).toEqual(["b"]);
    expect(members(terms(TREE, ...both, set({ include: imports.map((one) => ({ valueSet: [one] })) })))).toEqual(["a", "b", "c", "none"]);
    expect(answer(terms(TREE, both[0] as object, set({ include: [{ valueSet: imports }] })), { code: "a" })).toBe("unknown urn:test:two");
    expect(answer(terms(TREE, both[0] as object, set({ include: [{ valueSet: imports }] })), { code: "c" })).toBe("stranger");
  });

  test("of sets that import each other ends, and of a row of them too", () => {
    const ring = (name: string, next: string): object => ({
      ...{ resourceType: "ValueSet", url: `urn:test:${name}` },
      compose: { include: [{ valueSet: [`urn:test:${next}`] }, { system: S, concept: [{ code: name }] }] },
    });
    const over = terms(ring("a", "b"), ring("b", "c"), ring("c", "a"));
    for (const from of ["a", "b", "c"]) for (const code of ["a", "b", "c"]) expect(answer(over, { code }, `urn:test:${from}`)).toBe("member");
    expect(answer(over, { code: "d" }, "urn:test:a")).toBe("stranger");
    const row = Array.from({ length: 5_000 }, (_, at) => ring(`r${at}`, `r${at + 1}`));
    expect(answer(terms(...row), { code: "d" }, "urn:test:r0")).toMatch(/^unknown/);
    // Each imports the two that follow: asked anew, each would be asked a million times.
    const wide = Array.from({ length: 60 }, (_, at) => ({
      ...{ resourceType: "ValueSet", url: `urn:test:w${at}` },
      compose: {
        include:
          at === 59
            ? [{ system: S, concept: [{ code: "a" }] }]
            : [{ valueSet: [`urn:test:w${at + 1}`] }, { valueSet: [`urn:test:w${Math.min(at + 2, 59)}`] }],
      },
    }));
    expect(answer(terms(...wide), { code: "b" }, "urn:test:w0")).toBe("stranger");
    expect(answer(terms(...wide), { code: "a" }, "urn:test:w0")).toBe("member");
  });

  test("is that of an expansion where nothing else decides", () => {
    const contains = [{ system: S, code: "a", contains: [{ system: S, code: "a1" }] }];
    const expansion = { expansion: { contains } };
    expect(["a", "a1", "b"].map((code) => answer(terms(set({ include: [{ system: S }] }, expansion)), { code }))).toEqual([
      "member",
      "member",
      "stranger",
    ]);
    const cut = { expansion: { total: 9, contains } };
    expect(["a", "b"].map((code) => answer(terms(set({ include: [{ system: S }] }, cut)), { code }))).toEqual(["member", `unknown ${S}`]);
    // What the system says goes before.
    expect(answer(terms(TREE, set({ include: [{ system: S }] }, expansion)), { code: "b" })).toBe("member");
    expect(answer(terms({ resourceType: "ValueSet", url: SET }), {})).toBe(`unknown ${SET}`);
  });

  test("minds versions: one that is asked for, a patch version, and a code that a newer version has", () => {
    const newer = { ...TREE, version: "2.0.0", concept: [{ code: "n" }] };
    const of = (version: string | undefined): Terms => terms(TREE, newer, set({ include: [{ system: S, version }] }));
    expect(["a", "n"].map((code) => answer(of("1.0.0"), { code }))).toEqual(["member", "stranger"]);
    expect(answer(of("2.0"), { code: "n" })).toBe("member");
    expect(answer(of("3.0.0"), { code: "n" })).toBe(`unknown ${S}|3.0.0`);
    expect(answer(of("1.0.0"), { code: "a", version: "2.0.0" })).toBe("stranger");
    expect(answer(of(undefined), { code: "a", version: "1.0.0" })).toBe("member");
    // The package that names the set depends on the older version; the set of packages has a newer one, too.
    const both = conformanceOf([TREE, newer]);
    const older: Conformance = {
      ...both,
      codeSystem: (canonical, from) => both.codeSystem(from && !canonical.includes("|") ? `${S}|1.0.0` : canonical),
    };
    const whole = conformanceOf([set({ include: [{ system: S }] })], older);
    expect(["a", "n", "z"].map((code) => answer(createTerms({ conformance: { ...older, valueSet: whole.valueSet } }), { code }))).toEqual([
      "member",
      "member",
      "stranger",
    ]);
  });

  test("of a value set that only its address describes", () => {
    expect(answer(terms(), { system: "http://snomed.info/sct", code: "1" }, "http://snomed.info/sct?fhir_vs=isa/2")).toBe(
      "unknown http://snomed.info/sct",
    );
    expect(answer(terms(), { system: S }, "http://snomed.info/sct?fhir_vs")).toBe("stranger");
    expect(answer(terms(), { system: "http://loinc.org" }, "http://loinc.org/vs/LL379-9")).toBe("unknown http://loinc.org");
    expect(["a", "zz"].map((code) => answer(terms(TREE), { code }, `${S}?fhir_vs`))).toEqual(["member", "stranger"]);
  });

  test.each([
    ["urn:ietf:bcp:47", "nl-NL", "member"],
    ["urn:ietf:bcp:47", "Dutch (NL)", "stranger"],
    ["http://unitsofmeasure.org", "mg/dL", "member"],
    ["http://unitsofmeasure.org", "mgs", "stranger"],
    ["urn:ietf:bcp:13", "application/pdf", "member"],
    ["urn:iso:std:iso:4217", "EUR", "member"],
    ["urn:iso:std:iso:4217", "EURO", "stranger"],
    ["urn:iso:std:iso:3166", "DE", "member"],
    ["urn:iso:std:iso:3166", "ZZ", "unknown urn:iso:std:iso:3166"],
    ["urn:iso:std:iso:3166", "Germany", "stranger"],
  ])("of %s is told by grammar: %s", (system, code, expected) => {
    const over = terms({ resourceType: "CodeSystem", url: system, content: "not-present" }, set({ include: [{ system }] }));
    expect(answer(over, { system, code })).toBe(expected);
  });

  test("asks what a server said before nothing else than what nobody here can tell", () => {
    const asked: string[] = [];
    const heard: Heard = {
      membership: (_set, { code }) => {
        asked.push(code);
        return code === "said" ? "member" : undefined;
      },
      code: () => ({ membership: "member", display: "Heard" }),
    };
    const over = createTerms({
      conformance: conformanceOf([set({ include: [{ system: "urn:far" }, { system: S, concept: [{ code: "a" }] }] })]),
      heard,
    });
    expect(["said", "unsaid"].map((code) => answer(over, { system: "urn:far", code }))).toEqual(["member", "unknown urn:far"]);
    expect(answer(over, {})).toBe("member");
    expect(asked).toEqual(["said", "unsaid"]);
    expect(over.code({ system: "urn:far", code: "x" }).display).toBe("Heard");
  });
});

describe("filters", () => {
  test.each<[property: string, op: string, value: string, expected: readonly string[]]>([
    ["concept", "is-a", "a", ["a", "a1", "a11", "a2", "c", "d"]],
    ["concept", "descendent-of", "a2", ["c", "d"]],
    ["concept", "is-not-a", "a", ["b"]],
    ["concept", "is-not-a", "nowhere", ALL],
    ["concept", "is-a", "nowhere", []],
    ["concept", "generalizes", "d", ["a", "a2", "c", "d"]],
    ["concept", "child-of", "a", ["a1", "a2"]],
    ["concept", "descendent-leaf", "a", ["a11", "d"]],
    ["code", "in", "a, c", ["a", "c"]],
    ["code", "not-in", "a,c", ["a1", "a11", "a2", "b", "d"]],
    ["code", "=", "b", ["b"]],
    ["code", "regex", "a[0-9]", ["a1", "a2"]],
    ["code", "regex", "(a+)+1?", ["a", "a1"]],
    ["kind", "=", "x", ["a1"]],
    ["kind", "exists", "false", ["a", "a11", "a2", "b", "c", "d"]],
    ["parent", "=", "a2", ["c"]],
    ["parent", "exists", "false", ["a", "b"]],
    ["child", "=", "c", ["a2"]],
    ["child", "exists", "false", ["a11", "b", "d"]],
    ["status", "=", "retired", ["b"]],
    ["inactive", "=", "false", ["a", "a1", "a11", "a2", "c", "d"]],
    ["notSelectable", "=", "true", ["d"]],
    ["display", "=", "A", ["a"]],
  ])("%s %s %s", (property, op, value, expected) => {
    expect(filtered(property, op, value)).toEqual(expected);
  });

  test.each([
    ["concept", "in-the-mood-of", "a"],
    ["constraint", "=", "<< 404684003"],
    ["concept", "is-a", ""],
    ["code", "regex", "(?=a)a"],
    ["kind", "exists", "perhaps"],
  ])("%s %s %s is not understood, so that nothing is known", (property, op, value) => {
    const over = terms(TREE, set({ include: [{ system: S, filter: [{ property, op, value }] }] }));
    expect(answer(over, { code: "a" })).toBe(`unknown ${SET}`);
    expect(answer(over, { code: "zz" })).toBe("stranger");
  });

  test("all of an include have to let a code pass", () => {
    const both = [
      { property: "concept", op: "is-a", value: "a" },
      { property: "concept", op: "is-a", value: "c" },
    ];
    expect(members(terms(TREE, set({ include: [{ system: S, filter: both }] })))).toEqual(["c", "d"]);
  });

  test("a hierarchy that turns in a circle ends", () => {
    const round = {
      ...TREE,
      concept: [
        { code: "a", property: [{ code: "parent", valueCode: "b" }] },
        { code: "b", property: [{ code: "parent", valueCode: "a" }] },
      ],
    };
    const over = terms(round, set({ include: [{ system: S, filter: [{ property: "concept", op: "is-a", value: "a" }] }] }));
    expect(members(over)).toEqual(["a", "b"]);
  });
});

describe("a code", () => {
  test("is known with its display, and whether it is retired or heads others alone", () => {
    const over = terms(TREE);
    expect(over.code({ system: S, code: "a" })).toEqual({ membership: "member", display: "A" });
    expect(over.code({ system: S, code: "b" })).toEqual({ membership: "member", inactive: true });
    expect(over.code({ system: S, code: "d" })).toEqual({ membership: "member", abstract: true });
    expect(over.code({ system: S, code: "zz" })).toEqual({ membership: "stranger" });
    expect(over.code({ system: S, code: "zz", version: "9" })).toEqual({ membership: "unknown" });
    expect(over.code({ system: "urn:other", code: "a" })).toEqual({ membership: "unknown" });
    expect(over.code({ system: undefined, code: "a" })).toEqual({ membership: "unknown" });
  });

  test("stands below another, or not, or nobody can tell", () => {
    const over = (more: object = {}): Terms => terms({ ...TREE, ...more });
    const asked = (of: Terms, ancestor: string, descendant: string): boolean | undefined =>
      of.subsumes({ system: S, code: ancestor }, { system: S, code: descendant });
    expect([asked(over(), "a", "d"), asked(over(), "d", "a"), asked(over(), "a", "a"), asked(over(), "a", "zz")]).toEqual([
      true,
      false,
      true,
      undefined,
    ]);
    expect(asked(over({ hierarchyMeaning: "part-of" }), "a", "a1")).toBeUndefined();
    expect([asked(over({ content: "fragment" }), "a", "a1"), asked(over({ content: "fragment" }), "b", "a1")]).toEqual([true, undefined]);
  });
});

describe("R4's own value sets", () => {
  let r4: Terms;
  let resources: readonly { readonly resourceType?: string; readonly url?: string }[];
  beforeAll(() => {
    resources = r4Resources();
    r4 = createTerms({ conformance: conformanceOf(resources) });
  });

  test.each([
    ["administrative-gender", "http://hl7.org/fhir/administrative-gender", "male", "member"],
    ["administrative-gender", "http://hl7.org/fhir/administrative-gender", "Male", "stranger"],
    ["v3-ActEncounterCode", "http://terminology.hl7.org/CodeSystem/v3-ActCode", "AMB", "member"],
    ["languages", "urn:ietf:bcp:47", "de-CH", "member"],
    ["condition-code", "http://snomed.info/sct", "404684003", "unknown"],
  ])("%s: %s %s is %s", (name, system, code, expected) => {
    const base = name.startsWith("v3-") ? "http://terminology.hl7.org/ValueSet/" : "http://hl7.org/fhir/ValueSet/";
    expect(r4.membership(base + name, { system, code }).membership).toBe(expected);
  });

  test("are decided without help, but for those of systems that others own", () => {
    const all = resources.filter(({ resourceType }) => resourceType === "ValueSet");
    const undecided = all.filter(({ url = "" }) =>
      systemsOf(all, url).some((system) => r4.membership(url, { system, code: "zz" }).membership === "unknown"),
    );
    expect([all.length, undecided.length]).toEqual([1316, 93]);
  });
});

function systemsOf(all: readonly object[], url: string): string[] {
  const found = (all as readonly { readonly url: string; readonly compose?: { readonly include: readonly { readonly system?: string }[] } }[]).find(
    (one) => one.url === url,
  );
  return (found?.compose?.include ?? []).flatMap(({ system }) => system ?? []);
}

test("nothing is known where nothing is held", () => {
  expect(createTerms({ conformance: NOTHING }).membership(SET, { system: S, code: "a" })).toEqual({ membership: "unknown", unheld: [SET] });
});
