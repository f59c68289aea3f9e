import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import type { Router } from "express";
import type { OAuth2Server } from "oauth2-mock-server";
import { isPublicAddress, PUBLIC_ADDRESSES } from "../../../src/http/bounds/public-access.ts";
import type { SignedIn } from "../../../src/security/sessions/sessions.ts";
import { documentJson } from "../../journeys/documents.ts";
import { openHouse, type House } from "../house.ts";
import { ask, type RawAnswer } from "../local-server.ts";
import { BASE_URL, believing, startIssuer, tokenOf, type Believing } from "./issuer.ts";

let issuer: OAuth2Server;
let door: Believing;
let house: House;
let token: string;
let id: string;
const anna: SignedIn = {
  caller: { kind: "person", issuer: "https://login.example.org", subject: "anna", name: "Anna", roles: [], organisations: [], clearance: [] },
  ...{ purpose: undefined, sid: undefined, idToken: "" },
};
const send = (method: string, path: string, headers: Record<string, string> = {}, body?: string): Promise<RawAnswer> =>
  ask(house.port, { method, path, headers, ...(body !== undefined && { body }) });
const get = (path: string, headers: Record<string, string> = {}): Promise<RawAnswer> => send("GET", path, headers);
beforeAll(async () => {
  issuer = await startIssuer();
  door = believing([issuer], { corsOrigins: ["https://app.example.org"] });
  house = await openHouse({ door: door.door, baseUrl: BASE_URL });
  token = await tokenOf(issuer);
  const headers = { "Content-Type": "application/fhir+json", Authorization: `Bearer ${token}` };
  const answer = await send("POST", "/fhir/Bundle", headers, documentJson());
  id = /Bundle\/([^/]+)/.exec(String(answer.headers.location))?.[1] ?? "";
});
afterAll(async () => {
  await house.close();
  await issuer.stop();
});

/** The patterns of all routes, as Express keeps them. */
function routesOf(router: Router): string[] {
  return router.stack.flatMap(({ route, handle }) => {
    if (route) return [(route as unknown as { path: string | string[] }).path].flat();
    return "stack" in handle ? routesOf(handle as unknown as Router) : [];
  });
}

/** An address that a pattern matches. */
const sampleOf = (route: string): string =>
  route
    .replaceAll(/\{[^}]*\}/g, "")
    .replaceAll(/\*\w+/g, "x/y")
    .replaceAll(/:\w+/g, "7");

describe("every route is either in the table, or takes proof", () => {
  test("there are routes of every kind, and each line of the table that is not a wildcard is one", () => {
    const routes = new Set(routesOf(house.app.router));
    expect(routes.size).toBeGreaterThan(30);
    for (const needed of ["/", "/healthz", "/fhir/metadata", "/documents/:id", "/log/tile/*place"]) expect([...routes]).toContain(needed);
    const isWild = (route: string): boolean => /[*:]/.test(route);
    expect(PUBLIC_ADDRESSES.filter(({ route }) => !isWild(route) && !routes.has(route) && !DOOR.test(route))).toEqual([]);
  });

  test("strangers are answered 401 by all that is not in it, in every method", async () => {
    const guarded = routesOf(house.app.router).filter((route) => !isPublicAddress(sampleOf(route)));
    expect(guarded.length).toBeGreaterThan(20);
    for (const route of [...new Set(guarded)])
      for (const method of ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"]) {
        const { status, headers } = await send(method, sampleOf(route), { "Content-Type": "application/fhir+json", Origin: BASE_URL });
        expect([method, route, status, headers["www-authenticate"], headers["cache-control"]]).toEqual([method, route, 401, "Bearer", "no-store"]);
      }
  });

  test("and by addresses at which there is nothing, however they are written", async () => {
    const paths = [
      "/nothing",
      "/fhir",
      "/fhir/",
      "/fhir/Bundle",
      "/healthz/",
      "/healthz/x",
      "/HEALTHZ",
      "/fhir/metadata/x",
      "//healthz",
      "/./trust.json/../documents",
    ];
    const encoded = [
      "/%68ealthz",
      "/fhir/%6detadata",
      "/trust.json%2f..%2fdocuments",
      "/trust.json;x",
      "/assets",
      "/assets/a/b",
      "/fhir/.well-known",
    ];
    for (const path of [...paths, ...encoded]) expect([path, (await get(path)).status]).toEqual([path, 401]);
  });

  test("also by what is no address, and it is our own answer", async () => {
    for (const path of ["//", "////", "//?access_token=x", "http://[", "*"])
      for (const Accept of ["text/html", "application/json"]) {
        const answer = await get(path, { Accept });
        expect([path, [303, 400, 401, 404].includes(answer.status), /at .*\.ts:\d|node_modules/.test(answer.body.toString())]).toEqual([
          path,
          true,
          false,
        ]);
      }
    const open = await openHouse();
    const answer = await ask(open.port, { path: "//", headers: { Accept: "application/json" } });
    expect([answer.status, (JSON.parse(answer.body.toString()) as { resourceType: string }).resourceType]).toEqual([404, "OperationOutcome"]);
    await open.close();
  });

  test("what is in it is answered", async () => {
    for (const path of ["/healthz", "/readyz", "/fhir/metadata", "/trust.json", "/log/checkpoint", "/log/tile/0/000.p/1", "/assets/0f.css"])
      expect([path, (await get(path)).status]).toEqual([path, 200]);
  });
});

