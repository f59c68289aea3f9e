import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { isError, operationOutcome, type Issue } from "../../../src/core/fhir/issue.ts";
import { JsonArray, JsonNumber, JsonObject, type JsonValue } from "../../../src/core/fhir/tree/tree.ts";
import { DEFAULT_READ_LIMITS } from "../../../src/core/fhir/reading/read-limits.ts";
import { SourceText } from "../../../src/core/fhir/reading/source-text.ts";
import { DEFAULT_POLICY, type Policy } from "../../../src/pipeline/validate/policy.ts";
import { aDocument, briefly, BUT_NARRATIVE, compositionOf, narrative, saidOf } from "./a-document.ts";
import { admit, readResource, validate } from "../../r4.ts";

const FIXTURES = join(import.meta.dirname, "../../../fixtures/documents");

test("the rule sets are asked in their order, all of them, with what the reader noticed first", () => {
  const document = aDocument();
  document["meta"] = { profile: ["https://hospital.example/p"] };
  compositionOf(document)["status"] = ["final"];
  compositionOf(document)["extension"] = [{ url: "https://hospital.example/e", valueAttachment: { data: "YWJj" } }];
  delete document["timestamp"];
  const noticed: Issue = { severity: "warning", code: "structure", rule: "json-bom", text: "x", offset: 0 };
  const { resource } = readResource(Buffer.from(JSON.stringify(document)), "application/fhir+json", DEFAULT_READ_LIMITS);
  expect(briefly(validate(resource as JsonObject, [noticed], DEFAULT_POLICY))).toEqual([
    "warning json-bom",
    "error array-unexpected Bundle.entry[0].resource.status",
    "error att-1 Bundle.entry[0].resource.extension[0].value",
    "information profile-not-held Bundle.meta.profile[0]",
    "error bdl-10 Bundle",
  ]);
});

test("any resource may be judged, and the document rules are those of documents", () => {
  expect(
    saidOf({
      resourceType: "Composition",
      status: "final",
      type: { text: "x" },
      date: "2026",
      author: [{ display: "x" }],
      title: "x",
      section: [{ title: "x", text: narrative("x") }],
    }),
  ).toEqual([]);
});

describe("our own documents are valid, with no warning but those that they are there to show", () => {
  const EXPECTED: Readonly<Record<string, readonly string[]>> = {
    // NI, a national identifier, is in R4's code system of identifier types, but not in the value set that R4 binds to Identifier.type.
    "discharge-summary-long.json": ["binding-extensible"],
    "psychiatry-letter-restricted.json": ["modifier-extension-unknown"],
  };
  test.each(readdirSync(join(FIXTURES, "valid")))("%s", (file) => {
    const mediaType = file.endsWith(".xml") ? "application/fhir+xml" : "application/fhir+json";
    const { resource, issues } = readResource(readFileSync(join(FIXTURES, "valid", file)), mediaType, DEFAULT_READ_LIMITS);
    const said = validate(resource as JsonObject, issues, DEFAULT_POLICY);
    expect(said.filter(isError)).toEqual([]);
    expect([...new Set(said.map(({ rule }) => rule))]).toEqual(EXPECTED[file] ?? []);
  });
});

describe("checklist 1 to 18, damaged at random", () => {
  const documents = ["broken", "valid"].flatMap((folder) =>
    readdirSync(join(FIXTURES, folder))
      .filter((file) => file.endsWith(".json") && (folder === "broken" || /patient-summary|signed|restricted|changes/.test(file)))
      .map((file) => readFileSync(join(FIXTURES, folder, file))),
  );
  /** Lets everything pass that a policy can. */
  const everything: Policy = {
    version: "t/1",
    rules: "t",
    severities: {
      get: (rule: string) => (["bdl-9", "bdl-11", "resource-type-missing", "resource-type-unknown"].includes(rule) ? undefined : "ignore"),
      size: 1,
    } as unknown as Policy["severities"],
  };

  test("nothing is thrown, every issue is fit to be sent, and what passes can be opened", () => {
    const random = seeded(20260314);
    const seen = new Set<string>();
    for (let round = 0; round < 1200; round++) {
      const bytes = documents[round % documents.length] as Buffer;
      const { source, resource } = readResource(bytes, "application/fhir+json", DEFAULT_READ_LIMITS);
      const tree = resource as JsonObject;
      const places = placesIn(tree);
      for (let times = 1 + random(3); times > 0; times--) damage(places[random(places.length)] as JsonObject | JsonArray, places, random);
      const received = {
        resource: tree,
        readingIssues: [],
        source,
        bytes,
        mediaType: "application/fhir+json",
      } as const;
      for (const issue of validate(tree, [], DEFAULT_POLICY)) {
        expectFit(issue);
        seen.add(issue.rule);
      }
      for (const policy of [DEFAULT_POLICY, everything]) expect(["validated", "refused"]).toContain(admit(received, policy).kind);
    }
    expect(seen.size).toBeGreaterThan(45); // or the damage has become too tame
  });

  function expectFit(issue: Issue): void {
    const { severity, code, rule, text, expression } = issue;
    const isFit =
      /^(?:error|warning|information)$/.test(severity) &&
      /^[a-z-]+$/.test(code) &&
      /^[a-zA-Z0-9-]+$/.test(rule) &&
      text.length > 10 &&
      text.length < 1000 &&
      (expression === undefined
        ? /^(?:too-many-issues|resource-type-\w+|document-only)$/.test(rule)
        : /^[A-Za-z]+(?:\.[A-Za-z0-9]+|\[\d+\])*$/.test(expression));
    if (!isFit) throw new Error(`unfit: ${JSON.stringify(issue)}`);
  }
});

