import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { randomUUID } from "node:crypto";
import { gzipSync } from "node:zlib";
import { documentJson } from "../../journeys/documents.ts";
import { openHouse, type House } from "../house.ts";
import { ask, type RawAnswer } from "../local-server.ts";

let house: House;
beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house.close());

const JSON_TYPE = { "Content-Type": "application/fhir+json", Accept: "application/fhir+json" };
const post = (body: string | Uint8Array, headers: Record<string, string> = {}, path = "/fhir/Bundle"): Promise<RawAnswer> =>
  ask(house.port, { method: "POST", path, body, headers: { ...JSON_TYPE, ...headers } });

interface Outcome {
  readonly resourceType: string;
  readonly issue: {
    severity: string;
    code: string;
    details: { text: string };
    expression?: string[];
    extension: { url: string; valueString?: string; valueInteger?: number }[];
  }[];
}
const outcomeOf = (answer: RawAnswer): Outcome => JSON.parse(String(answer.body)) as Outcome;
const ruleOf = (issue: Outcome["issue"][number] | undefined): string | undefined =>
  issue?.extension.find((extension) => extension.url.endsWith("operationoutcome-message-id"))?.valueString;

describe("a document", () => {
  test("is created: 201 with address, tag, time and receipt; the answer is short unless it is asked for more", async () => {
    const answer = await post(documentJson());
    expect(answer.status).toBe(201);
    expect(answer.headers.location).toMatch(/^https:\/\/documents\.example\.org\/fhir\/Bundle\/[0-9a-f-]{36}\/_history\/1$/);
    expect(answer.headers.etag).toBe('W/"1"');
    expect(new Date(answer.headers["last-modified"] ?? "").getTime()).toBeGreaterThan(Date.now() - 60_000);
    expect(answer.headers["link"]).toContain("/receipt>");
    expect(answer.body).toHaveLength(0);
  });

  test("that is sent again is the same: 200 with the headers of the first", async () => {
    const sent = documentJson();
    const first = await post(sent);
    const again = await post(sent);
    expect(again.status).toBe(200);
    for (const name of ["location", "etag", "last-modified", "link"]) expect(again.headers[name]).toBe(first.headers[name]);
  });

  test("under an identifier that names another is a conflict: 409 with both digests", async () => {
    const identifier = `urn:uuid:${randomUUID()}`;
    await post(documentJson({ identifier }));
    const answer = await post(documentJson({ identifier, words: "Other words." }));
    expect(answer.status).toBe(409);
    const [issue] = outcomeOf(answer).issue;
    expect(issue?.code).toBe("conflict");
    expect(issue?.details.text.match(/sha256:[0-9a-f]{64}/g)).toHaveLength(2);
    expect(answer.headers.location).toBeUndefined();
  });

  test("may come zipped", async () => {
    expect((await post(gzipSync(documentJson()), { "Content-Encoding": "gzip" })).status).toBe(201);
  });

  test("may come as a generic JSON type", async () => {
    expect((await post(documentJson(), { "Content-Type": "application/json" })).status).toBe(201);
  });
});

describe("Prefer", () => {
  test.each([["return=minimal"], ["return=minimal; foo"], ["respond-async, return=minimal"]])("%s gives no body", async (Prefer) => {
    const answer = await post(documentJson(), { Prefer });
    expect([answer.status, answer.body.length, answer.headers["preference-applied"]]).toEqual([201, 0, "return=minimal"]);
  });

  test("return=representation gives the document as it is served, in the form accepted", async () => {
    const answer = await post(documentJson(), { Prefer: "return=representation", Accept: "application/fhir+xml" });
    expect(answer.headers["content-type"]).toBe("application/fhir+xml; charset=utf-8");
    expect(String(answer.body)).toMatch(/<Bundle xmlns="http:\/\/hl7.org\/fhir"><id value="[0-9a-f-]{36}"\/><meta><versionId value="1"\/>/);
  });

  test("return=OperationOutcome gives what was noticed, for a repeat too", async () => {
    const sent = documentJson();
    for (const status of [201, 200]) {
      const answer = await post(sent, { Prefer: 'return="OperationOutcome"' });
      expect([answer.status, outcomeOf(answer).resourceType]).toEqual([status, "OperationOutcome"]);
      expect(outcomeOf(answer).issue.every((issue) => issue.severity !== "error")).toBe(true);
    }
  });

  test("handling=strict refuses parameters that we do not know; otherwise they are passed over", async () => {
    expect((await post(documentJson(), {}, "/fhir/Bundle?_lang=de")).status).toBe(201);
    expect((await post(documentJson(), { Prefer: "handling=strict" }, "/fhir/Bundle?_lang=de")).status).toBe(400);
  });
});

