/**
 * Documents without an error, damaged in one place each: how many are caught, by the right rule and at the right place. The table stands in the output of the test.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { randomOf } from "../../../fuzz/random.ts";
import { isError, type Issue } from "../../../src/core/fhir/issue.ts";
import { DEFAULT_READ_LIMITS } from "../../../src/core/fhir/reading/read-limits.ts";
import type { FhirMediaType } from "../../../src/pipeline/document-forms.ts";
import { DEFAULT_POLICY } from "../../../src/pipeline/validate/policy.ts";
import type { Damage, Kind, Sample } from "./damage.ts";
import { DOCUMENT_KINDS } from "./document-kinds.ts";
import { INVARIANT_KINDS } from "./invariant-kinds.ts";
import { NARRATIVE_KINDS } from "./narrative-kinds.ts";
import { sitesOf } from "./sites.ts";
import { STRUCTURE_KINDS } from "./structure-kinds.ts";
import { VALUE_KINDS } from "./value-kinds.ts";
import { XML_KINDS } from "./xml-kinds.ts";
import { readResource, validate } from "../../r4.ts";

const FOLDER = join(import.meta.dirname, "../../../fixtures/documents/valid");
const KINDS: readonly Kind[] = [...STRUCTURE_KINDS, ...VALUE_KINDS, ...DOCUMENT_KINDS, ...NARRATIVE_KINDS, ...INVARIANT_KINDS, ...XML_KINDS];
/** Of each kind in each document, as far as there are so many places. */
const DAMAGES_EACH = 6;
/** Larger documents have no other places, and take longer. */
const MAX_BYTES = 30_000;

interface Outcome {
  readonly kind: Kind;
  readonly total: number;
  readonly caught: number;
  /** Caught, and said where: the rule and the FHIRPath that the damage expects. */
  readonly placed: number;
  readonly missed: readonly string[];
}

function errorsOf(text: string, mediaType: FhirMediaType): Issue[] {
  const { resource, issues } = readResource(Buffer.from(text), mediaType, DEFAULT_READ_LIMITS);
  return (resource === undefined ? [...issues] : validate(resource, issues, DEFAULT_POLICY)).filter(isError);
}

function samples(): Sample[] {
  return readdirSync(FOLDER)
    .filter((name) => /\.(?:json|xml)$/.test(name))
    .sort()
    .map((name) => ({ name, bytes: readFileSync(join(FOLDER, name)) }))
    .filter(({ bytes }) => bytes.length <= MAX_BYTES)
    .map(({ name, bytes }) => {
      const { resource } = readResource(bytes, name.endsWith(".xml") ? "application/fhir+xml" : "application/fhir+json", DEFAULT_READ_LIMITS);
      if (resource === undefined) throw new Error(`${name} could not be read`);
      return { name, bundle: resource, ...sitesOf(resource) };
    });
}

/** The same in every run: another choice each for every kind and document. */
function some(damages: readonly Damage[], seed: number): Damage[] {
  const random = randomOf(20260314, seed);
  const left = [...damages];
  return Array.from({ length: Math.min(DAMAGES_EACH, left.length) }, () => left.splice(random.below(left.length), 1)[0] as Damage);
}

function outcomeOf(kind: Kind, number: number, documents: readonly Sample[]): Outcome {
  const missed: string[] = [];
  let [total, caught, placed] = [0, 0, 0];
  for (const [at, sample] of documents.entries()) {
    for (const { rules, at: place, mediaType, make } of some(kind.damages(sample), number * 1000 + at)) {
      const errors = errorsOf(make(), mediaType);
      total++;
      if (errors.length > 0) caught++;
      const isPlaced = errors.some((issue) => rules.includes(issue.rule) && (place === undefined || issue.expression === place));
      if (isPlaced) placed++;
      else
        missed.push(
          `${sample.name}: ${rules.join(" or ")} at ${place ?? ""}; ${errors.map((issue) => `${issue.rule} at ${issue.expression ?? ""}`).join(", ") || "nothing"}`,
        );
    }
  }
  return { kind, total, caught, placed, missed };
}

function isRight({ placed, total }: Outcome): boolean {
  return placed >= 0.99 * total;
}

function pendingOf(outcome: Outcome): string {
  if (outcome.kind.pending === undefined) return "";
  return isRight(outcome) ? "  no longer pending" : `  pending: ${outcome.kind.pending}`;
}

function table(outcomes: readonly Outcome[]): string {
  const width = Math.max(...outcomes.map(({ kind }) => kind.name.length));
  const rows = outcomes.map((outcome) => {
    const counts = [outcome.total, outcome.caught, outcome.placed].map((count) => String(count).padStart(6)).join("  ");
    return `${outcome.kind.name.padEnd(width)}  ${counts}${pendingOf(outcome)}`;
  });
  return [`${"damage".padEnd(width)}   total  caught  placed`, ...rows].join("\n");
}

test("damaged documents are caught where they are damaged", () => {
  const documents = samples();
  expect(documents.length).toBeGreaterThan(10);
  // What is damaged was sound before: else anything would be caught.
  for (const { bundle } of documents) expect(validate(bundle, [], DEFAULT_POLICY).filter(isError)).toEqual([]);

  const outcomes = KINDS.map((kind, number) => outcomeOf(kind, number, documents));
  const asked = outcomes.filter((outcome) => outcome.kind.pending === undefined || isRight(outcome));
  const sum = (of: (outcome: Outcome) => number): number => asked.reduce((total, outcome) => total + of(outcome), 0);
  const [total, caught, placed] = [sum((outcome) => outcome.total), sum((outcome) => outcome.caught), sum((outcome) => outcome.placed)];
  const misses = asked.flatMap(({ kind, missed }) => missed.slice(0, 3).map((miss) => `${kind.name}: ${miss}`));
  process.stdout.write(`${table(outcomes)}\n${placed} of ${total} at the right place, ${caught} caught\n${misses.join("\n")}\n`);

  expect(KINDS.length).toBeGreaterThanOrEqual(40);
  expect(total).toBeGreaterThanOrEqual(5000);
  // No kind is there in name only, and none is overlooked because others are many.
  expect(outcomes.filter((outcome) => outcome.total === 0).map(({ kind }) => kind.name)).toEqual([]);
  expect(asked.filter((outcome) => outcome.placed < 0.9 * outcome.total).map(({ kind }) => kind.name)).toEqual([]);
  expect(placed / total).toBeGreaterThanOrEqual(0.99);
});
