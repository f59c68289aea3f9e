/** That an index narrowed by thousands of different consents finds what the decision, asked of each document and each person by itself, permits. */
import { describe, expect, test } from "@jest/globals";
import { permits, type PredicateFacts } from "../../src/search/predicate.ts";
import { endOf, positionOf } from "../../src/search/resource-number.ts";
import type { KnownCaller } from "../../src/core/asked.ts";
import { combined } from "../../src/security/consent/combined.ts";
import { ConsentBook } from "../../src/security/consent/consent-book.ts";
import type { EnteredConsent } from "../../src/security/consent/consenting-persons.ts";
import type { ConsentQuestion } from "../../src/security/consent/caller-conditions.ts";
import { regionsOf } from "../../src/security/consent/regions.ts";
import { termsOf } from "../../src/security/consent/terms.ts";
import { consent, question } from "../security/consent/facts.ts";
import { organisation, RECIPIENT } from "../security/consent/cases.ts";
import type { IndexPlace } from "./index-port.ts";
import { newDocument, stepOf } from "./indexed.ts";
import { Random } from "./random.ts";

const PERSONS = 3_000;
const DOCUMENTS = 300;
const TYPES = ["a", "b", "c"] as const;

const keyOf = (at: number): string => `identifier:urn:oid:1|${at}`;
const HOUSES = ["A", "B", "C", "D"] as const;

/** A rule about something of each kind, often something that no other patient says. */
function provision(random: Random, at: number, depth = 0): object {
  const one = random.below(7);
  const condition = [
    {},
    { actor: [{ role: RECIPIENT, reference: organisation(random.one([...HOUSES, `house ${at}`])) }] },
    { class: [{ system: "s", code: random.one([...TYPES, `type ${at}`]) }] },
    { code: [{ coding: [{ system: "s", code: random.one([...TYPES, `code ${at}`]) }] }] },
    { securityLabel: [{ code: random.one(["HIV", "PSY", "R"]) }] },
    { dataPeriod: { start: `20${10 + random.below(10)}-0${1 + random.below(9)}-01`, end: `202${random.below(6)}-0${1 + random.below(9)}-01` } },
    { period: { end: `20${20 + random.below(20)}-05-0${1 + random.below(9)}` } },
  ][one];
  const exceptions = depth > 1 ? [] : random.many(random.below(3), () => provision(random, at, depth + 1));
  // One in forty says what nobody can evaluate.
  const strange = random.below(40) === 0 ? { action: [{ coding: [{ code: "sell" }] }] } : {};
  return { type: random.one(["permit", "deny"]), ...condition, ...strange, ...(exceptions.length > 0 && { provision: exceptions }) };
}

function consentsOf(random: Random, at: number): EnteredConsent[] {
  const body = (): object => ({ dateTime: `202${random.below(6)}-01-01`, provision: provision(random, at) });
  return random.many(1 + random.below(2), (number) => consent(body(), `c${at}-${number}`, { keys: [keyOf(at)], documents: [] }));
}

/** The decision as it reads, without a book: one denial suffices; in a house that needs a consent, so does nothing that is said. */
function isPermitted(
  own: readonly (readonly EnteredConsent[])[],
  asked: ConsentQuestion,
  model: "opt-in" | "opt-out",
  facts: PredicateFacts,
): boolean {
  const said = own.map((consents) => {
    const dated = consents.map((one) => ({ one, date: one.resource.string("dateTime") ?? "" }));
    return combined(dated.map(({ one, date }) => ({ regions: regionsOf(termsOf(one.resource), asked), rank: Number(date.slice(0, 4)) })));
  });
  if (said.some(({ denied }) => permits(denied, facts))) return false;
  return model === "opt-out" || said.some(({ permitted }) => permits(permitted, facts));
}

export function describeManyConsents(name: string, newPlace: () => Promise<IndexPlace>): void {
  describe(`${name} with many consents`, () => {
    test("finds what each consent by itself permits, whatever is asked of it", async () => {
      const place = await newPlace();
      const index = await place.open();
      try {
        const random = new Random(2026);
        const persons = random.many(PERSONS, (at) => consentsOf(random, at));
        const documents = random.many(DOCUMENTS, (from) => {
          // Some are about a patient of whom nobody says anything, some about two whom consents tell apart.
          const about = random.many(1 + (random.chance(15) ? 1 : 0), () => random.below(PERSONS * 1.2));
          const header = [{ place: 0, type: "Composition", path: "0", rows: [{ kind: "word", name: "a", value: "x", part: 0 } as const] }];
          const [day, type] = [`20${10 + random.below(16)}-06-01`, random.one(TYPES)];
          return newDocument({
            from,
            header,
            terms: ["ada"],
            facts: {
              patient: about.map(keyOf),
              type: [`s|${type}`],
              codes: [`s|${type}`, `s|${random.one(TYPES)}`],
              clearance: [random.one(["N", "R", "V"]), ...["HIV", "PSY"].filter(() => random.chance(20))],
              written: [`${day}T00:00:00.000Z`, `${day}T23:59:59.999Z`],
            },
          });
        });
        await index.advance(stepOf(documents));
        const book = new ConsentBook(persons.flat());
        const callers: Partial<KnownCaller>[] = [{ organisations: ["urn:oid:2|A"] }, { organisations: [] }, { kind: "system", organisations: ["urn:oid:2|B", "urn:oid:2|D"] }]; // prettier-ignore
        for (const caller of callers)
          for (const model of ["opt-out", "opt-in"] as const) {
            const asked = question({}, caller);
            const { permitted } = book.ask(asked, model);
            const seen = documents.filter(({ facts, summary }) => {
              const own = facts.patient.flatMap((key) => [persons[Number(key.split("|")[1])] ?? []]).filter((one) => one.length > 0);
              return isPermitted(own, asked, model, { ...facts, id: summary.id });
            });
            const newestFirst = seen.map(({ summary }) => summary.id).toReversed();
            expect(seen.length).toBeGreaterThan(0);
            expect(seen.length).toBeLessThan(DOCUMENTS);
            const ids = (found: readonly { readonly summary: { readonly id: string } }[]): string[] => found.map(({ summary }) => summary.id);
            expect(ids(await index.newest(DOCUMENTS, permitted))).toEqual(newestFirst);
            expect(ids(await index.newest(7, permitted))).toEqual(newestFirst.slice(0, 7));
            expect(ids(await index.search(["ada"], DOCUMENTS, permitted))).toEqual(newestFirst);
            const all = documents.map(({ summary }) => summary.id);
            expect(ids(await index.documents(all, permitted))).toEqual(newestFirst.toReversed());
            const probe = { kind: "row", anyOf: [{ kind: "word", name: "a", match: "whole", value: "x" }] } as const;
            const scope = { permitted, isCurrent: false };
            for (const count of [5, DOCUMENTS]) {
              const numbers = await index.find("Composition", probe, { below: endOf(DOCUMENTS), count }, scope);
              expect(numbers.map(positionOf)).toEqual(seen.map(({ from }) => from).toReversed().slice(0, count)); // prettier-ignore
            }
          }
      } finally {
        await index.close();
        await place.remove();
      }
    });
  });
}
