import { expect, test } from "@jest/globals";
import { readFileSync } from "node:fs";
import { DEFAULT_READ_LIMITS } from "../../src/core/fhir/reading/read-limits.ts";
import { DEFAULT_POLICY } from "../../src/pipeline/validate/policy.ts";
import { namedResources, ResourceDescriber, withPersonIds } from "../../src/search/describe-resources.ts";
import { packed, unpacked } from "../../src/search/packed-resources.ts";
import { admit, R4, receive, SEARCH_PARAMETERS } from "../r4.ts";

test("what goes as one text comes out as it was, persons called by their ids", async () => {
  const bytes = new Uint8Array(readFileSync("fixtures/documents/valid/discharge-letter-arabic.json"));
  const intake = receive({ bytes, mediaType: "application/fhir+json" }, DEFAULT_READ_LIMITS);
  if (intake.kind === "unreadable") throw new Error("the sample is not read");
  const admission = admit(intake.received, DEFAULT_POLICY);
  if (admission.kind === "refused") throw new Error("the sample is refused");
  const { document } = admission.validated;
  const systems = new Set(
    [...JSON.stringify(JSON.parse(new TextDecoder().decode(bytes))).matchAll(/"system":"([^"]+)"/g)].map(([, system]) => system ?? ""),
  );
  const describer = new ResourceDescriber(R4, SEARCH_PARAMETERS, { systems, hasFullText: true });
  const about = { documentId: "d", receivedAt: "2026-03-01T10:00:00.000Z", mediaType: "application/fhir+json" };
  const idOf = (key: string): Promise<string> => Promise.resolve(`id of ${key}`);
  for (const { resources } of [describer.header(document, about), describer.rest(document, undefined)]) {
    const named = unpacked(await namedResources(packed(resources), idOf));
    expect(named).toEqual(await withPersonIds(resources, idOf));
    expect(unpacked(named)).toBe(named);
  }
  const header = describer.header(document, about).resources;
  expect(packed(header).keys.length).toBeGreaterThan(0);
  expect(new Set(header.flatMap(({ rows }) => rows.map(({ kind }) => kind)))).toEqual(new Set(["word", "span", "link", "person"]));
});

test("no text is altered on the way, whatever it holds", async () => {
  const values = ["", '"\\ \n', "\u2028", "\ud800", "\u0000", "漢字", "__proto__"];
  const resources = [
    { place: 0, type: "Patient", path: "0", rows: values.map((value) => ({ kind: "word" as const, name: "a", value, part: 0, system: value })) },
  ];
  expect(unpacked(await namedResources(packed(resources), (key) => Promise.resolve(key)))).toEqual(resources);
});
