/** The OpenAPI document and the routes: each is the other's, a linter of others' finds nothing in it, and everybody may keep it. */
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { Validator } from "@seriousme/openapi-schema-validator";
import { routedOperations } from "../../../src/interactions/fhir/routed-operations.ts";
import { pathOf } from "../../../src/http/openapi/described.ts";
import { REFUSED } from "../../../src/http/openapi/shared-parts.ts";
import { ERROR_KINDS } from "../../../src/core/errors.ts";
import { describedRoutes } from "../../../src/http/openapi/openapi-routes.ts";
import { NOTHING } from "../../core/fhir/terminology/memory-conformance.ts";
import { openHouse, type House, type MountedRoute } from "../house.ts";
import { believing, startIssuer } from "../access/issuer.ts";
import { ask } from "../local-server.ts";

interface Operation {
  readonly operationId: string;
  readonly "x-route"?: string;
  readonly tags: readonly string[];
  readonly responses: Readonly<Record<string, unknown>>;
  readonly security?: readonly Readonly<Record<string, unknown>>[];
}

interface Document {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, unknown>>; readonly securitySchemes?: Readonly<Record<string, unknown>> };
}

/** Routes that tell only why nothing is done there; and an address that is told of once. */
const NOT_TOLD: ReadonlySet<string> = new Set(["DELETE /fhir/Patient", "POST /fhir/:type", "GET /fhir/", "POST /fhir/"]);

const whole = {
  conformance: () => NOTHING,
  hasIdentityFeed: true,
  systems: new Set(["https://insurance.example/person"]),
  trail: { record: () => Promise.resolve() },
};
const houses: House[] = [];
let house: House;

const opened = async (options: Parameters<typeof openHouse>[0]): Promise<House> => {
  const one = await openHouse(options);
  houses.push(one);
  return one;
};
const documentOf = async ({ port }: House): Promise<Document> => JSON.parse(String((await ask(port, { path: "/openapi.json" })).body)) as Document;
const nameOf = ({ method, pattern }: MountedRoute): string => `${method} ${pathOf(pattern)}`;
const told = ({ paths }: Document): string[] =>
  Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).flatMap(([method, operation]) => (operation["x-route"] === undefined ? [`${method.toUpperCase()} ${path}`] : [])),
  );
/** Operations are refused at one address for all types on which none is called. */
const callsNothing = ({ registry, definitions }: House["served"], pattern: string): boolean => {
  const [, instance, name] = /^\/fhir\/:type(\/:id)?\/[$](.+)$/.exec(pattern) ?? [];
  const placed = routedOperations(registry.fhir, definitions.resourceTypes()).find(({ operation }) => operation.name === name);
  return placed !== undefined && (instance === undefined ? placed.places.onTypes : placed.places.onInstancesOf).length === 0;
};
const mounted = ({ routes, served }: House): string[] => [
  ...new Set(routes.filter(({ method, pattern }) => !NOT_TOLD.has(`${method} ${pattern}`) && !callsNothing(served, pattern)).map(nameOf)),
];

beforeAll(async () => {
  house = await opened(whole);
});
afterAll(() => Promise.all(houses.map((one) => one.close())));

test("every route that is mounted is told of, and nothing else, with everything that can be switched on, and with nothing", async () => {
  expect(told(await documentOf(house)).sort()).toEqual(mounted(house).sort());
  const plain = await opened({});
  // Where no feed is taken, its route says so and does nothing.
  const isFeed = (name: string): boolean => name === "PUT /fhir/Patient";
  expect(told(await documentOf(plain)).sort()).toEqual(mounted(plain).filter((name) => !isFeed(name)).sort()); // prettier-ignore
  expect(told(await documentOf(house)).some(isFeed)).toBe(true);
});

test("no route is told of twice, of which the document would hold the later alone", () => {
  const names = describedRoutes({ ...house.served, reception: undefined }).map(nameOf);
  expect(names.filter((name, at) => names.indexOf(name) !== at)).toEqual([]);
});

test("a linter of others' finds nothing in it", async () => {
  const result = await new Validator().validate({ ...(await documentOf(house)) });
  expect(result).toMatchObject({ valid: true });
});

test("operationIds are unique, each has a area, and resources are told of by reference alone", async () => {
  const document = await documentOf(house);
  const operations = Object.values(document.paths).flatMap((methods) => Object.values(methods));
  const ids = operations.map(({ operationId }) => operationId);
  expect(new Set(ids).size).toBe(ids.length);
  for (const { operationId, tags, responses } of operations) expect([operationId, tags.length, Object.keys(responses).length > 3]).toEqual([operationId, 1, true]); // prettier-ignore
  expect(Object.keys(document.components.schemas).sort()).toEqual(["Bundle", "Criteria", "OperationOutcome", "Parameters", "Resource", "ResourceType", "SearchedType"]); // prettier-ignore
  expect(JSON.stringify(document).length).toBeLessThan(400_000);
});

