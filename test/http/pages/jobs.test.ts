/** The page about jobs, and its button: each sees their own, operators all, and nobody what is secret. */
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import type { Caller, KnownCaller } from "../../../src/core/asked.ts";
import { openAssets } from "../../../src/pipeline/render/pages/assets.ts";
import { renderJobsPage, type ShownJob } from "../../../src/pipeline/render/pages/jobs-page.ts";
import { localeFor } from "../../../src/pipeline/render/locale-for.ts";
import { readAccessPolicy } from "../../../src/security/policy/read-access-policy.ts";
import { until } from "../../journeys/program.ts";
import { openHouse, type House } from "../house.ts";
import { ask, type RawAnswer } from "../local-server.ts";

const person = (subject: string, role: string): KnownCaller => ({
  ...{ kind: "person", issuer: "https://issuer.example.org", subject, name: `Name of ${subject}`, roles: [role], organisations: [], clearance: [] },
});
const callers = new Map<string, Caller>([
  ["anna", person("anna", "reader")],
  ["ben", person("ben", "reader")],
  ["operator", person("operator", "operator")],
]);
const POLICY = readAccessPolicy(
  JSON.stringify({ version: "jobs/1", clearance: {}, rules: [{ name: "operators oversee", permit: ["oversee"], to: { roles: ["operator"] } }] }),
);
let house: House;
let secret: string;

beforeAll(async () => {
  house = await openHouse({ callers, policy: POLICY });
  const headers = { "X-Test-Caller": "anna", Prefer: "respond-async", Accept: "application/fhir+json" };
  const begun = await ask(house.port, { path: "/fhir/Patient?family=Brandt", headers });
  secret = new URL(String(begun.headers["content-location"])).pathname.split("/").at(-1) ?? "";
  await until(async () => (await house.jobs.jobs.list(9)).every(({ state }) => state === "done"));
});
afterAll(() => house.close());

const page = (caller: string, path = "/jobs"): Promise<RawAnswer> =>
  ask(house.port, { path, headers: { "X-Test-Caller": caller, Accept: "text/html" } });
const press = (caller: string, name: string, origin = "https://documents.example.org"): Promise<RawAnswer> =>
  ask(house.port, {
    ...{ method: "POST", path: `/jobs/${name}/cancel` },
    headers: { "X-Test-Caller": caller, Accept: "text/html", Origin: origin, "Content-Type": "application/x-www-form-urlencoded" },
    body: "",
  });

test("each sees their own, operators all; neither its id nor what was searched for is told", async () => {
  const [{ name } = { name: "" }] = await house.jobs.jobs.list(1);
  for (const [caller, sees] of [["anna", true], ["ben", false], ["operator", true]] as const) {
    const { status, body } = await page(caller);
    expect([caller, status, String(body).includes(name)]).toEqual([caller, 200, sees]);
    for (const hidden of [secret, "Brandt"]) expect(String(body)).not.toContain(hidden);
  }
  expect(String((await page("operator")).body)).toContain("Name of anna");
  expect((await page("anna", "/jobs?page=2")).status).toBe(400);
}); // prettier-ignore

test("one that has ended cannot be ended, that of others is not there, and no page of others presses the button", async () => {
  const [{ name } = { name: "" }] = await house.jobs.jobs.list(1);
  expect((await press("ben", name)).status).toBe(404);
  expect((await press("anna", name)).status).toBe(409);
  expect((await press("anna", name, "https://elsewhere.example")).status).toBe(403);
});

test("one that is under way is ended: by its owner, or by an operator", async () => {
  const order = { kind: "export", url: "https://documents.example.org/fhir/$export", order: "" } as const;
  for (const by of ["anna", "operator"]) {
    // Nobody takes it yet: it is made ready first.
    const ready = Promise.withResolvers<string>();
    const desk = house.jobs.jobs;
    const began = desk
      .begin({ ...order, kind: "request", owner: callers.get("anna") ?? { kind: "anonymous" } }, () => ready.promise)
      .catch((error: unknown) => error);
    let name = "";
    await until(async () => {
      const [newest] = await desk.list(1);
      name = newest?.state === "waiting" ? newest.name : "";
      return name !== "";
    });
    const { status, body } = await press(by, name);
    expect([by, status, String(body).includes(`"ended":"${name}"`)]).toEqual([by, 200, true]);
    ready.resolve("{}");
    await began;
  }
});

test("it says how each stands, in every language, and what was written by others is no markup", () => {
  const job: ShownJob = {
    ...{ name: "0123456789abcdef", kind: "export", state: "running", progress: { text: "3 of 9 <b>", share: 0.333 }, owner: "<i>Anna</i>" },
    ...{ address: "https://example.org/fhir/$export", createdAt: "2026-11-30T00:00:00Z", expires: "2026-12-01T00:00:00Z" },
  };
  const jobs = [job, { ...job, state: "failed", kind: "request", failure: "no", endedAt: "2026-11-30T01:00:00Z" }];
  for (const tag of ["en", "de", "fr", "es", "it", "nl", "pl", "pt", "ar", "he", "ja", "zh"]) {
    const text = renderJobsPage(
      { jobs, total: 2, ended: "fedcba9876543210" },
      { locale: localeFor([tag]), isOpen: false, assets: openAssets(undefined) },
    );
    expect(text).toContain(`<progress max="100" value="33">`);
    expect(text.match(/<form class="receiver-test"/g)).toHaveLength(1);
    expect(text).not.toMatch(/<b>|<i>|jobs-/);
  }
});