const DOOR = /^\/(?:sign-in|sign-out|signed-out)/;

describe("apps find the way in", () => {
  test("from any origin, as JSON whatever they ask for, by what the issuer says of itself", async () => {
    const answer = await get("/fhir/.well-known/smart-configuration", { Accept: "application/fhir+xml", Origin: "https://anywhere.example" });
    expect([answer.status, answer.headers["content-type"], answer.headers["access-control-allow-origin"]]).toEqual([200, "application/json", "*"]);
    const url = String(issuer.issuer.url);
    expect(JSON.parse(answer.body.toString())).toMatchObject({
      token_endpoint: `${url}/token`,
      authorization_endpoint: `${url}/authorize`,
      capabilities: expect.arrayContaining(["launch-standalone"]),
    });
  });

  test("and the statement says that there is one, and what a scope opens", async () => {
    const { rest } = JSON.parse((await get("/fhir/metadata")).body.toString()) as { rest: { security: Record<string, unknown> }[] };
    expect(rest[0]?.security).toMatchObject({
      cors: true,
      service: [{ coding: [{ code: "SMART-on-FHIR" }] }],
      extension: [
        {
          url: "http://fhir-registry.smarthealthit.org/StructureDefinition/oauth-uris",
          extension: expect.arrayContaining([
            { url: "authorize", valueUri: `${String(issuer.issuer.url)}/authorize` },
            { url: "token", valueUri: `${String(issuer.issuer.url)}/token` },
          ]),
        },
      ],
      description: expect.stringContaining("scope upon Bundle"),
    });
  });

  test("but none where anybody may come", async () => {
    const open = await openHouse();
    expect((await ask(open.port, { path: "/fhir/.well-known/smart-configuration" })).status).toBe(404);
    await open.close();
  });
});

describe("who proves who it is comes in", () => {
  test("and what he gets is kept nowhere, though routes say otherwise", async () => {
    const headers = { Authorization: `Bearer ${token}` };
    for (const path of [`/fhir/Bundle/${id}`, `/fhir/Binary/${id}`, `/documents/${id}`, "/", "/fhir/Observation"]) {
      const answer = await get(path, headers);
      expect([path, answer.status, answer.headers["cache-control"]]).toEqual([path, 200, "no-store"]);
    }
    const tag = String((await get(`/fhir/Bundle/${id}`, headers)).headers.etag);
    const unchanged = await get(`/fhir/Bundle/${id}`, { ...headers, "If-None-Match": tag });
    expect([unchanged.status, unchanged.headers["cache-control"]]).toEqual([304, "no-store"]);
    expect((await get(`/fhir/Bundle/${id}`, { "If-None-Match": tag })).status).toBe(401);
  });

  test("a session reads, and changes something from our own pages alone", async () => {
    const Cookie = `a=b; __Host-chartulary=${await door.sessions.begin(anna)}`;
    expect((await get(`/documents/${id}`, { Cookie })).status).toBe(200);
    const json = { Cookie, "Content-Type": "application/fhir+json" };
    const post = async (headers: Record<string, string>): Promise<number> =>
      (await send("POST", "/fhir/$validate", { ...json, ...headers }, documentJson())).status;
    expect([await post({}), await post({ "Sec-Fetch-Site": "cross-site" }), await post({ Origin: "null" })]).toEqual([401, 401, 403]);
    expect([
      await post({ Origin: "https://evil.example" }),
      await post({ Origin: "https://app.example.org" }),
      await post({ Origin: BASE_URL }),
    ]).toEqual([403, 401, 200]);
    expect(door.refused.at(-1)).toMatchObject({ reason: "origin", method: "POST", path: "/fhir/$validate" });
  });

  test("a session of another name, or twice, is none", async () => {
    const secret = await door.sessions.begin(anna);
    for (const Cookie of [
      `chartulary=${secret}`,
      `__Host-chartulary=${secret}; __Host-chartulary=${secret}`,
      `__Host-chartulary="${secret}"`,
      `__host-chartulary=${secret}`,
    ])
      expect((await get(`/documents/${id}`, { Cookie })).status).toBe(401);
  });
});