test("there are words for every status that something is refused with", () => {
  expect(REFUSED).toEqual(expect.arrayContaining(Object.values(ERROR_KINDS).map(({ status }) => status)));
});

test("anybody may read it and keep it for a while, and is told when it is unchanged", async () => {
  const first = await ask(house.port, { path: "/openapi.json", headers: { Origin: "https://elsewhere.example" } });
  expect([first.status, first.headers["content-type"], first.headers["cache-control"], first.headers["access-control-allow-origin"]]).toEqual([200, "application/json; charset=utf-8", "public, max-age=300", "*"]); // prettier-ignore
  const again = await ask(house.port, { path: "/openapi.json", headers: { "If-None-Match": String(first.headers.etag) } });
  expect([again.status, String(again.body)]).toEqual([304, ""]);
  expect((await ask(house.port, { path: "/openapi.json", method: "PUT" })).status).toBe(405);
});

test("tells how callers prove who they are, and asks nobody for proof where strangers may come", async () => {
  const issuer = await startIssuer();
  const guarded = await opened({ ...whole, door: believing([issuer]).door });
  const document = await documentOf(guarded);
  await issuer.stop();
  expect(Object.keys(document.components.securitySchemes ?? {})).toEqual(["bearer", "openIdConnect", "session"]);
  expect(document.paths["/fhir/Bundle"]?.["post"]?.security).toEqual([{ bearer: [] }, { openIdConnect: [] }, { session: [] }]);
  expect(document.paths["/fhir/metadata"]?.["get"]?.security).toEqual([]);
  expect(told(document).sort()).toEqual(mounted(guarded).sort());
  expect((await documentOf(house)).components.securitySchemes).toBeUndefined();
});

test("the embedded authorization server is told of where it is", () => {
  const { registry, definitions, door } = house.served;
  const reception = {} as NonNullable<House["served"]["reception"]>;
  const names = describedRoutes({ registry, definitions, door, reception, audit: undefined, isOpen: false }).map(nameOf);
  expect(names).toEqual(expect.arrayContaining(["POST /oauth/invitation/{token}", "POST /oauth/{path}"]));
});

test("OPTIONS tells every method that is done at an address, and what is done nowhere is refused with the same", async () => {
  const allowed = async (path: string, method = "OPTIONS"): Promise<unknown> => {
    const { status, headers } = await ask(house.port, { path, method });
    return [status, headers.allow];
  };
  expect(await allowed("/fhir")).toEqual([204, "GET, HEAD, POST, OPTIONS"]);
  expect(await allowed("/fhir/Bundle")).toEqual([204, "GET, HEAD, POST, OPTIONS"]);
  expect(await allowed("/fhir/Account/_search")).toEqual([204, "POST, OPTIONS"]);
  expect(await allowed("/fhir/DocumentReference/$generate-metadata")).toEqual([204, "POST, OPTIONS"]);
  expect(await allowed("/fhir/Patient")).toEqual([204, "GET, HEAD, PUT, OPTIONS"]);
  expect(await allowed("/nothing/here")).toEqual([404, undefined]);
  for (const path of ["/healthz", "/trust.json", "/log/checkpoint", "/fhir/.well-known/smart-configuration"]) {
    expect([path, await allowed(path, "TRACE")]).toEqual([path, [405, "GET, HEAD"]]);
    expect([path, await allowed(path, "POST")]).toEqual([path, [405, "GET, HEAD"]]);
  }
  expect(await allowed("/verify", "TRACE")).toEqual([405, "GET, HEAD, POST"]);
});

test("a type that has a path of its own has there what every type has: tools ask no other", async () => {
  const { paths } = await documentOf(house);
  expect(Object.keys(paths["/fhir/Bundle"] ?? {}).sort()).toEqual(["get", "post"]);
  expect(Object.keys(paths["/fhir/Patient"] ?? {}).sort()).toEqual(["get", "put"]);
  expect(paths["/fhir/Bundle"]?.["get"]?.["x-route"]).toBe("/fhir/{type}");
});

test("what a query of GraphQL can't be without is told as required", async () => {
  const { parameters = [] } = ((await documentOf(house)).paths["/fhir/$graphql"]?.["get"] ?? {}) as {
    parameters?: readonly { name: string; required?: boolean }[];
  };
  expect(parameters.filter(({ required }) => required).map(({ name }) => name)).toEqual(["query"]);
});

test("a form that is named by nothing is none that is asked for", async () => {
  expect((await ask(house.port, { path: "/fhir/metadata?_format=" })).status).toBe(200);
});
