import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { randomUUID } from "node:crypto";
import express, { type Express } from "express";
import { parseReceipt } from "../../../src/core/formats/receipt.ts";
import { parseTrust } from "../../../src/core/formats/trust.ts";
import type { Served } from "../../../src/http/served.ts";
import { viewerRoutes } from "../../../src/http/pages/viewer-routes.ts";
import { documentJson } from "../../journeys/documents.ts";
import { openHouse, type House } from "../house.ts";
import { ask, serveLocally, type RawAnswer } from "../local-server.ts";
import { verifyFile } from "../../r4.ts";

const BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
/** As random as those of browsers: the parser of the runtime looks for it anywhere. */
const BOUNDARY = "----WebKitFormBoundaryq5wIyQKdqA7G2m1x";
let house: House;
let id: string;
const sent = documentJson();
const get = (path: string, headers: Record<string, string> = {}, method = "GET"): Promise<RawAnswer> =>
  ask(house.port, { method, path, headers: { Accept: BROWSER, ...headers } });

/** Submits as a browser does with our form. */
function submitForm(
  content: string | Uint8Array,
  { name = "letter.json", origin = "https://documents.example.org", field = "document", path = "/documents", profile = "" } = {},
): Promise<RawAnswer> {
  const body = Buffer.concat([
    Buffer.from(
      `--${BOUNDARY}\r\nContent-Disposition: form-data; name="${field}"; filename="${name}"\r\nContent-Type: application/octet-stream\r\n\r\n`,
    ),
    Buffer.from(content),
    Buffer.from(profile === "" ? "" : `\r\n--${BOUNDARY}\r\nContent-Disposition: form-data; name="profile"\r\n\r\n${profile}`),
    Buffer.from(`\r\n--${BOUNDARY}--\r\n`),
  ]);
  const headers = { Host: "documents.example.org", Origin: origin, "Content-Type": `multipart/form-data; boundary=${BOUNDARY}`, Accept: BROWSER };
  return ask(house.port, { method: "POST", path, body, headers });
}

/** The pages alone, without guards. */
function viewerApp(served: Served): Express {
  return express().use(viewerRoutes({ served, bodies: { maxBytes: 1000, intake: house.intake, turns: served.turns } }));
}

beforeAll(async () => {
  house = await openHouse({ maxDocumentBytes: 50_000 });
  id = (await submitForm(sent)).headers.location?.split("/").at(-1) ?? "";
});
afterAll(() => house.close());