describe("a browser is led to where people sign in", () => {
  test.each([
    ["/", {}, "/sign-in?to=%2F"],
    ["/?q=Brandt&page=2", { "Sec-Fetch-Mode": "navigate" }, "/sign-in?to=%2F%3Fq%3DBrandt%26page%3D2"],
    ["/documents/7", {}, "/sign-in?to=%2Fdocuments%2F7"],
    ["//evil.example/x", {}, "/sign-in?to=%2F%2Fevil.example%2Fx"],
  ])("%s", async (path, headers, location) => {
    const answer = await get(path, { Accept: "text/html,application/xhtml+xml,*/*;q=0.8", ...headers });
    expect([answer.status, answer.headers.location, answer.headers["cache-control"]]).toEqual([303, location, "no-store"]);
  });

  test("but no program, script or form", async () => {
    const html = { Accept: "text/html" };
    expect((await get("/", { Accept: "*/*" })).status).toBe(401);
    expect((await get("/", { ...html, "Sec-Fetch-Mode": "cors" })).status).toBe(401);
    expect((await send("POST", "/documents", { ...html, Origin: BASE_URL })).status).toBe(401);
    expect((await get("/", { ...html, Authorization: "Bearer x" })).status).toBe(401);
  });
});

describe("an app of another origin", () => {
  const app = { Origin: "https://app.example.org" };

  test("that is listed may call the FHIR interface with its token", async () => {
    const preflight = await send("OPTIONS", "/fhir/Bundle", {
      ...app,
      "Access-Control-Request-Method": "POST",
      "Access-Control-Request-Headers": "authorization",
    });
    expect([preflight.status, preflight.headers["access-control-allow-origin"]]).toEqual([204, "https://app.example.org"]);
    expect(preflight.headers["access-control-allow-headers"]).toContain("Authorization");
    const read = await get(`/fhir/Bundle/${id}`, { ...app, Authorization: `Bearer ${token}` });
    expect([read.status, read.headers["access-control-allow-origin"], String(read.headers.vary)]).toEqual([
      200,
      "https://app.example.org",
      expect.stringContaining("Origin"),
    ]);
    expect(read.headers["access-control-allow-credentials"]).toBeUndefined();
    expect((await get(`/fhir/Bundle/${id}`, app)).headers["access-control-allow-origin"]).toBe("https://app.example.org");
    const sent = await send(
      "POST",
      "/fhir/$validate",
      { ...app, Authorization: `Bearer ${token}`, "Content-Type": "application/fhir+json" },
      documentJson(),
    );
    expect(sent.status).toBe(200);
  });

  test("may not ask for pages, and one that is not listed for nothing", async () => {
    for (const [path, origin] of [
      ["/", "https://app.example.org"],
      [`/documents/${id}`, "https://app.example.org"],
      ["/fhir/Bundle", "https://evil.example"],
      ["/fhir/Bundle", "null"],
      ["/fhir/Bundle", "https://app.example.org.evil.example"],
    ] as const) {
      const answer = await send("OPTIONS", path, { Origin: origin, "Access-Control-Request-Method": "GET" });
      expect([path, answer.status, answer.headers["access-control-allow-origin"]]).toEqual([path, 401, undefined]);
    }
  });
});
