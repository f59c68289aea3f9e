import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { randomUUID } from "node:crypto";
import { documentJson } from "../../journeys/documents.ts";
import { openHouse, type House } from "../house.ts";
import { ask, type RawAnswer } from "../local-server.ts";
import { resourceTypes } from "../../r4.ts";

const JSON_TYPE = { "Content-Type": "application/fhir+json", Accept: "application/fhir+json" };
const PATIENT =
  '{"resourceType":"Patient","active":true,"text":{"status":"generated","div":"<div xmlns=\\"http://www.w3.org/1999/xhtml\\">Ada</div>"}}';
const sent = documentJson();
let house: House;
let id: string;

const send = (method: string, path: string, body?: string, headers: Record<string, string> = JSON_TYPE): Promise<RawAnswer> =>
  ask(house.port, { method, path: `/fhir${path}`, headers, ...(body !== undefined && { body }) });
const post = (path: string, body?: string, headers?: Record<string, string>): Promise<RawAnswer> => send("POST", path, body, headers);
const leaves = async (): Promise<number> => (await house.store.checkpoint())?.size ?? 0;

interface Told {
  readonly status: number;
  /** `severity code rule expression line` of each issue. */
  readonly issues: readonly string[];
  readonly text: string;
}

async function told(answering: Promise<RawAnswer>): Promise<Told> {
  const answer = await answering;
  const outcome = JSON.parse(String(answer.body)) as Outcome;
  expect(outcome.resourceType).toBe("OperationOutcome");
  return {
    status: answer.status,
    issues: outcome.issue.map((issue) => {
      const value = (end: string): string | number => {
        const found = issue.extension.find((extension) => extension.url.endsWith(end));
        return found?.valueString ?? found?.valueInteger ?? "-";
      };
      return `${issue.severity} ${issue.code} ${value("message-id")} ${issue.expression?.[0] ?? "-"} ${value("issue-line")}`;
    }),
    text: outcome.issue.map((issue) => issue.details.text).join("\n"),
  };
}

interface Outcome {
  readonly resourceType: string;
  readonly issue: readonly {
    readonly severity: string;
    readonly code: string;
    readonly details: { readonly text: string };
    readonly expression?: readonly string[];
    readonly extension: readonly { readonly url: string; readonly valueString?: string; readonly valueInteger?: number }[];
  }[];
}

beforeAll(async () => {
  house = await openHouse({ maxDocumentBytes: 50_000 });
  id = (await post("/Bundle", sent)).headers.location?.split("/").at(-3) ?? "";
});
afterAll(() => house.close());

describe("any resource, at any address", () => {
  test("valid or not is 200, with the place of each issue", async () => {
    expect(await told(post("/Patient/$validate", PATIENT))).toMatchObject({ status: 200, issues: [expect.not.stringContaining("error")] });
    const wrong = await told(post("/$validate", '{\n "resourceType": "Patient",\n "birthDate": "2026-02-30"\n}'));
    expect(wrong.status).toBe(200);
    expect(wrong.issues).toContain("error invalid format-date Patient.birthDate 3");
  });

  test("XML in, XML out", async () => {
    const body = '<Patient xmlns="http://hl7.org/fhir"><gender value="no such"/><birthDate value="14.3.1961"/></Patient>';
    const answer = await post("/Patient/$validate", body, { "Content-Type": "application/fhir+xml", Accept: "application/fhir+xml" });
    expect([answer.status, answer.headers["content-type"]]).toEqual([200, "application/fhir+xml; charset=utf-8"]);
    expect(String(answer.body)).toMatch(/<OperationOutcome .*Patient\.birthDate/s);
  });

  test("what can't be read is 400, an OperationOutcome too; what was read over is 200", async () => {
    expect(await told(post("/Patient/$validate", '{"resourceType": "Patient", "name": [}'))).toMatchObject({
      status: 400,
      issues: ["fatal structure json-syntax Patient.name[0] 1"],
    });
    expect((await told(post("/$validate", "{} trailing"))).status).toBe(400);
    expect((await told(post("/Patient/$validate", PATIENT.replace("true,", "true,,")))).status).toBe(400);
    const readOver = await told(post("/Patient/$validate", PATIENT.replace(/\}$/, ",}")));
    expect([readOver.status, readOver.issues[0]]).toEqual([200, "error structure json-syntax Patient 1"]);
  });

  test("the address's type must be the resource's, and one of R4's", async () => {
    expect((await told(post("/Observation/$validate", PATIENT))).issues[0]).toBe("error invalid operation-type - 1");
    expect((await post("/Medicine/$validate", PATIENT)).status).toBe(404);
    expect((await post("/DomainResource/$validate", PATIENT)).status).toBe(404);
  });

  test("nothing to validate, another media type and too large a body are refused", async () => {
    expect((await told(post("/Patient/$validate"))).text).toMatch(/nothing to validate/);
    expect((await post("/Patient/$validate", '{"resourceType":"Parameters"}')).status).toBe(400);
    expect((await post("/Patient/$validate", PATIENT, { "Content-Type": "text/plain" })).status).toBe(415);
    expect((await post("/Patient/$validate", PATIENT.padEnd(50_001))).status).toBe(413);
    expect((await post("/Patient/$validate?format=xml", PATIENT, { ...JSON_TYPE, Prefer: "handling=strict" })).status).toBe(400);
  });

  test("another method is 405 and says which is right", async () => {
    for (const path of ["/$validate", "/Bundle/$validate"]) {
      const answer = await send("GET", path);
      expect([answer.status, answer.headers.allow]).toEqual([405, "POST"]);
    }
    expect((await send("DELETE", `/Bundle/${id}/$validate`)).headers.allow).toBe("GET, HEAD, POST");
  });
});

