import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { createPages } from "../../src/pipeline/render/pages/pages.ts";
import { DEFAULT_POLICY } from "../../src/pipeline/validate/policy.ts";
import { createInlineWork } from "../../src/pipeline/work/inline-work.ts";
import type { Questions } from "../../src/pipeline/work/messages.ts";
import { createWorkerWork } from "../../src/pipeline/work/worker-work.ts";
import type { Work } from "../../src/pipeline/work/work.ts";
import { R4 } from "../r4.ts";
import { openHouse, TOOLS, type House } from "./house.ts";
import { ask, type RawAnswer } from "./local-server.ts";

/** Two houses that differ in one thing: where the work is done. What one answers the other answers too, but for ids, times and what is signed. */
const FOLDER = join(import.meta.dirname, "../../fixtures/documents/valid");
const MODULE = new URL("../../src/main/task-worker.ts", import.meta.url);
const JUDGED = "harmless";
const kept = new Map<string, string>();
const judged: string[] = [];
const questions: Omit<Questions, "earlier" | "seals"> = {
  verdict: (digest) => kept.get(digest),
  keepVerdict: ({ digest, verdict }) => void kept.set(digest, verdict),
  judge: ({ html }) => {
    judged.push(html);
    return Promise.resolve(html.includes("<table") ? { kind: "rejected", reason: "for this test" } : { kind: "clean" });
  },
  signature: () => Promise.resolve({ limit: "failed", seconds: 0 }),
  plain: () => undefined,
  revocations: () => Promise.resolve([]),
};
const facts = {
  policy: DEFAULT_POLICY,
  judge: JUDGED,
  isOpen: true,
  depositAddress: "https://documents.example.org/fhir/Bundle",
  systems: new Set<string>(),
  hasFullText: true,
  trust: undefined,
  sheets: [],
};
const pages = createPages({
  definitions: R4.definitions,
  judge: { rules: JUDGED, judge: (html, text) => questions.judge({ html, text }), close: () => Promise.resolve() },
  verdicts: { get: () => undefined, put: () => undefined },
  onPlain: () => undefined,
  isOpen: facts.isOpen,
  depositAddress: facts.depositAddress,
  now: () => new Date(),
});

let opened: Work[];
let houses: readonly [House, House];
beforeAll(async () => {
  const tools = { ...TOOLS, pages: () => Promise.resolve(pages) };
  opened = [];
  const here = await openHouse({ workWith: (house) => createInlineWork({ ...tools, ...house }) });
  const elsewhere = await openHouse({
    workWith: (house) => {
      const limits = { inlineBytes: -1 };
      const work = createWorkerWork({
        tools: { ...tools, ...house },
        facts,
        questions: {
          ...questions,
          earlier: house.earlierDeposit,
          seals: async () => (await house.sealCertificates()).map(({ certificate, ...said }) => ({ der: Uint8Array.from(certificate.raw), ...said })),
        },
        module: MODULE,
        processors: 2,
        limits,
      });
      opened.push(work);
      return work;
    },
  });
  houses = [here, elsewhere];
});
afterAll(async () => {
  await Promise.all(houses.map((house) => house.close()));
  await Promise.all(opened.map((work) => work.close()));
});

interface Asked {
  readonly method: "GET" | "POST";
  readonly path: string;
  readonly body?: Uint8Array;
  readonly headers?: Readonly<Record<string, string>>;
}

const idOf = (answer: RawAnswer): string => /Bundle\/([^/]+)/.exec(String(answer.headers["location"]))?.[1] ?? "none";
/** Ids, instants, digests, and what was signed or encrypted with a key of one house. */
const CHANGING =
  /Chartulary seal [\d-]+ [0-9a-f]{8}|[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}|[0-9a-f]{8}…|\d{4}-\d\d-\d\dT[\d:.]+Z|chartulary\.local\/log\/\w+|\b[0-9a-f]{64}\b|[A-Za-z0-9+/_-]{43,}=*/g;
/** Minutes of this run, as pages show them: one house may answer in one, and the other in the next. */
const MINUTES = /\d\d-[A-Z][a-z]{2}-\d{4} \d\d:\d\d/g;
const BEGUN = Date.now() - 60_000;
const isOfThisRun = (minute: string): boolean => Date.parse(`${minute.replaceAll("-", " ")} UTC`) >= BEGUN;
const told = ({ status, body }: RawAnswer): string =>
  `${status} ${body
    .toString("utf8")
    .replace(CHANGING, "…")
    .replace(MINUTES, (minute) => (isOfThisRun(minute) ? "…" : minute))}`;

test.each(readdirSync(FOLDER))("%s is deposited, repeated, read, shown, verified and validated alike", async (name) => {
  const type = name.endsWith(".xml") ? "application/fhir+xml" : "application/fhir+json";
  const body = readFileSync(join(FOLDER, name));
  const post = (path: string, sent: Uint8Array): Asked => ({
    method: "POST",
    path,
    body: sent,
    headers: { "Content-Type": type, Accept: "application/fhir+json" },
  });
  const both = (what: (house: number) => Asked): Promise<RawAnswer[]> =>
    Promise.all(houses.map((house, at) => ask(house.port, { ...what(at), headers: { ...what(at).headers } })));
  const alike = ([one, other]: readonly RawAnswer[]): string => {
    if (!one || !other) throw new Error("no answers");
    expect(told(other)).toBe(told(one));
    return told(one);
  };

  const made = await both(() => post("/fhir/Bundle", body));
  expect(alike(made)).toMatch(/^201/);
  const ids = made.map(idOf);
  const repeated = await both(() => post("/fhir/Bundle", body));
  expect(alike(repeated)).toMatch(/^200/);
  expect(repeated.map(idOf)).toEqual(ids);
  const get = (path: (id: string) => string, accept: string): Promise<RawAnswer[]> =>
    both((at) => ({ method: "GET", path: path(ids[at] ?? ""), headers: { Accept: accept } }));
  expect(alike(await get((id) => `/fhir/Bundle/${id}`, "application/fhir+json"))).toMatch(/^200 .*"resourceType":"Bundle"/s);
  expect(alike(await get((id) => `/fhir/Bundle/${id}?_pretty=true`, "application/fhir+xml"))).toMatch(/^(200 .*<Bundle|406)/s);
  expect(alike(await get((id) => `/fhir/Binary/${id}`, "application/fhir+json"))).toMatch(/^200 .*"resourceType":"Binary"/s);
  for (const { body: original } of await get((id) => `/fhir/Binary/${id}`, "*/*")) expect(original.equals(body)).toBe(true);
  expect(alike(await get((id) => `/documents/${id}`, "text/html"))).toMatch(/^200 .*id="attested"/s);
  expect(alike(await get((id) => `/documents/${id}/verify`, "application/json"))).toMatch(/"isVerified":true|"verdict"/);
  expect(alike(await both(() => post("/fhir/Bundle/$validate", body)))).toMatch(/^200 .*deposited before/s);

  const broken = Buffer.from(
    body.toString("utf8").replace(/"status": *"final"|<status value="final" *\/>/, (found) => found.replace("final", "finel")),
  );
  alike(await both(() => post("/fhir/Bundle", broken)));
  alike(await both(() => post("/fhir/Bundle/$validate", broken)));
  alike(await both(() => post("/fhir/Bundle", body.subarray(0, body.length / 2))));
});

test("narratives were judged where the judge is, and verdicts kept", () => {
  expect(judged.length).toBeGreaterThan(0);
  expect(kept.size).toBeGreaterThan(0);
  expect([...kept.values()]).toContain("for this test");
});
