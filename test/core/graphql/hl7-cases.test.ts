/** HL7's own cases of GraphQL upon R4, where they are: the folder `r4` of the repository FHIR/fhir-test-cases, below `fhir-test-cases` of the folder that CASES names. */
import { expect, test } from "@jest/globals";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { readResource } from "../../../src/core/fhir/reading/read-resource.ts";
import { STORED_READ_LIMITS } from "../../../src/core/fhir/reading/read-limits.ts";
import type { JsonObject } from "../../../src/core/fhir/tree/tree.ts";
import { GraphEngine, type GraphAnswer } from "../../../src/core/graphql/answer.ts";
import type { GraphPage, GraphSearch, Held } from "../../../src/core/graphql/source.ts";
import { R4, SEARCH_PARAMETERS } from "../../r4.ts";
import { MemorySource } from "./memory-source.ts";

const FOLDER = join(process.env["CASES"] ?? "../shared/cases", "fhir-test-cases", "r4");
const EXAMPLES = join(FOLDER, "examples");
const isHere = existsSync(join(FOLDER, "graphql", "manifest.xml"));

interface Case {
  readonly name: string;
  readonly source: string;
  readonly output: string;
  readonly context: string;
  readonly operation: string | undefined;
}

function cases(): Case[] {
  const manifest = readFileSync(join(FOLDER, "graphql", "manifest.xml"), "utf8");
  return [...manifest.matchAll(/<test ([^>]*)\/>/g)].map(([, text = ""]) => {
    const given = new Map([...text.matchAll(/(\w+)="([^"]*)"/g)].map(([, name, value]) => [name, value]));
    const of = (name: string): string => given.get(name) ?? "";
    return { name: of("name"), source: of("source"), output: of("output"), context: of("context"), operation: given.get("operation") };
  });
}

/**
 * Where we differ, and by what.
 * `extension-simple` selects `subject` twice, and HL7's engine answers two of them in a list. GraphQL, section 6.4.3 (Merging Selection Sets): "If a field is selected multiple times [with the same response key], the selection
 * sets are merged"; section 7.1.2: a name stands once in a response. Observation.subject is no list either.
 */
const DIFFERENT: Readonly<Record<string, object>> = {
  "extension-simple": {
    subject: { resource: { birthDate: "2016-05-18", _birthDate: { extension: [{ valueDateTime: "2016-05-18T10:28:45Z" }] } } },
  },
};

/** As HL7's own test gives it: two patients for every search, and pages with numbers that are no one's. */
class Hl7Source extends MemorySource {
  override async list(search: GraphSearch): Promise<readonly Held[]> {
    const found = await super.list(search);
    return search.type === "Patient" ? found.filter(({ resource }) => resource.string("id") !== "glossy").toReversed() : found;
  }

  override async page(search: GraphSearch): Promise<GraphPage> {
    const edges = (await this.list(search)).map((held) => ({ held }));
    const scored = edges.map((edge, at) => ({ ...edge, mode: at === 0 ? undefined : "match", score: at === 0 ? undefined : 0.5 }));
    return { total: 50, offset: 0, pageSize: 50, edges: scored, next: "77c97e03-8a6c-415f-a63d-11c80cf73f:50" };
  }
}

/** R4's examples that the cases are about. */
const NAMES = [
  ...["condition-example.json", "list-example-long.xml", "medicationdispenseexample8.xml", "observation-example-20minute-apgar-score.xml"],
  ...["observation-example.json", "patient-example-xds.xml", "patient-example.json", "patient-glossy-example.xml"],
];

function resources(): JsonObject[] {
  return NAMES.map((name) => {
    const type = name.endsWith(".json") ? "application/fhir+json" : "application/fhir+xml";
    const { resource } = readResource(readFileSync(join(EXAMPLES, name)), type, STORED_READ_LIMITS, R4.definitions);
    if (!resource) throw new Error(name);
    return resource;
  });
}

async function answerTo({ source, context, operation }: Case, engine: GraphEngine, from: Hl7Source): Promise<GraphAnswer> {
  const query = readFileSync(join(FOLDER, "graphql", source), "utf8");
  const [type = "", id = ""] = context.split("/");
  const load = async (): Promise<Held> => {
    // R4's long list is called by the name of its file.
    const [held] = await from.read([{ type, id: id === "example-long" ? "long" : id }]);
    if (!held) throw new Error(context);
    return held;
  };
  return engine.answer({ query, operationName: operation, variables: { var: true } }, from, type === "" ? undefined : { type, load });
}

if (!isHere) test.skip(`HL7's cases are not at ${FOLDER}`, () => undefined);
else {
  const engine = new GraphEngine({ definitions: R4.definitions, parameters: SEARCH_PARAMETERS });
  const source = new Hl7Source(resources());
  test("all of HL7's 29 cases are there", () => expect(cases().length).toBe(29));
  test.each(cases().map((one) => [one.name, one] as const))("%s", async (name, one) => {
    const { kind, text } = await answerTo(one, engine, source);
    if (one.output === "$error") return expect(kind).not.toBe("answered");
    const { data } = JSON.parse(text) as { readonly data?: object };
    const expected = DIFFERENT[name] ?? (JSON.parse(readFileSync(join(FOLDER, "graphql", one.output), "utf8")) as object);
    expect(data ?? text).toEqual(expected);
  });
}
