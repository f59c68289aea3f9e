/** `$verify` of a document that is kept and of one that is sent, and the deposit record that a leaf has the digest of. */
import { createHash } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { documentJson } from "../../journeys/documents.ts";
import { openHouse, type House } from "../house.ts";
import { ask, type RawAnswer } from "../local-server.ts";
import { readResource, validate, writeXml } from "../../r4.ts";
import { DEFAULT_READ_LIMITS } from "../../../src/core/fhir/reading/read-limits.ts";
import { DEFAULT_POLICY } from "../../../src/pipeline/validate/policy.ts";
import { sampleDocument, treeOfText } from "../../pipeline/sign/deposited.ts";

const JSON_TYPE = { "Content-Type": "application/fhir+json", Accept: "application/fhir+json" };
const sent = documentJson();
let house: House;
let id: string;
let receipt: string;

const send = (method: string, path: string, body?: string | Buffer, headers: Record<string, string> = JSON_TYPE): Promise<RawAnswer> =>
  ask(house.port, { method, path, headers, ...(body !== undefined && { body }) });

interface Parameter {
  readonly name: string;
  readonly part?: readonly Parameter[];
  readonly [value: string]: unknown;
}

/** `name value` of each, parts behind a colon. */
function told(parameters: readonly Parameter[]): string[] {
  return parameters.flatMap(({ name, part, ...rest }) =>
    part ? told(part).map((one) => `${name}:${one}`) : [`${name} ${String(Object.values(rest)[0])}`],
  );
}

function parametersOf({ status, body }: RawAnswer): string[] {
  const answer = JSON.parse(String(body)) as { readonly resourceType: string; readonly parameter: readonly Parameter[] };
  expect([status, answer.resourceType]).toEqual([200, "Parameters"]);
  return told(answer.parameter);
}

const base64 = (text: string): string => Buffer.from(text).toString("base64");
const withReceipt = (document: string, ...more: readonly object[]): string =>
  JSON.stringify({
    resourceType: "Parameters",
    parameter: [{ name: "document", resource: "HERE" }, { name: "receipt", valueBase64Binary: base64(receipt) }, ...more],
  }).replace('"HERE"', document);

beforeAll(async () => {
  house = await openHouse({ maxDocumentBytes: 80_000 });
  id = (await send("POST", "/fhir/Bundle", sent)).headers.location?.split("/").at(-3) ?? "";
  receipt = String((await send("GET", `/documents/${id}/receipt`)).body);
});
afterAll(() => house.close());

describe("Bundle/{id}/$verify", () => {
  test("says by GET and by POST what the page and the command line say", async () => {
    const page = JSON.parse(String((await send("GET", `/documents/${id}/verify`, undefined, { Accept: "application/json" })).body)) as {
      readonly verdict: string;
      readonly checks: readonly { readonly name: string; readonly result: string; readonly text: string }[];
    };
    const expected = [
      `verdict ${page.verdict}`,
      ...page.checks.flatMap(({ name, result, text }) => [`checks:name ${name}`, `checks:result ${result}`, `checks:text ${text}`]),
    ];
    expect(page.verdict).toBe("proven");
    for (const method of ["GET", "POST"]) expect(parametersOf(await send(method, `/fhir/Bundle/${id}/$verify`))).toEqual(expected);
  });

  test("of what is not here is 404, and with a body 400", async () => {
    expect((await send("GET", "/fhir/Bundle/0b8f2c52-62c8-4d5c-9d3e-1b6f0a5e7c11/$verify")).status).toBe(404);
    expect((await send("POST", `/fhir/Bundle/${id}/$verify`, sent)).status).toBe(400);
  });

  test("answers in XML too, and what it answers is valid", async () => {
    const { body } = await send("GET", `/fhir/Bundle/${id}/$verify`, undefined, { Accept: "application/fhir+xml" });
    const { resource, issues } = readResource(new Uint8Array(Buffer.from(body)), "application/fhir+xml", DEFAULT_READ_LIMITS);
    expect(issues).toEqual([]);
    expect(resource && validate(resource, [], DEFAULT_POLICY).filter(({ severity }) => severity === "error")).toEqual([]);
  });
});

