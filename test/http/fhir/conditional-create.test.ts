/** Conditional creates (R4 http.html) of one identifier that reach the log together: each of them found nothing before. */
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { randomUUID } from "node:crypto";
import type { DepositContext } from "../../../src/pipeline/deposit.ts";
import { documentJson } from "../../journeys/documents.ts";
import { openHouse, type House } from "../house.ts";
import { ask, type RawAnswer } from "../local-server.ts";

const MANY = 4;
const JSON_TYPE = { "Content-Type": "application/fhir+json" };
const urn = (): string => `urn:uuid:${randomUUID()}`;
const identifier = (value: string): string => `identifier=urn:ietf:rfc:3986|${value}`;

/** Releases those that wait once as many are there as are expected; whoever comes later passes. */
class Barrier {
  #expected = 0;
  readonly #waiting: (() => void)[] = [];

  expect(count: number): void {
    this.#expected = count;
  }

  pass(): Promise<void> {
    if (this.#expected === 0) return Promise.resolve();
    this.#expected--;
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      if (this.#expected === 0) for (const release of this.#waiting.splice(0)) release();
    });
  }
}

const barrier = new Barrier();
let house: House;

const post = (path: string, body: string, headers: Record<string, string> = {}): Promise<RawAnswer> =>
  ask(house.port, { method: "POST", path: `/fhir${path}`, headers: { ...JSON_TYPE, ...headers }, body });
const sizeOfLog = async (): Promise<number> => (await house.store.checkpoint())?.size ?? 0;
const transaction = (document: string, ifNoneExist: string): string =>
  `{"resourceType":"Bundle","type":"transaction","entry":[{"resource":${document},"request":${JSON.stringify({ method: "POST", url: "Bundle", ifNoneExist })}}]}`;

beforeAll(async () => {
  house = await openHouse({
    change: ({ store, ledger }) => {
      const append: DepositContext["ledger"]["append"] = async (unit, condition) => {
        await barrier.pass();
        return ledger.append(unit, condition);
      };
      return { store, ledger: Object.assign(Object.create(ledger) as typeof ledger, { append }) };
    },
  });
});
afterAll(() => house.close());

test("one that comes a moment later is told what its condition finds now, not that the identifier is taken", async () => {
  const [before, value] = [await sizeOfLog(), urn()];
  barrier.expect(MANY);
  const answers = await Promise.all(
    Array.from({ length: MANY }, (_, at) =>
      post("/Bundle", documentJson({ identifier: value, words: `Letter ${at}.` }), { "If-None-Exist": identifier(value) }),
    ),
  );
  expect(answers.map(({ status }) => status).sort()).toEqual([200, 200, 200, 201]);
  expect(new Set(answers.map(({ headers }) => headers.location)).size).toBe(1);
  expect(await sizeOfLog()).toBe(before + 1);
});

test("so are transactions", async () => {
  const [before, value] = [await sizeOfLog(), urn()];
  barrier.expect(MANY);
  const answers = await Promise.all(
    Array.from({ length: MANY }, (_, at) => post("", transaction(documentJson({ identifier: value, words: `Note ${at}.` }), identifier(value)))),
  );
  const told = answers.map(({ status, body }) => `${status} ${/"status":"(\d+)/.exec(String(body))?.[1] ?? ""}`);
  expect(told.sort()).toEqual(["200 200", "200 200", "200 200", "200 201"]);
  expect(await sizeOfLog()).toBe(before + 1);
});

test("what the condition does not find stays a conflict", async () => {
  const [before, value] = [await sizeOfLog(), urn()];
  barrier.expect(2);
  const document = (at: number): string => documentJson({ identifier: value, words: `Report ${at}.` });
  const single = await Promise.all([0, 1].map((at) => post("/Bundle", document(at), { "If-None-Exist": identifier(urn()) })));
  expect(single.map(({ status }) => status).sort()).toEqual([201, 409]);
  expect((await post("", transaction(document(2), identifier(urn())))).status).toBe(409);
  expect(await sizeOfLog()).toBe(before + 1);
});