describe("what is refused is an OperationOutcome", () => {
  test("400: what does not parse, with line and column", async () => {
    const answer = await post('{\n  "resourceType": "Bundle",,\n}');
    expect(answer.status).toBe(400);
    const [issue] = outcomeOf(answer).issue;
    expect(issue?.extension.filter((extension) => extension.valueInteger !== undefined).map((extension) => extension.valueInteger)).toEqual([2, 28]);
  });

  test("400: what is not UTF-8, and nothing at all", async () => {
    expect((await post(Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x7d]))).status).toBe(400);
    expect((await post("")).status).toBe(400);
  });

  test("422: an invalid document, with every issue, rule, place and text", async () => {
    const broken = documentJson().replace('"timestamp": "2026-03-14T09:30:00+01:00",', "").replace('"status": "final",', "");
    const answer = await post(broken);
    expect(answer.status).toBe(422);
    const errors = outcomeOf(answer).issue.filter((issue) => issue.severity === "error");
    expect(errors.length).toBeGreaterThanOrEqual(2);
    expect(errors.map(ruleOf)).toContain("bdl-10");
    for (const issue of errors) {
      expect(issue.expression?.[0]).toMatch(/^Bundle/);
      expect(issue.details.text.length).toBeGreaterThan(10);
    }
  });

  test("422: any other resource, or another kind of Bundle", async () => {
    expect((await post('{"resourceType":"Patient"}')).status).toBe(422);
    expect((await post('{"resourceType":"Bundle","type":"collection"}')).status).toBe(422);
  });

  test("413: what is over the limit, and 201 again on the same connection's next", async () => {
    expect((await post(Buffer.alloc(1_000_001, 0x20))).status).toBe(413);
    expect((await post(gzipSync(Buffer.alloc(30_000_000, 0x20)), { "Content-Encoding": "gzip" })).status).toBe(413);
    expect((await post(documentJson())).status).toBe(201);
  });

  test.each([
    ["text/plain"],
    ["application/pdf"],
    ["application/fhir+turtle"],
    ["application/fhir+json; charset=latin1"],
    ["application/fhir+json; fhirVersion=5.0"],
  ])("415: Content-Type %s", async (type) => expect((await post(documentJson(), { "Content-Type": type })).status).toBe(415));
  test("415: another Content-Encoding", async () => expect((await post(documentJson(), { "Content-Encoding": "br" })).status).toBe(415));
  test("406: an answer that we cannot give, before anything is stored", async () =>
    expect((await post(documentJson(), { Accept: "text/turtle" })).status).toBe(406));
  test.each(["", "nonsense=1", "_count=1", "type:colour=document"])(
    "400: a conditional create with a condition that is none: '%s'",
    async (condition) => expect((await post(documentJson(), { "If-None-Exist": condition })).status).toBe(400),
  );
  test("421: another Host", async () => expect((await post(documentJson(), { Host: "evil.example" })).status).toBe(421));
  test("403: a page of another origin", async () => expect((await post(documentJson(), { Origin: "https://evil.example" })).status).toBe(403));
  test("405: a PUT at the base", async () => {
    const answer = await ask(house.port, { method: "PUT", path: "/fhir", headers: { "Content-Type": "application/fhir+json" }, body: "{}" });
    expect([answer.status, answer.headers.allow]).toEqual([405, "GET, HEAD, POST"]);
  });
  test("404: another type", async () => {
    const answer = await post('{"resourceType":"Patient"}', {}, "/fhir/Patient");
    expect([answer.status, String(answer.body)]).toEqual([404, expect.stringContaining("documents are deposited with POST /fhir/Bundle")]);
  });

  test("in XML for whoever reads XML, and as a page for a browser", async () => {
    const xml = await post("{", { Accept: "application/fhir+xml" });
    expect([xml.status, xml.headers["content-type"]]).toEqual([400, "application/fhir+xml; charset=utf-8"]);
    expect(String(xml.body)).toContain("<OperationOutcome");
    const page = await post("{", { Accept: "text/html", "Content-Type": "application/pdf" });
    expect([page.status, page.headers["content-type"]]).toEqual([406, "text/html; charset=utf-8"]);
  });
});

test("503: whatever comes once the service is stopping", async () => {
  const other = await openHouse();
  try {
    expect(await other.lifecycle.stop(1000)).toBe(true);
    const answer = await ask(other.port, { method: "POST", path: "/fhir/Bundle", body: documentJson(), headers: JSON_TYPE });
    expect([answer.status, answer.headers["retry-after"], answer.headers.connection]).toEqual([503, "5", "close"]);
    expect((await ask(other.port, { path: "/healthz" })).status).toBe(200);
    expect((await ask(other.port, { path: "/readyz" })).status).toBe(503);
  } finally {
    await other.close();
  }
});

describe("the request's id", () => {
  test("is the sender's if it is sane, and goes into the deposit record", async () => {
    const answer = await post(documentJson(), { "X-Request-Id": "ward-7.4711" });
    expect(answer.headers["x-request-id"]).toBe("ward-7.4711");
  });
  test.each([["a b"], ["x".repeat(65)], ["{}"], ["-"]])("is ours when %p is sent", async (sent) =>
    expect((await post("{", { "X-Request-Id": sent })).headers["x-request-id"]).toMatch(/^[0-9a-f-]{36}$/),
  );
});