describe("Parameters", () => {
  const call = (resource: string, ...more: object[]): string =>
    `{"resourceType":"Parameters","parameter":[${[...more.map((parameter) => JSON.stringify(parameter)), `{"name":"resource","resource":${resource}}`].join(",")}]}`;

  test("carry the resource, whose expressions begin with itself", async () => {
    const found = await told(post("/Patient/$validate", call('{"resourceType":"Patient","gender":"female","birthDate":"x","gender":"male"}')));
    expect(found.issues).toContain("error invalid format-date Patient.birthDate 1");
    expect(found.issues).toContain("error structure json-duplicate-name Patient 1");
    const xml = `<Parameters xmlns="http://hl7.org/fhir"><parameter><name value="resource"/><resource><Patient><birthDate value="x"/></Patient></resource></parameter></Parameters>`;
    expect((await told(post("/Patient/$validate", xml, { ...JSON_TYPE, "Content-Type": "application/fhir+xml" }))).issues).toContain(
      "error invalid format-date Patient.birthDate 1",
    );
  });

  test("at their own address they are the resource, unless they carry one", async () => {
    const own = await told(post("/Parameters/$validate", '{"resourceType":"Parameters","parameter":[{"name":"a","valueDate":"x"}]}'));
    expect(own.issues).toContain("error invalid format-date Parameters.parameter[0].value 1");
    const carried = await told(post("/Parameters/$validate", call('{"resourceType":"Parameters","parameter":[{"name":"a","valueDate":"x"}]}')));
    expect(carried.issues).toContain("error invalid format-date Parameters.parameter[0].value 1");
  });

  test("of another name are told of; an unknown mode is an error", async () => {
    const found = await told(post("/Patient/$validate", call(PATIENT, { name: "speed", valueCode: "fast" }, { name: "mode", valueCode: "upsert" })));
    expect(found.issues.slice(0, 2)).toEqual([
      "warning not-supported operation-parameter Parameters.parameter[0] 1",
      "error code-invalid operation-mode - -",
    ]);
  });

  test("a profile that is not held is an error, as R4 asks; R4's own is held", async () => {
    const profile = "http://example.org/StructureDefinition/ours";
    for (const answering of [
      post("/Patient/$validate", call(PATIENT, { name: "profile", valueUri: profile })),
      post(`/Patient/$validate?profile=${encodeURIComponent(profile)}&mode=profile`, PATIENT),
    ])
      expect((await told(answering)).issues.at(-1)).toBe("error not-supported operation-profile - -");
    const core = "http://hl7.org/fhir/StructureDefinition";
    const errorsFor = async (type: string): Promise<number> =>
      (await told(post("/Patient/$validate", call(PATIENT, { name: "profile", valueCanonical: `${core}/${type}` })))).issues.filter((issue) =>
        issue.startsWith("error"),
      ).length;
    expect([await errorsFor("Patient"), await errorsFor("Observation")]).toEqual([0, 1]);
    expect((await told(post("/Patient/$validate?mode=profile", PATIENT))).issues.at(-1)).toBe("error required operation-profile - -");
  });

  test("R4's vital signs are held; what is told already is not told twice", async () => {
    const errors = async (resource: string, profile: string): Promise<string[]> => {
      const address = `/Observation/$validate?profile=${encodeURIComponent(`http://hl7.org/fhir/StructureDefinition/${profile}`)}`;
      return (await told(post(address, resource))).issues.filter((issue) => issue.startsWith("error")).map((issue) => issue.split(" ")[2] ?? "");
    };
    const bare = '{"resourceType":"Observation","status":"final","code":{"text":"Weight"}}';
    expect(await errors(bare, "bodyweight|4.0.1")).toEqual(expect.arrayContaining(["vital-sign-code", "vital-sign-category", "vital-sign-missing"]));
    const coded = bare.replace('"text"', '"coding":[{"system":"http://loinc.org","code":"29463-7"}],"text"');
    expect(await errors(coded, "bodyweight")).toEqual(await errors(coded, "Observation"));
    expect(await errors(PATIENT, "bmi")).toContain("profile-of-other-type");
  });
});