test("an outcome of every kind of issue keeps the rules of resources itself", () => {
  const said = readdirSync(join(FIXTURES, "broken")).flatMap((file) => {
    const { source, resource, issues } = readResource(
      readFileSync(join(FIXTURES, "broken", file)),
      file.endsWith(".xml") ? "application/fhir+xml" : "application/fhir+json",
      DEFAULT_READ_LIMITS,
    );
    return operationOutcome(resource ? validate(resource, issues, DEFAULT_POLICY) : issues, source).objects("issue");
  });
  const outcome = operationOutcome([{ severity: "error", code: "structure", rule: "x", text: "no place at all" }], new SourceText(""));
  const listed = outcome.get("issue") as JsonArray;
  for (const issue of said) listed.add(issue);
  expect(said.length).toBeGreaterThan(60);
  expect(briefly(validate(outcome, [], BUT_NARRATIVE))).toEqual([]);
});

/** Random whole numbers below a bound, the same in every run (a linear congruence, as in Knuth). */
function seeded(seed: number): (bound: number) => number {
  let state = seed;
  return (bound) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * bound);
  };
}

function placesIn(root: JsonObject): (JsonObject | JsonArray)[] {
  const places: (JsonObject | JsonArray)[] = [root];
  for (const place of places)
    for (const value of place instanceof JsonObject ? place.values : place.items)
      if (value instanceof JsonObject || value instanceof JsonArray) places.push(value);
  return places;
}

const NAMES = ["resourceType", "reference", "entry", "contained", "div", "_name", "value", "section", "__proto__", "extension", "a b", ""];

/** Replaces, removes, adds, renames or moves one thing. What is moved may lie within itself no more than once: the copy is shallow. */
function damage(place: JsonObject | JsonArray, places: readonly (JsonObject | JsonArray)[], random: (bound: number) => number): void {
  const values = place instanceof JsonObject ? place.values : place.items;
  const at = random(values.length + 1);
  const value = strangeValue(random, places);
  const kind = random(4);
  if (kind === 0 && at < values.length) values[at] = value;
  else if (kind === 1 && at < values.length) {
    if (place instanceof JsonObject) place.remove(at);
    else {
      place.items.splice(at, 1);
      place.offsets.splice(at, 1);
    }
  } else if (place instanceof JsonArray) place.add(value, random(100));
  else {
    const name = NAMES[random(NAMES.length)] as string;
    if (kind === 2 && at < values.length && !place.has(name)) place.rename(at, name);
    else if (!place.has(name)) place.add(name, value, random(100));
  }
}

function strangeValue(random: (bound: number) => number, places: readonly (JsonObject | JsonArray)[]): JsonValue {
  const list: readonly JsonValue[] = [
    null,
    true,
    "",
    " ",
    "\u0000",
    "#",
    "Patient/1",
    "urn:uuid:",
    "document",
    "Composition",
    "<div>",
    new JsonNumber("1e9"),
    new JsonNumber("-0.50"),
    new JsonObject(),
    new JsonArray(),
  ];
  const which = random(list.length + 2);
  if (which < list.length) return list[which] as JsonValue;
  const place = places[random(places.length)] as JsonObject | JsonArray;
  return which === list.length ? new JsonArray().add(new JsonArray().add(leafOf(place))) : leafOf(place);
}

/** A shallow copy without what lies deeper, so that no tree holds itself. */
function leafOf(place: JsonObject | JsonArray): JsonValue {
  if (place instanceof JsonArray) return new JsonArray().add("x").add(new JsonObject());
  const copy = new JsonObject(place.offset);
  place.names.forEach((name, at) => {
    const value = place.values[at] as JsonValue;
    if (!(value instanceof JsonObject) && !(value instanceof JsonArray)) copy.add(name, value, place.offsets[at]);
  });
  return copy;
}
