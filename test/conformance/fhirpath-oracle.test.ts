/**
 * Every invariant of R4 on every element of real and of damaged resources: our engine and HL7's own (the npm package fhirpath) must agree. The damage is the same in every run.
 */
import { existsSync, globSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import fhirpath from "fhirpath";
import model from "fhirpath/fhir-context/r4";
import { DEFAULT_READ_LIMITS } from "../../src/core/fhir/reading/read-limits.ts";
import { isKnown, readInvariants, visitElements, type Invariant } from "./fhirpath-invariants.ts";
import { readResource } from "../r4.ts";

const EXAMPLES = join(process.env["CASES"] ?? "../shared/cases", "r4-examples");
const FIXTURES = "fixtures/documents/valid";

/** What is not compared, by key, and why. */
const LEFT_OUT: Readonly<Record<string, string>> = {
  "ele-1": "on every element; the oracle fails it on primitives at the root",
  "ext-1": "on every extension; it costs more time than it tells",
  "dom-3": "the oracle takes as() on a collection for an error",
  "txt-1": "htmlChecks() is not FHIRPath's: the gate reads narrative itself",
  "txt-2": "the same",
  "ctm-1": "resolve() is asynchronous in the oracle",
  "rng-2": "of two quantities whose unit is not UCUM's the oracle finds 1 TAB no more than -2 TAB",
  "ras-1": "the oracle throws on a Range whose bounds have no unit",
};

type Oracle = (element: unknown, variables: Readonly<Record<string, unknown>>) => unknown[];

const invariants = readInvariants();
const oracles = new Map<string, Oracle>();

function oracleOf({ text }: Invariant, path: string): Oracle {
  const key = `${path} ${text}`;
  const known = oracles.get(key);
  if (known) return known;
  const oracle = fhirpath.compile({ base: path.replace("[x]", ""), expression: text }, model, { traceFn: () => undefined, async: false }) as Oracle;
  oracles.set(key, oracle);
  return oracle;
}

/** An invariant that cannot be worked out does not hold. */
function answer(ask: () => unknown): unknown {
  try {
    return ask();
  } catch {
    return false;
  }
}

/** Where the two do not agree on a resource in JSON. */
function disagreements(bytes: Buffer): { readonly evaluations: number; readonly found: string[] } {
  const { resource } = readResource(bytes, "application/fhir+json", DEFAULT_READ_LIMITS);
  const found: string[] = [];
  let evaluations = 0;
  if (!resource || !isKnown(resource)) return { evaluations, found };
  visitElements(resource, JSON.parse(bytes.toString()) as Record<string, unknown>, ({ node, plain, paths, resource: own, plainResource }) => {
    const environment = { resource: own, rootResource: own };
    for (const path of paths) {
      for (const invariant of invariants.get(path) ?? []) {
        if (invariant.key in LEFT_OUT) continue;
        evaluations++;
        const ours = answer(() => invariant.expression.holds(node, environment));
        const theirs = answer(() => {
          const variables = { resource: plainResource, rootResource: plainResource, context: plain };
          const result = oracleOf(invariant, path)(plain, variables);
          return result.length === 1 && typeof result[0] === "boolean" ? result[0] : result.length > 0;
        });
        if (ours !== theirs) found.push(`${invariant.key} at ${path}: ours ${String(ours)}, HL7's ${String(theirs)}: ${invariant.text}`);
      }
    }
  });
  return { evaluations, found };
}

/** Takes out, doubles or changes one property after another (every so many), and gives each damaged resource. */
function* damaged(bytes: Buffer, every: number): Generator<Buffer> {
  const count = countProperties(JSON.parse(bytes.toString()));
  for (let at = 1; at < count; at += every) {
    const copy: unknown = JSON.parse(bytes.toString());
    damage(copy, { left: at, how: at % 3 });
    yield Buffer.from(JSON.stringify(copy));
  }
}

function countProperties(value: unknown): number {
  if (typeof value !== "object" || value === null) return 0;
  return Object.values(value).reduce<number>((sum, item) => sum + 1 + countProperties(item), 0);
}

function damage(value: unknown, state: { left: number; readonly how: number }): void {
  if (typeof value !== "object" || value === null) return;
  const object = value as Record<string, unknown>;
  for (const [name, item] of Object.entries(object)) {
    if (state.left-- === 0) {
      if (Array.isArray(value)) value.push(structuredClone(item));
      else if (state.how === 0 || name === "resourceType") Reflect.deleteProperty(object, name);
      else if (state.how === 1 && typeof item === "string") object[name] = `${item}x`;
      else if (typeof item === "number") object[name] = -item;
      else Reflect.deleteProperty(object, name);
      return;
    }
    if (state.left >= 0) damage(item, state);
    if (state.left < 0) return;
  }
}

describe("our FHIRPath and HL7's agree on the invariants of R4", () => {
  test.each(
    globSync(join(FIXTURES, "*.json"))
      .sort()
      .map((file) => [basename(file), file] as const),
  )("%s", (_name, file) => {
    const { evaluations, found } = disagreements(readFileSync(file));
    expect(found).toEqual([]);
    expect(evaluations).toBeGreaterThan(0);
  });

  if (!existsSync(EXAMPLES)) test.skip("R4's examples (no folder r4-examples in CASES)", () => undefined);
  else {
    const files = globSync(join(EXAMPLES, "*.json")).sort();

    test("R4's examples", () => {
      expect(files.filter((_file, at) => at % 2 === 0).flatMap((file) => disagreements(readFileSync(file)).found)).toEqual([]);
    });

    test("R4's examples, damaged", () => {
      const small = files.map((file) => readFileSync(file)).filter(({ length }, at) => length < 20_000 && at % 2 === 1);
      const found = small.flatMap((bytes) => [...damaged(bytes, 11)].flatMap((copy) => disagreements(copy).found));
      expect([...new Set(found)]).toEqual([]);
    });
  }
});