describe("$verify of what is sent", () => {
  test("the document alone, or with its receipt, or a Binary of it; to the byte", async () => {
    expect(parametersOf(await send("POST", "/fhir/$verify", sent))[0]).toBe("verdict incomplete");
    const whole = parametersOf(await send("POST", "/fhir/$verify", withReceipt(sent)));
    expect(whole[0]).toBe("verdict proven");
    expect(whole.find((line) => line.includes("byte for byte"))).toBeDefined();
    const binary = JSON.stringify({ resourceType: "Binary", contentType: "application/fhir+json", data: base64(sent) });
    expect(parametersOf(await send("POST", "/fhir/$verify", withReceipt(binary)))[0]).toBe("verdict proven");
    const other = withReceipt(sent.replace("Brandt", "Brandl"));
    expect(parametersOf(await send("POST", "/fhir/$verify", other))[0]).toBe("verdict false");
    const xml = writeXml(treeOfText(sent));
    expect(parametersOf(await send("POST", "/fhir/$verify", xml, { ...JSON_TYPE, "Content-Type": "application/fhir+xml" }))[0]).toBe(
      "verdict incomplete",
    );
  });

  test("tells of each signature, with reasons", async () => {
    const entry = {
      resource: {
        resourceType: "Provenance",
        target: [{ reference: "Patient/none" }],
        signature: [{ type: [{ code: "1.2.840.10065.1.12.1.1" }], data: "AAAA" }],
      },
    };
    const bundle = JSON.parse(sampleDocument("urn:uuid:1")) as { entry: object[]; signature?: object };
    bundle.entry.push(entry);
    bundle.signature = { sigFormat: "image/png", data: "AAAA", who: { display: "A" } };
    const lines = parametersOf(await send("POST", "/fhir/$verify", JSON.stringify(bundle)));
    expect(lines).toContain("signatures:place Bundle.signature");
    expect(lines).toContain("signatures:place Bundle.entry[3].resource.signature[0]");
    expect(lines).toContain("signatures:reasons:content what it covers (Provenance.target) is not in this document");
    expect(lines).toContain("signatures:purpose:claimed 1.2.840.10065.1.12.1.1");
    expect(lines.filter((line) => line === "signatures:block not-checked")).toHaveLength(2);
  });

  test.each([
    ["nothing", undefined, 400],
    ["what can't be read", "{", 400],
    ["another resource", '{"resourceType":"Patient"}', 422],
    ["a parameter that it has not", withName("speed"), 422],
    ["a parameter twice", withName("document"), 422],
    [
      "a receipt that is no file",
      '{"resourceType":"Parameters","parameter":[{"name":"document","resource":{"resourceType":"Bundle"}},{"name":"receipt","valueString":"x"}]}',
      422,
    ],
    ["too much", `{"resourceType":"Bundle"}${" ".repeat(80_000)}`, 413],
  ])("%s is refused, and says why", async (_, body, status) => {
    const answer = await send("POST", "/fhir/$verify", body);
    expect([answer.status, (JSON.parse(String(answer.body)) as { resourceType: string }).resourceType]).toEqual([status, "OperationOutcome"]);
  });

  test("is called nowhere else, and changes nothing", async () => {
    const before = (await house.store.checkpoint())?.size;
    expect((await send("GET", "/fhir/$verify")).status).toBe(405);
    expect((await send("POST", "/fhir/Bundle/$verify", sent)).status).toBe(404);
    expect((await send("GET", `/fhir/Binary/${id}/$verify`)).status).toBe(404);
    expect((await house.store.checkpoint())?.size).toBe(before);
  });
});

function withName(name: string): string {
  return JSON.stringify({ resourceType: "Parameters", parameter: [{ name: "document", resource: { resourceType: "Bundle" } }, { name }] });
}

test("its OperationDefinition is served, says what is answered, and is valid", async () => {
  const { status, body } = await send("GET", "/fhir/OperationDefinition/verify");
  const definition = JSON.parse(String(body)) as { readonly system: boolean; readonly parameter: readonly Parameter[] };
  expect([status, definition.system]).toEqual([200, true]);
  expect(definition.parameter.filter(({ use }) => use === "out").map(({ name }) => name)).toEqual(["verdict", "signatures", "checks"]);
  const errors = validate(treeOfText(String(body)), [], DEFAULT_POLICY).filter(({ severity }) => severity === "error");
  expect(errors).toEqual([]);
});

test("the deposit record is served to the byte that the leaf has the digest of", async () => {
  const { status, body, headers } = await send("GET", `/documents/${id}/record`);
  const leaf = JSON.parse((JSON.parse(receipt) as { leaf: string }).leaf) as { depositDigest: string };
  expect([status, `sha256:${createHash("sha256").update(body).digest("hex")}`]).toEqual([200, leaf.depositDigest]);
  expect(headers["content-disposition"]).toBe(`attachment; filename="record-${id}.json"`);
});
