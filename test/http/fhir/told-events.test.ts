/** What is told of a document that is damaged: that something happened, and not what; others are told of theirs. */
import { expect, test } from "@jest/globals";
import { AppError } from "../../../src/core/errors.ts";
import type { SubscriptionEvent } from "../../../src/events/event-rows.ts";
import { toldEvents, type TellingNeeds } from "../../../src/interactions/fhir/subscriptions/told-events.ts";

const [ONE, TWO] = ["11111111-1111-4111-8111-111111111111", "22222222-2222-4222-8222-222222222222"];
const ASKED = { caller: { kind: "unauthenticated" }, channel: "program", requestId: "a" } as const;

function needs(code: "damaged" | "unavailable", damages: string[]): TellingNeeds {
  const of = (id: string): Promise<readonly string[]> =>
    id === ONE ? Promise.reject(new AppError(code, `document ${id} is ${code}`)) : Promise.resolve(["{}"]);
  const reader = {
    standing: (_: unknown, wanted: readonly unknown[]) => Promise.resolve(wanted.map(() => "known")),
    pageOf: () => Promise.resolve({ of }),
    person: () => Promise.reject(new Error("not asked for")),
  };
  return {
    reader: reader as unknown as TellingNeeds["reader"],
    fhirBase: "https://documents.example.org/fhir",
    onDamage: ({ message }) => void damages.push(message),
  };
}

const EVENTS = [ONE, TWO].map((id, at): SubscriptionEvent => {
  return { subscription: "s", number: at + 1, position: at, kind: "deposited", at: "2026-03-14T09:30:00.000Z", focus: [`DocumentReference/${id}`] };
});

test("a damaged document holds nobody up: its event is told without content, and the damage is told here", async () => {
  const damages: string[] = [];
  const told = await toldEvents(ASKED, EVENTS, "json", needs("damaged", damages));
  expect(told.map(({ event: { number }, foci }) => [number, foci.length])).toEqual([
    [1, 0],
    [2, 1],
  ]);
  expect(damages).toEqual([`document ${ONE} is damaged`]);
});

test("what goes away by itself is waited for", async () => {
  await expect(toldEvents(ASKED, EVENTS, "json", needs("unavailable", []))).rejects.toThrow("is unavailable");
});
