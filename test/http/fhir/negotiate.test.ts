import { describe, expect, test } from "@jest/globals";
import { negotiate, negotiateBinary, parseMediaType, type Form } from "../../../src/http/fhir/negotiate.ts";

const ALL: readonly Form[] = ["json", "xml", "html", "pdf"];
const BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8";

describe("Accept", () => {
  test.each<[string | undefined, Form | undefined]>([
    [undefined, "json"],
    ["", "json"],
    ["*/*", "json"],
    ["application/*", "json"],
    ["text/*", "html"],
    ["application/fhir+json", "json"],
    ["application/fhir+xml", "xml"],
    ["application/xml", "xml"],
    ["text/xml", "xml"],
    ["application/json", "json"],
    ["text/json", "json"],
    ["application/xml+fhir", "xml"],
    ["APPLICATION/FHIR+XML", "xml"],
    ["application/pdf", "pdf"],
    [BROWSER, "html"],
    ["application/fhir+xml, application/fhir+json", "xml"],
    ["application/fhir+xml;q=0.5, application/fhir+json;q=0.9", "json"],
    ["*/*;q=0.1, application/pdf", "pdf"],
    ["application/fhir+json;q=0, */*", "xml"],
    ["application/fhir+xml; fhirVersion=4.0", "xml"],
    ["application/fhir+xml; fhirVersion=3.0, application/fhir+json; q=0.1", "json"],
    ["application/fhir+xml; fhirVersion=5.0", undefined],
    ["text/turtle", undefined],
    ["application/fhir+json;q=0", undefined],
    ["nonsense", undefined],
  ])("%p gives %p", (accept, form) => expect(negotiate({ accept }, ALL)?.form).toBe(form));

  test("a generic type is answered by its own name", () => {
    expect(negotiate({ accept: "application/json" }, ALL)?.contentType).toBe("application/json; charset=utf-8");
    expect(negotiate({ accept: "text/xml" }, ALL)?.contentType).toBe("text/xml; charset=utf-8");
    expect(negotiate({ accept: "application/pdf" }, ALL)?.contentType).toBe("application/pdf");
  });

  test("only what is offered is given", () => {
    expect(negotiate({ accept: BROWSER }, ["json", "xml"])?.form).toBe("xml");
    expect(negotiate({ accept: "application/pdf" }, ["json", "xml"])).toBeUndefined();
  });
});

describe("_format", () => {
  test.each<[string, Form | undefined]>([
    ["json", "json"],
    ["application/json", "json"],
    ["application/fhir+json", "json"],
    ["application/fhir json", "json"], // a plus that was not escaped
    ["text/json", "json"],
    ["xml", "xml"],
    ["text/xml", "xml"],
    ["application/xml", "xml"],
    ["application/fhir+xml; charset=utf-8", "xml"],
    ["application/fhir+xml; fhirVersion=3.0", undefined],
    ["html", "html"],
    ["text/html", "html"],
    ["pdf", "pdf"],
    ["ttl", undefined],
    ["", undefined],
  ])("%p overrides Accept: %p", (format, form) => expect(negotiate({ accept: "application/pdf", format }, ALL)?.form).toBe(form));

  test("has FHIR's meaning even when it is generic", () => {
    expect(negotiate({ format: "application/xml" }, ALL)?.contentType).toBe("application/fhir+xml; charset=utf-8");
  });
});

describe("a Binary", () => {
  test.each([
    [undefined],
    ["*/*"],
    ["application/json"],
    ["text/xml"],
    ["application/pdf"],
    [BROWSER],
    ["application/octet-stream, application/fhir+json;q=0.5"],
  ])("is its content for Accept %p", (accept) => expect(negotiateBinary({ accept })).toBeUndefined());
  test.each<[string, string]>([
    ["application/fhir+json", "json"],
    ["application/fhir+xml, */*;q=0.1", "xml"],
    ["*/*, application/fhir+xml", "xml"],
  ])("is a resource for Accept %p", (accept, form) => expect(negotiateBinary({ accept })).toMatchObject({ form }));

  test("is a resource whenever _format is there", () => {
    expect(negotiateBinary({ accept: "*/*", format: "application/json" })).toMatchObject({
      form: "json",
      contentType: "application/fhir+json; charset=utf-8",
    });
    expect(negotiateBinary({ format: "html" })).toBe("unacceptable");
  });
});

test("media types with parameters", () => {
  expect(parseMediaType('Application/FHIR+JSON; Charset="UTF-8"')).toEqual({
    name: "application/fhir+json",
    parameters: new Map([["charset", "UTF-8"]]),
  });
  expect(parseMediaType("json")).toBeUndefined();
});
