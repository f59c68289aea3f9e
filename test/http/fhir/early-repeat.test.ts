import { afterAll, afterEach, beforeAll, expect, test } from "@jest/globals";
import { randomUUID } from "node:crypto";
import { AppError } from "../../../src/core/errors.ts";
import { deposit, type DepositResult } from "../../../src/pipeline/deposit.ts";
import { createInlineWork } from "../../../src/pipeline/work/inline-work.ts";
import type { TaskTools } from "../../../src/pipeline/work/tasks.ts";
import type { Validator } from "../../../src/pipeline/validate/validate.ts";
import { askedByProgram } from "../../../src/core/asked.ts";
import { documentJson } from "../../journeys/documents.ts";
import { openHouse, TOOLS, type House } from "../house.ts";

/** A house that counts what is done with a document after it was read. `isBlind`: it sees no earlier deposit, as of one that is being committed. */
const done = { validated: 0, signatures: 0, described: 0 };
let isBlind = false;
let house: House;
beforeAll(async () => {
  const countingValidator = (validator: Validator): Validator => ({
    ...validator,
    judge: (...asked) => (done.validated++, validator.judge(...asked)),
    under: (policy) => countingValidator(validator.under(policy)),
  });
  const counting: Omit<TaskTools, "sealCertificates" | "earlierDeposit" | "pages"> = {
    ...TOOLS,
    validator: countingValidator(TOOLS.validator),
    answerSignatures: (question) => (done.signatures++, TOOLS.answerSignatures(question)),
    describe: (...asked) => (done.described++, TOOLS.describe(...asked)),
  };
  house = await openHouse({
    workWith: ({ sealCertificates, earlierDeposit }) =>
      createInlineWork({
        ...counting,
        sealCertificates,
        earlierDeposit: (identifier) => (isBlind ? Promise.resolve(undefined) : earlierDeposit(identifier)),
        pages: () => Promise.reject(new Error("no pages here")),
      }),
  });
});
afterAll(() => house.close());
afterEach(() => {
  Object.assign(done, { validated: 0, signatures: 0, described: 0 });
  isBlind = false;
});

const NOTHING = { validated: 0, signatures: 0, described: 0 };
/** Whoever may not know what came before is told what there would be without it. */
const LOOKED_AT = { validated: 1, signatures: 0, described: 1 };
const ALL = { validated: 1, signatures: 1, described: 1 };

async function send(text: string): Promise<{ readonly result: DepositResult; readonly cost: typeof done }> {
  Object.assign(done, NOTHING);
  const submission = {
    bytes: new TextEncoder().encode(text),
    mediaType: "application/fhir+json",
    receivedAt: new Date(),
    asked: askedByProgram("test"),
  } as const;
  const result = await deposit(submission, house.depositing);
  return { result, cost: { ...done } };
}

const created = async (text: string): Promise<string> => {
  const { result } = await send(text);
  if (result.kind !== "created") throw new Error(`it was ${result.kind}`);
  return result.entry.id;
};

/** A document that breaks a rule, of which its reader notices nothing. */
const invalid = (text: string): string => text.replace('"final"', '"finel"');

test("a repeat is read, and nothing else is done with it", async () => {
  const text = documentJson();
  const first = await send(text);
  expect(first.cost).toEqual(ALL);
  const again = await send(text);
  expect(again.result).toMatchObject({ kind: "repeated", entry: first.result.kind === "created" ? first.result.entry : undefined });
  expect(again.cost).toEqual(NOTHING);
});

test("so is one that is written otherwise", async () => {
  const text = documentJson();
  const id = await created(text);
  const again = await send(text.replace(/\n\s*/g, " "));
  expect(again.result).toMatchObject({ kind: "repeated", entry: { id } });
  expect(again.cost).toEqual(NOTHING);
});

test("another document of the same identifier is a conflict, valid or not, and nothing is sealed", async () => {
  const identifier = `urn:uuid:${randomUUID()}`;
  const id = await created(documentJson({ identifier }));
  const other = documentJson({ identifier, words: "Other words." });
  for (const text of [other, invalid(other)]) {
    const { result, cost } = await send(text);
    expect(result).toMatchObject({ kind: "conflict", conflict: { twin: { id }, differsIn: "content" } });
    expect(cost).toEqual({ ...LOOKED_AT, described: text === other ? 1 : 0 });
  }
});

test("a text with faults, of which a reader chose one reading, is refused whatever its identifier", async () => {
  const identifier = `urn:uuid:${randomUUID()}`;
  await created(documentJson({ identifier }));
  const { result, cost } = await send(documentJson({ identifier }).replace('"status"', '"status": "preliminary", "status"'));
  expect(result.kind).toBe("refused");
  expect(cost.validated).toBe(1);
});

test("an erased document's identifier stays taken, and its bytes are known again", async () => {
  const text = documentJson();
  const id = await created(text);
  await house.erase(id);
  const { result, cost } = await send(text);
  expect(result).toMatchObject({ kind: "conflict", conflict: { twin: { id }, differsIn: "erased" } });
  expect(cost).toEqual(LOOKED_AT);
});

test("what the early look misses the later one finds: the answers are the same", async () => {
  const identifier = `urn:uuid:${randomUUID()}`;
  const text = documentJson({ identifier });
  const id = await created(text);
  isBlind = true;
  expect((await send(text)).result).toMatchObject({ kind: "repeated", entry: { id } });
  for (const other of [documentJson({ identifier, words: "Other words." }), invalid(text)])
    expect((await send(other)).result).toMatchObject({ kind: "conflict", conflict: { twin: { id }, differsIn: "content" } });
});

test("of several that come at once one is created", async () => {
  const text = documentJson();
  const results = await Promise.all(Array.from({ length: 6 }, () => send(text)));
  const kinds = results.map(({ result }) => result.kind).sort();
  expect(kinds).toEqual(["created", "repeated", "repeated", "repeated", "repeated", "repeated"]);
  expect(new Set(results.map(({ result }) => "entry" in result && result.entry.id)).size).toBe(1);
});

test("while no document is taken, a repeat is answered, what can't be read is told of, and nothing is validated", async () => {
  const identifier = `urn:uuid:${randomUUID()}`;
  const text = documentJson({ identifier });
  const id = await created(text);
  const halted: House["depositing"] = {
    ...house.depositing,
    gate: { admit: () => Promise.reject(new AppError("unavailable", "The repository takes no documents: for this test")) },
  };
  const sendHalted = (body: string): Promise<DepositResult> =>
    deposit(
      { bytes: new TextEncoder().encode(body), mediaType: "application/fhir+json", receivedAt: new Date(), asked: askedByProgram("test") },
      halted,
    );
  Object.assign(done, NOTHING);
  expect(await sendHalted(text)).toMatchObject({ kind: "repeated", entry: { id } });
  expect(await sendHalted(documentJson({ identifier, words: "Other words." }))).toMatchObject({ kind: "conflict", conflict: { twin: { id } } });
  expect(await sendHalted("{")).toMatchObject({ kind: "unreadable" });
  await expect(sendHalted(documentJson())).rejects.toMatchObject({ code: "unavailable", message: expect.stringContaining("for this test") });
  expect(done).toEqual(NOTHING);
});
