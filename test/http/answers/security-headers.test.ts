/** docs/security-headers.md, held against every route that is mounted. */
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { readFileSync } from "node:fs";
import { documentJson } from "../../journeys/documents.ts";
import { openHouse, type House } from "../house.ts";
import { ask } from "../local-server.ts";

let house: House;
let id: string;
beforeAll(async () => {
  house = await openHouse({ hasIdentityFeed: true, systems: new Set(["https://insurance.example/person"]) });
  const headers = { "Content-Type": "application/fhir+json" };
  const { headers: given } = await ask(house.port, { method: "POST", path: "/fhir/Bundle", body: documentJson(), headers });
  id = /Bundle\/([^/]+)/.exec(String(given.location))?.[1] ?? "";
});
afterAll(() => house.close());

/** Names to values; undefined: some value, which the table tells in words. */
function told(): ReadonlyMap<string, string | undefined> {
  const text = readFileSync(new URL("../../../docs/security-headers.md", import.meta.url), "utf8");
  const rows = [...text.matchAll(/^\| `([\w-]+)` +\| (?:`([^`]+)` +\||[^|]+\|)/gm)];
  return new Map(rows.map(([, name = "", value]) => [name.toLowerCase(), value]));
}

test("every route's answer has every header of the table, whatever it answers", async () => {
  const table = told();
  expect([...table.values()].filter((value) => value !== undefined).length).toBeGreaterThanOrEqual(5);
  const wrong: unknown[] = [];
  const look = async (method: string, path: string, accept: string): Promise<void> => {
    const { headers } = await ask(house.port, {
      method,
      path,
      headers: { Accept: accept, "Content-Type": "application/fhir+json" },
      ...(["POST", "PUT", "PATCH"].includes(method) && { body: "{}" }),
    });
    for (const [name, value] of table) {
      const given = headers[name];
      if (value === undefined ? given === undefined || given === "" : given !== value) wrong.push([method, path, name, given]);
    }
    const policy = String(headers["content-security-policy"]);
    const isPdf = String(headers["content-type"]).startsWith("application/pdf");
    if (
      !policy.includes("frame-ancestors 'none'") ||
      (!isPdf && !policy.startsWith("default-src 'none'")) ||
      /unsafe-inline'.*script|unsafe-eval/.test(policy)
    )
      wrong.push([method, path, policy]);
  };
  expect(house.routes.length).toBeGreaterThan(40);
  for (const { method, pattern } of house.routes) {
    const path = pattern
      .replace(/:type/g, "Composition")
      .replace(/:id/g, id)
      .replace(/[:*]\w+/g, "1");
    await look(method, path, "application/fhir+json");
    if (method === "GET" && !path.startsWith("/fhir")) await look(method, path, "text/html");
  }
  await look("GET", "/nothing-here", "text/html");
  expect(wrong).toEqual([]);
});
