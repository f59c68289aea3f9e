import { describe, expect, test } from "@jest/globals";
import { briefly, saidOf, type Plain } from "../a-document.ts";

const PATIENT = { resourceType: "Patient", id: "1", active: true };

function bundle(type: string, more: Plain): Plain {
  return { resourceType: "Bundle", type, ...more };
}

describe("identities of entries (bundle.html, Resource URL & Uniqueness rules)", () => {
  test.each(["collection", "searchset", "history", "message"])("each entry of a %s has a fullUrl", (type) => {
    expect(briefly(saidOf(bundle(type, { entry: [{ resource: PATIENT }] }))).filter((line) => line.includes("full-url"))).toEqual([
      "error full-url-missing Bundle.entry[0]",
    ]);
  });

  test.each(["transaction", "batch", "transaction-response", "batch-response"])("those of a %s need none", (type) => {
    expect(briefly(saidOf(bundle(type, { entry: [{ resource: PATIENT }] }))).filter((line) => line.includes("full-url"))).toEqual([]);
  });

  test.each([
    ["https://x.example/fhir/Patient/1", []],
    ["https://x.example/fhir/Patient/2", ["error full-url-id Bundle.entry[0]"]],
    ["https://x.example/fhir/Group/1", ["error full-url-id Bundle.entry[0]"]],
    ["https://x.example/fhir/Things/2", []],
    ["urn:oid:2.999.1", []],
    ["Patient/1", ["error full-url-relative Bundle.entry[0]"]],
  ])("%s", (fullUrl, lines) => {
    expect(briefly(saidOf(bundle("collection", { entry: [{ fullUrl, resource: PATIENT }] })))).toEqual(lines);
  });

  test("a fullUrl on a server, and a resource without an id", () => {
    const entry = [{ fullUrl: "https://x.example/fhir/Patient/1", resource: { resourceType: "Patient", active: true } }];
    expect(briefly(saidOf(bundle("collection", { entry })))).toEqual(["error full-url-id Bundle.entry[0]"]);
  });

  test("a relative reference counts from a fullUrl", () => {
    const flag = { resourceType: "Flag", status: "active", code: { text: "x" }, subject: { reference: "Patient/1" } };
    expect(briefly(saidOf(bundle("collection", { entry: [{ resource: flag }] })))).toEqual([
      "error full-url-missing Bundle.entry[0]",
      "error reference-without-full-url Bundle.entry[0].resource.subject",
    ]);
    expect(briefly(saidOf(bundle("collection", { entry: [{ fullUrl: "urn:oid:2.999.1", resource: flag }] })))).toEqual([]);
    // What a transaction creates refers to what is on the server.
    expect(briefly(saidOf(bundle("transaction", { entry: [{ resource: flag, request: { method: "POST", url: "Flag" } }] })))).toEqual([]);
  });
});

describe("links", () => {
  const links = (...relations: string[]): Plain => ({ link: relations.map((relation) => ({ relation, url: "https://x.example/" })) });

  test("of a kind that leads to one place stand once", () => {
    expect(briefly(saidOf(bundle("searchset", links("self", "next", "self", "alternate", "alternate"))))).toEqual([
      "error link-repeated Bundle.link[2]",
    ]);
  });

  test("from page to page belong to searches and histories", () => {
    expect(briefly(saidOf(bundle("collection", links("self", "next"))))).toEqual(["error link-paging Bundle.link[1].relation"]);
    expect(briefly(saidOf(bundle("history", links("self", "next"))))).toEqual([]);
  });
});

test("search.mode outcome is of an OperationOutcome", () => {
  const entry = (resource: Plain): Plain => bundle("searchset", { entry: [{ fullUrl: "urn:oid:2.999.1", resource, search: { mode: "outcome" } }] });
  expect(briefly(saidOf(entry(PATIENT)))).toEqual(["error search-outcome-type Bundle.entry[0].resource"]);
  const outcome = { resourceType: "OperationOutcome", issue: [{ severity: "information", code: "informational" }] };
  expect(briefly(saidOf(entry(outcome))).filter((line) => line.startsWith("error"))).toEqual([]);
  // It is about the search, and identified by nothing.
  const nameless = bundle("searchset", { entry: [{ resource: outcome, search: { mode: "outcome" } }] });
  expect(briefly(saidOf(nameless)).filter((line) => line.startsWith("error"))).toEqual([]);
});

test("a message holds what it is about", () => {
  const header = {
    resourceType: "MessageHeader",
    eventUri: "https://x.example/event",
    source: { endpoint: "https://x.example/" },
    focus: [{ reference: "urn:oid:2.999.2" }, { reference: "urn:oid:2.999.3" }],
  };
  const entry = [
    { fullUrl: "urn:oid:2.999.1", resource: header },
    { fullUrl: "urn:oid:2.999.2", resource: PATIENT },
  ];
  expect(briefly(saidOf(bundle("message", { entry }))).filter((line) => line.startsWith("error"))).toEqual([
    "error message-focus-missing Bundle.entry[0].resource.focus[1]",
  ]);
});