describe("as a document", () => {
  const verdict = async (path: string, body: string): Promise<string> => {
    const found = await told(post(path, body));
    return `${found.issues.at(-1)?.split(" ", 3).join(" ") ?? ""}: ${found.text.split("\n").at(-1) ?? ""}`;
  };

  test("a Bundle learns whether it would be accepted, and nothing is stored", async () => {
    const before = await leaves();
    expect(await verdict("/Bundle/$validate", documentJson())).toMatch(/^information informational deposit-verdict: .*would be accepted/);
    expect(await verdict("/Bundle/$validate?mode=create", documentJson())).toMatch(/^information .* would be accepted/);
    expect(await verdict("/Bundle/$validate", documentJson().replace(/"timestamp": "[^"]*",/, ""))).toMatch(/refused: 1 error must be mended/);
    expect(await verdict("/Bundle/$validate", sent)).toContain(`deposited before, as ${id}`);
    expect(await leaves()).toBe(before);
  });

  test("other content under a known identifier: a note, and an error where a create was asked for", async () => {
    const other = sent.replace(/"title": "[^"]*"/, '"title": "Another title"');
    expect(await verdict("/Bundle/$validate", other)).toMatch(
      /^information informational deposit-verdict: As a document it would be refused: Bundle.identifier/,
    );
    expect(await verdict("/Bundle/$validate?mode=create", other)).toMatch(/^error conflict deposit-verdict/);
  });

  test("a Bundle of another type is valid, but would not be accepted; in mode create that is an error", async () => {
    const collection = '{"resourceType":"Bundle","type":"collection"}';
    const errors = async (path: string): Promise<string[]> =>
      (await told(post(path, collection))).issues.filter((issue) => issue.startsWith("error"));
    expect(await errors("/Bundle/$validate")).toEqual([]);
    expect(await verdict("/Bundle/$validate", collection)).toContain("refused: Only Bundles of type document");
    expect(await errors("/Bundle/$validate?mode=create")).toEqual(["error not-supported document-only Bundle.type 1"]);
    expect((await told(post("/Patient/$validate?mode=create", PATIENT))).issues).toContain("error not-supported document-only Patient 1");
  });
});

describe("what is stored", () => {
  test("is validated where it stands, by GET and by POST without a body", async () => {
    for (const answering of [send("GET", `/Bundle/${id}/$validate`), post(`/Bundle/${id}/$validate`), send("GET", `/Binary/${id}/$validate`)]) {
      const found = await told(answering);
      expect([found.status, found.issues.filter((issue) => issue.startsWith("error"))]).toEqual([200, []]);
    }
    expect((await send("GET", `/Bundle/${randomUUID()}/$validate`)).status).toBe(404);
    expect((await send("GET", `/Patient/${id}/$validate`)).status).toBe(404);
  });

  test("is never changed and never deleted", async () => {
    expect((await told(post(`/Bundle/${id}/$validate?mode=update`, sent))).issues.at(-1)).toBe("error business-rule never-changed - -");
    expect((await told(send("GET", `/Bundle/${id}/$validate?mode=delete`))).issues).toEqual(["error business-rule never-deleted - -"]);
    expect((await send("GET", `/Bundle/${randomUUID()}/$validate?mode=delete`)).status).toBe(404);
    expect((await send("GET", `/Bundle/${id}`)).status).toBe(200);
  });
});

test("the CapabilityStatement is valid, and names the operation for the system and for every type on which it is routed", async () => {
  const statement = JSON.parse(String((await send("GET", "/metadata")).body)) as { readonly rest: readonly [Rest] };
  const [rest] = statement.rest;
  const definition = "http://hl7.org/fhir/OperationDefinition/Resource-validate";
  const names = ["validate", "process-message", "import", "export", "versions", "verify", "graphql"];
  expect(rest.operation).toMatchObject(names.map((name) => (name === "validate" ? { name, definition } : { name })));
  expect(rest.resource.map(({ type }) => type)).toEqual(resourceTypes());
  expect(rest.resource.every(({ operation }) => operation[0]?.definition === definition)).toBe(true);
  // It is larger than what this house takes.
  const other = await openHouse();
  const answer = await ask(other.port, {
    method: "POST",
    path: "/fhir/CapabilityStatement/$validate",
    headers: { "Content-Type": "application/fhir+json" },
    body: JSON.stringify(statement),
  });
  await other.close();
  expect(String(answer.body)).not.toContain('"severity":"error"');
  expect(answer.status).toBe(200);
});

test("an operation is at no other place than those that are named", async () => {
  for (const path of ["/Nothing/$validate", "/Resource/$validate", `/Patient/${id}/$validate`, "/$validate/Patient"])
    expect([path, (await send("GET", path)).status]).toEqual([path, 404]);
  for (const path of ["/$validate", "/Patient/$validate"]) {
    const answer = await send("GET", path);
    expect([path, answer.status, answer.headers.allow]).toEqual([path, 405, "POST"]);
  }
});

interface Rest {
  readonly operation: readonly object[];
  readonly resource: readonly { readonly type: string; readonly operation: readonly { readonly definition: string }[] }[];
}
