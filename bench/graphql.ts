/**
 * GraphQL over HTTP, of a service of its own: a whole document of 50 resources with every element that it has, its list of resources with what they lead to, and the same document as JSON beside it; and the processors' time for each answer.
 * GRAPHQL_SECONDS: how long each is measured (5).
 */
import { mkdtemp, rm } from "node:fs/promises";
import { Agent, request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { deposited, startService } from "./load.ts";
import { measure } from "./measure.ts";
import { patientSummary } from "./patient-summary.ts";
import { processorTime } from "./processor-time.ts";
import { telling, type Report } from "./report.ts";

const RESOURCES = 50;
const LONGEST = Number(process.env["GRAPHQL_SECONDS"] ?? 5) * 1_000;
const MOST = 1_000;
const tell = telling("graphql");

type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json };
type Names = Map<string, Names | undefined>;

export async function run(): Promise<Report> {
  const folder = await mkdtemp(join(tmpdir(), "chartulary-graphql-"));
  const { port, pid, stop } = await startService(folder);
  const agent = new Agent({ keepAlive: true });
  const figures: Record<string, number> = {};
  const rows: (string | number)[][] = [];
  try {
    const document = patientSummary(RESOURCES);
    const id = (await deposited(port, agent, document)).split("/").at(-3) ?? "";
    const questions: readonly (readonly [name: string, path: string, query?: string])[] = [
      ["the whole document", "/fhir/$graphql", `{ Bundle(id: "${id}") { ${wholeOf(document)} } }`],
      [
        "titles and subjects",
        "/fhir/$graphql",
        `{ Composition(id: "${id}.0") { title section { title entry { reference } } subject { resource { ... on Patient { name { family } } } } } }`,
      ],
      [
        "conditions with their patient",
        "/fhir/$graphql",
        "{ ConditionList { id code { text } subject { resource { ... on Patient { birthDate } } } } }",
      ],
      ["the document as JSON (REST)", `/fhir/Bundle/${id}`],
    ];
    for (const [name, path, query] of questions) {
      tell(name);
      const job = (): Promise<void> => ask(port, agent, path, query);
      await measure(job, { count: 30, width: 1, longest: LONGEST });
      const before = processorTime([pid]) ?? 0;
      const { count, median, p99 } = await measure(job, { count: MOST, width: 1, longest: LONGEST });
      const cost = ((processorTime([pid]) ?? 0) - before) / count;
      rows.push([name, count, median, p99, cost]);
      const short = name.replaceAll(/[^A-Za-z]+/g, "_");
      Object.assign(figures, { [`${short}_p50_Ms`]: median, [`${short}_processors_Ms`]: cost });
    }
  } finally {
    agent.destroy();
    await stop();
    await rm(folder, { recursive: true, force: true });
  }
  return {
    tables: [{ title: `GraphQL over HTTP, ${RESOURCES} resources`, columns: ["answer", "asked", "p50 ms", "p99 ms", "processors, ms"], rows }],
    figures,
  };
}

/** Everything that a document has, as a selection: of each type of resource its elements. */
export function wholeOf(document: Uint8Array): string {
  const { entry } = JSON.parse(new TextDecoder().decode(document)) as {
    readonly entry: readonly { readonly resource: { readonly resourceType: string } & Record<string, Json> }[];
  };
  const byType = new Map<string, Names>();
  for (const { resource } of entry) {
    const names = byType.get(resource.resourceType) ?? new Map();
    byType.set(resource.resourceType, names);
    gather(resource, names);
  }
  const users = Map.groupBy(
    [...byType.values()].flatMap((names) => [...names.keys()]),
    (name) => name,
  );
  // One name stands for one thing in an answer: what several types have is called by both.
  const called = (type: string, name: string): string =>
    (users.get(name)?.length ?? 0) > 1 && name !== "resourceType" ? `${type}_${name}: ${name}` : name;
  const fragments = [...byType].map(
    ([type, names]) => `... on ${type} { ${[...names].map(([name, inner]) => called(type, name) + selection(inner)).join(" ")} }`,
  );
  return `type timestamp identifier { system value } entry { fullUrl resource { ${fragments.join(" ")} } }`;
}

function gather(value: Json, names: Names): void {
  if (Array.isArray(value)) return value.forEach((one: Json) => gather(one, names));
  if (typeof value !== "object" || value === null) return;
  for (const [name, inner] of Object.entries<Json>(value)) {
    const [first] = Array.isArray(inner) ? (inner as Json[]) : [inner];
    const own: Names | undefined = typeof first === "object" && first !== null ? (names.get(name) ?? new Map()) : undefined;
    names.set(name, own);
    if (own) gather(inner, own);
  }
}

function selection(names: Names | undefined): string {
  return names ? ` { ${[...names].map(([name, inner]) => name + selection(inner)).join(" ")} }` : "";
}

/** An answer that must be a good one: of a query, or of an address. */
function ask(port: number, agent: Agent, path: string, query: string | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const headers = query === undefined ? { Accept: "application/fhir+json" } : { "Content-Type": "application/json" };
    const asked = request({ port, path, agent, method: query === undefined ? "GET" : "POST", headers }, (response) => {
      const pieces: Buffer[] = [];
      response.on("data", (piece: Buffer) => pieces.push(piece));
      response.once("end", () => {
        const text = Buffer.concat(pieces).toString("utf8");
        if (response.statusCode === 200 && !text.startsWith('{"data":null')) resolve();
        else reject(new Error(`${path} was answered with ${response.statusCode}: ${text.slice(0, 300)}`));
      });
    });
    asked.once("error", reject).end(query === undefined ? undefined : JSON.stringify({ query }));
  });
}
