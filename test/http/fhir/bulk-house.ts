/** A house that is exported from: who asks, and what becomes of it. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Caller, KnownCaller } from "../../../src/core/asked.ts";
import type { Job } from "../../../src/jobs/job.ts";
import { readAccessPolicy } from "../../../src/security/policy/read-access-policy.ts";
import { HOUSES, marked, PERSONS, type MarkedOptions } from "../access-documents.ts";
import { openHouse, type House, type HouseOptions } from "../house.ts";
import { ask, type RawAnswer } from "../local-server.ts";

const policy = readAccessPolicy(
  JSON.stringify({
    version: "bulk/1",
    clearance: { all: ["R"], ward: ["N"] },
    rules: [
      { name: "everything", permit: ["read"], to: { roles: ["all"] } },
      { name: "wards read what their house holds", permit: ["read"], to: { roles: ["ward"] }, of: { custodian: "own" } },
    ],
  }),
);

const known = (subject: string, more: Partial<KnownCaller>): KnownCaller => ({
  ...{ kind: "system", issuer: "https://issuer.example.org", subject, name: subject, roles: [], organisations: [], clearance: [], ...more },
});

/** Who asks, by the name that a request gives. Roles may be changed while something goes on. */
export function bulkCallers(): Map<string, Caller> {
  return new Map<string, Caller>([
    ["filler", { kind: "program", name: "filler" }],
    ["all", known("all", { roles: ["all"] })],
    ["ward", known("ward", { roles: ["ward"], organisations: [`${HOUSES}|A`] })],
    ["patients", known("patients", { roles: ["all"], scopes: [{ level: "system", type: "Patient", rights: ["r", "s"] }] })],
  ]);
}

/** A line of NDJSON as JSON. */
export interface Line {
  readonly resourceType: string;
  readonly id: string;
  readonly [name: string]: unknown;
}

export interface Manifest {
  readonly transactionTime: string;
  readonly request: string;
  readonly requiresAccessToken: boolean;
  readonly output: readonly { readonly type: string; readonly url: string; readonly count: number }[];
  readonly error: readonly { readonly url: string; readonly count: number }[];
  readonly deleted: readonly { readonly url: string; readonly count: number }[];
  readonly extension: { readonly chartulary: { readonly log: { readonly size: number; readonly leaves?: { readonly url: string } } } };
}

export interface BulkHouse {
  readonly house: House;
  /** Gives the document's id. */
  deposit(options: MarkedOptions): Promise<string>;
  by(
    caller: string,
    path: string,
    more?: { readonly method?: string; readonly body?: string; readonly headers?: Record<string, string> },
  ): Promise<RawAnswer>;
  /** From the beginning to the manifest, whose text is given too. */
  exported(caller: string, path: string): Promise<{ readonly job: Job; readonly manifest: Manifest; readonly text: string }>;
  file(caller: string, url: string, headers?: Record<string, string>): Promise<RawAnswer>;
  /** All lines of the files of a type. */
  lines(caller: string, files: readonly { readonly url: string; readonly type?: string }[], type?: string): Promise<Line[]>;
}

export async function openBulkHouse(options: HouseOptions = {}): Promise<BulkHouse> {
  const callers = options.callers ?? bulkCallers();
  const house = await openHouse({ policy, systems: new Set([PERSONS]), ...options, callers });
  const by: BulkHouse["by"] = (caller, path, more = {}) =>
    ask(house.port, {
      ...{ path, ...more },
      headers: { "X-Test-Caller": caller, Accept: "application/fhir+json", "Content-Type": "application/fhir+json", ...more.headers },
    });
  const file: BulkHouse["file"] = (caller, url, headers = {}) => by(caller, new URL(url).pathname, { headers });
  return {
    ...{ house, by, file },
    deposit: async (marks) => {
      const { status, headers, body } = await by("filler", "/fhir/Bundle", { method: "POST", body: marked(marks).json });
      if (status !== 201) throw new Error(body.toString("utf8"));
      return headers.location?.split("/").at(-3) ?? "";
    },
    exported: async (caller, path) => {
      const begun = await by(caller, path, { headers: { Prefer: "respond-async" } });
      if (begun.status !== 202) throw new Error(`${begun.status}: ${begun.body.toString("utf8")}`);
      const id = String(begun.headers["content-location"]).split("/").at(-1) ?? "";
      for (;;) {
        const job = await house.jobs.jobs.find({ caller: callers.get(caller) as Caller }, id);
        if (job?.state === "done") return { job, text: job.result ?? "", manifest: JSON.parse(job.result ?? "") as Manifest };
        if (!job || job.state === "failed") throw new Error(job?.failure ?? "there is no such job");
        await sleep(20);
      }
    },
    lines: async (caller, files, type) => {
      const lines: Line[] = [];
      for (const one of files.filter((each) => type === undefined || each.type === type)) {
        const answer = await file(caller, one.url);
        if (answer.status !== 200) throw new Error(`${answer.status}: ${answer.body.toString("utf8")}`);
        const text = answer.body.toString("utf8");
        if (!text.endsWith("\n")) throw new Error("the last line has no end");
        lines.push(...text.slice(0, -1).split("\n").map((line) => JSON.parse(line) as Line)); // prettier-ignore
      }
      return lines;
    },
  };
}