describe("the form's other button", () => {
  const check = async (content: string, options: Parameters<typeof submitForm>[1] = {}): Promise<[number, string]> => {
    const answer = await submitForm(content, { ...options, path: "/check" });
    return [answer.status, String(answer.body).replace("<!doctype html><title>check</title>", "")];
  };

  test("tells what is to be said of a file, and stores nothing", async () => {
    const before = (await house.store.checkpoint())?.size;
    const invalid = documentJson().replace(/"timestamp": "[^"]*",/, "");
    expect(await check(documentJson())).toEqual([200, expect.stringMatching(/^letter\.json: accepted/)]);
    expect(await check(invalid)).toEqual([200, expect.stringMatching(/^letter\.json: refused .*bdl-10/)]);
    expect(await check(sent)).toEqual([200, expect.stringMatching(/repeated/)]);
    expect(await check(sent.replace(/"title": "[^"]*"/, '"title": "x"'))).toEqual([200, expect.stringMatching(/conflict/)]);
    expect(await check('{"resourceType":"Basic","code":{"text":"x"}}')).toEqual([200, expect.stringMatching(/not-a-document(?!.*document-only)/)]);
    expect(await check("{")).toEqual([200, expect.stringMatching(/unreadable json-syntax/)]);
    expect((await house.store.checkpoint())?.size).toBe(before);
  });

  test("looks at it by a profile that is named, and refuses what can be none", async () => {
    const profile = "http://hl7.org/fhir/StructureDefinition/bmi";
    expect(await check(documentJson(), { profile })).toEqual([200, expect.stringMatching(/^letter\.json: accepted .*profile-of-other-type/)]);
    expect(await check(documentJson(), { profile: "http://example.org/p" })).toEqual([200, expect.stringMatching(/^letter\.json: accepted/)]);
    for (const wrong of ["a b", `http://example.org/${"x".repeat(500)}`]) expect((await check(documentJson(), { profile: wrong }))[0]).toBe(400);
    const deposited = await submitForm(documentJson(), { profile });
    expect(deposited.status).toBe(303);
  });

  test("takes no form of another origin, none without a file, and no other method", async () => {
    expect((await check(sent, { origin: "https://elsewhere.example.org" }))[0]).toBe(403);
    expect((await check(sent, { field: "other" }))[0]).toBe(400);
    expect((await check("x".repeat(60_000)))[0]).toBe(413);
    const back = await get("/check");
    expect([back.status, back.headers.location]).toEqual([303, "/"]);
    expect((await get("/check", {}, "PUT")).headers.allow).toBe("GET, HEAD, POST");
  });
});

describe("the submission form", () => {
  test("leads to the document: 303", async () => {
    const answer = await submitForm(documentJson());
    expect([answer.status, /^\/documents\/[0-9a-f-]{36}$/.test(answer.headers.location ?? "")]).toEqual([303, true]);
    expect((await get(answer.headers.location ?? "")).status).toBe(200);
  });

  test("keeps the bytes of the file exactly, and takes XML by its content", async () => {
    expect(String((await get(`/fhir/Binary/${id}`)).body)).toBe(sent);
    const xml = String((await get(`/fhir/Bundle/${id}`, { Accept: "application/fhir+xml" })).body);
    const answer = await submitForm(xml, { name: "letter.txt" });
    // Our seal is in it now, which the first had not; it is the same document all the same.
    expect([answer.status, answer.headers.location]).toEqual([303, `/documents/${id}`]);
  });

  test("tells why a document was refused, as a page with the status", async () => {
    const invalid = await submitForm(documentJson().replace(/"timestamp": "[^"]*",/, ""));
    expect([invalid.status, invalid.headers["content-type"], String(invalid.body).includes("bdl-10")]).toEqual([
      422,
      "text/html; charset=utf-8",
      true,
    ]);
    expect((await submitForm("{")).status).toBe(400);
    expect((await submitForm(sent.replace("recovering", "worse"))).status).toBe(409);
  });

  test.each([
    ["without a file", () => submitForm(""), 400],
    ["with another field", () => submitForm(sent, { field: "file" }), 400],
    ["over the limit", () => submitForm(Buffer.alloc(50_001, 0x20)), 413],
    ["far over the limit", () => submitForm(Buffer.alloc(500_001, 0x20)), 413],
    ["from another origin", () => submitForm(sent, { origin: "https://evil.example" }), 403],
  ])("%s is refused", async (_how, submit, status) => expect((await submit()).status).toBe(status));

  test("that is no multipart form is refused", async () => {
    const headers = { Host: "localhost", Origin: `http://localhost`, "Content-Type": "application/x-www-form-urlencoded" };
    expect((await ask(house.port, { method: "POST", path: "/documents", body: "document=1", headers })).status).toBe(415);
    const broken = { ...headers, "Content-Type": "multipart/form-data; boundary=x" };
    expect((await ask(house.port, { method: "POST", path: "/documents", body: "--y", headers: broken })).status).toBe(400);
  });
});

describe("pages", () => {
  test("have a policy without script, and nobody keeps them", async () => {
    for (const path of ["/", `/documents/${id}`, `/documents/${id}/verify`]) {
      const answer = await get(path);
      expect([path, answer.status, answer.headers["content-type"]]).toEqual([path, 200, "text/html; charset=utf-8"]);
      const policy = String(answer.headers["content-security-policy"]);
      expect(policy).toContain("default-src 'none'");
      expect(policy).not.toMatch(/script-src|unsafe-eval|[^-]style-src [^;]*unsafe-inline/);
      expect([answer.headers["cache-control"], answer.headers.etag]).toEqual(["no-store", undefined]);
      expect(answer.headers["x-content-type-options"]).toBe("nosniff");
      const head = await get(path, {}, "HEAD");
      expect([head.status, head.headers["content-type"], head.body.length]).toEqual([200, "text/html; charset=utf-8", 0]);
    }
  });

  test("the start page lists documents and finds them by name and identifier", async () => {
    const link = `<a href="/documents/${id}">`;
    expect(String((await get("/")).body)).toContain(link);
    for (const words of ["Brandt", "bran", "ADA brandt", "J-4711", "j4711"])
      expect(String((await get(`/?q=${encodeURIComponent(words)}`)).body)).toContain(link);
    for (const words of ["Nobody", "Brandt Nobody", "%"])
      expect(String((await get(`/?q=${encodeURIComponent(words)}`)).body)).not.toContain("<a href");
    expect(String((await get(`/?before=${id}`)).body)).not.toContain(link);
  });

  test("speak the language that the browser likes best", async () => {
    expect(String((await get(`/documents/${id}`, { "Accept-Language": "de-CH, en;q=0.5" })).body)).toContain("screen de-CH");
    expect(String((await get(`/documents/${id}`, { "Accept-Language": "*;q=0.1, fr;q=0.4, %%" })).body)).toContain("screen fr");
    expect(String((await get(`/documents/${id}`)).body)).toContain("screen en");
  });

  test("a PDF is kept by nobody either", async () => {
    const pdf = await get(`/documents/${id}.pdf`);
    expect([pdf.status, pdf.headers["content-type"], String(pdf.body).startsWith("%PDF")]).toEqual([200, "application/pdf", true]);
    expect([pdf.headers["cache-control"], pdf.headers.etag]).toEqual(["no-store", undefined]);
    expect((await get(`/documents/${id}/receipt`)).headers["cache-control"]).toBe("no-store");
  });

  test.each([
    ["/nothing", 404],
    [`/documents/${randomUUID()}`, 404],
    [`/documents/${randomUUID()}.pdf`, 404],
    [`/documents/${randomUUID()}/verify`, 404],
    [`/documents/${randomUUID()}/receipt`, 404],
    ["/assets/none.css", 404],
    ["/documents/%E0%A4%A", 400],
  ])("%s is an error page with status %d, or an OperationOutcome for programs", async (path, status) => {
    const page = await get(path);
    expect([page.status, page.headers["content-type"], String(page.body)]).toEqual([
      status,
      "text/html; charset=utf-8",
      expect.stringContaining(`error ${status}`),
    ]);
    const outcome = await get(path, { Accept: "application/fhir+json" });
    expect([outcome.status, (JSON.parse(String(outcome.body)) as { resourceType: string }).resourceType]).toEqual([status, "OperationOutcome"]);
  });

  test("nothing is changed by other methods", async () => {
    for (const method of ["PUT", "DELETE", "PATCH"]) expect((await get(`/documents/${id}`, {}, method)).status).toBe(405);
    expect((await get("/documents")).headers.location).toBe("/");
  });

  test("assets are kept for ever", async () => {
    const answer = await get("/assets/0f.css");
    expect([answer.status, answer.headers["content-type"], answer.headers["cache-control"]]).toEqual([
      200,
      "text/css; charset=utf-8",
      "public, max-age=31536000, immutable",
    ]);
  });

  test("fonts are read when they are asked for, and may be fetched by pages of ours alone", async () => {
    const path = "/assets/fonts/1.0.0/a.woff2";
    const fonts = new Map([[path, { body: () => Promise.resolve(Uint8Array.of(0x77, 0x4f, 0x46, 0x32)), contentType: "font/woff2" }]]);
    const served = await serveLocally(viewerApp({ ...house.served, pages: { ...house.served.pages, assets: fonts } }));
    const answer = await ask(served.port, { method: "GET", path, headers: {} });
    await served.close();
    expect([answer.status, answer.headers["content-type"], answer.headers["cache-control"], String(answer.body)]).toEqual([
      200,
      "font/woff2",
      "public, max-age=31536000, immutable",
      "wOF2",
    ]);
    expect((await get("/")).headers["content-security-policy"]).toContain("font-src 'self'");
  });
});

describe("proof", () => {
  test("receipt and trust file verify the submitted bytes and what is served, offline", async () => {
    const receipt = (await get(`/documents/${id}/receipt`)).body;
    const trust = (await get("/trust.json")).body;
    expect(parseReceipt(String(receipt)).index).toBe(0);
    expect(parseTrust(String(trust)).seals).toHaveLength(1);
    const forms = [
      Buffer.from(sent),
      (await get(`/fhir/Bundle/${id}?_format=json`)).body,
      (await get(`/fhir/Bundle/${id}?_format=xml&_pretty=true`)).body,
    ];
    for (const bytes of forms)
      expect((await verifyFile({ bytes, receipt, trust })).checks.filter((check) => check.result === "fail" || check.result === "not-made")).toEqual(
        [],
      );
  });

  test("the verification page says the same, and in JSON for programs", async () => {
    const report = JSON.parse(String((await get(`/documents/${id}/verify`, { Accept: "application/json" })).body)) as {
      isVerified: boolean;
      checks: { result: string }[];
    };
    expect(report.isVerified).toBe(true);
    expect(report.checks.length).toBeGreaterThan(3);
  });

  test("the log can be read as tiles", async () => {
    const checkpoint = String((await get("/log/checkpoint")).body);
    const size = Number(checkpoint.split("\n")[1]);
    expect(size).toBeGreaterThanOrEqual(2);
    expect((await get(`/log/tile/0/000.p/${size}`)).body).toHaveLength(32 * size);
    const entries = (await get(`/log/tile/entries/000.p/${size}`)).body;
    expect(entries.readUInt16BE(0)).toBeGreaterThan(100);
    for (const path of ["0/000", `0/000.p/${size + 1}`, "0/001.p/1", "1/000.p/1", "9/000", "0/0", "0/x000/000.p/1", "entries/000"])
      expect([path, (await get(`/log/tile/${path}`)).status]).toEqual([path, 404]);
  });
});
