import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { basePathOf, below } from "../../src/http/addresses.ts";
import { documentJson } from "../journeys/documents.ts";
import { openHouse, type House } from "./house.ts";
import { ask, type RawAnswer } from "./local-server.ts";

describe("a service below a path", () => {
  let house: House;
  let location: string;
  const get = (path: string, headers: Record<string, string> = {}): Promise<RawAnswer> => ask(house.port, { path, headers });
  beforeAll(async () => {
    house = await openHouse({ baseUrl: "https://example.org/care/documents" });
    const headers = { "Content-Type": "application/fhir+json", Host: "example.org" };
    location = String(
      (await ask(house.port, { method: "POST", path: "/care/documents/fhir/Bundle", body: documentJson(), headers })).headers.location,
    );
  });
  afterAll(() => house.close());

  test("answers whether or not the proxy takes the path off, and gives addresses with it", async () => {
    expect(location).toMatch(/^https:\/\/example\.org\/care\/documents\/fhir\/Bundle\/[0-9a-f-]{36}\/_history\/1$/);
    const { pathname } = new URL(location);
    for (const path of [pathname, pathname.replace("/care/documents", "")])
      expect([path, (await get(path, { Host: "example.org" })).status]).toEqual([path, 200]);
    const start = await get("/care/documents?q=Brandt", { Host: "example.org", Accept: "text/html" });
    expect(String(start.body)).toContain('<a href="/care/documents/documents/');
    expect((await get("/care/documents/check", { Accept: "text/html" })).headers.location).toBe("/care/documents/");
    expect((await get("/care/documentsx/fhir/metadata")).status).toBe(404);
  });

  test("takes its own form", async () => {
    const headers = { Host: "example.org", Origin: "https://example.org", "Content-Type": "multipart/form-data; boundary=xyzzyxyzzy" };
    const body = `--xyzzyxyzzy\r\nContent-Disposition: form-data; name="document"\r\n\r\n${documentJson()}\r\n--xyzzyxyzzy--\r\n`;
    const answer = await ask(house.port, { method: "POST", path: "/care/documents/documents", body, headers });
    expect([answer.status, answer.headers.location]).toEqual([303, expect.stringMatching(/^\/care\/documents\/documents\/[0-9a-f-]{36}$/)]);
  });
});

test("links of ours are put below the path; words, other links and what only looks like a link are not touched", () => {
  const page =
    '<link rel="stylesheet" href="/assets/a.css" /><form action="/documents"><button formaction="/check">x</button></form><a class="b" href="/"><script src="/assets/a.js" defer>';
  expect(below("/p", page)).toBe(
    '<link rel="stylesheet" href="/p/assets/a.css" /><form action="/p/documents"><button formaction="/p/check">x</button></form><a class="b" href="/p/"><script src="/p/assets/a.js" defer>',
  );
  const attested =
    '<p>he wrote href=&quot;/x&quot; and href="/x" &lt;a href="/x"&gt;</p><a href="#s-1">1</a><a href="https://x.org/">x</a><a href="//x.org/">y</a>';
  expect(below("/p", attested)).toBe(attested);
  expect(below("", page)).toBe(page);
  expect([basePathOf("https://x.org"), basePathOf("https://x.org/a/b")]).toEqual(["", "/a/b"]);
});

describe("FHIR addresses with a slash at their end", () => {
  let house: House;
  beforeAll(async () => {
    house = await openHouse();
  });
  afterAll(() => house.close());

  test.each([
    ["GET", "/fhir/metadata/", 200],
    ["GET", "/fhir/metadata/?_format=xml", 200],
    ["POST", "/fhir/Bundle/", 201],
    ["POST", "/fhir/Bundle/$validate/", 200],
    ["GET", "/fhir/Bundle/", 200],
    ["GET", "/fhir/", 200],
    ["GET", "/fhir/Bundle//", 404],
    ["GET", "/trust.json/", 404],
  ])("%s %s is %d", async (method, path, status) => {
    const sent = method === "POST" ? { body: documentJson(), headers: { "Content-Type": "application/fhir+json" } } : {};
    expect((await ask(house.port, { method, path, ...sent })).status).toBe(status);
  });
});
