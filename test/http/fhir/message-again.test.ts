/** A message that comes again as the very bytes it was: its answer is found by its ids, before anything is read; and nothing is read of who may not send messages. */
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { randomUUID } from "node:crypto";
import type { Asked } from "../../../src/core/asked.ts";
import { AppError } from "../../../src/core/errors.ts";
import { readJson } from "../../../src/core/fhir/json/read-json.ts";
import { writeJson } from "../../../src/core/fhir/json/write-json.ts";
import { DEFAULT_READ_LIMITS } from "../../../src/core/fhir/reading/read-limits.ts";
import { SourceText } from "../../../src/core/fhir/reading/source-text.ts";
import { writeXml } from "../../../src/core/fhir/xml/write-xml.ts";
import { processMessage, type MessageNeeds } from "../../../src/interactions/fhir/messages/process-message.ts";
import type { OperationAnswer } from "../../../src/interactions/fhir/operation.ts";
import { OPEN_ACCESS, type Access } from "../../../src/security/access.ts";
import { ALLOW_NOTHING } from "../../../src/security/issuers/reach.ts";
import { documentJson } from "../../journeys/documents.ts";
import { R4 } from "../../r4.ts";
import { openHouse, type House } from "../house.ts";
import { message } from "./message.ts";

let house: House;
beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house.close());

const NOBODY: Asked = { caller: { kind: "unauthenticated" }, channel: "rest", requestId: "a" };
const refuse = (): never => {
  throw new Error("not asked for");
};

/** Counts what is read. */
function counting(access: Access = OPEN_ACCESS): { readonly using: MessageNeeds; read: number; posted: string[]; hasRoom: boolean } {
  const { depositing } = house;
  const state = { read: 0, posted: [] as string[], hasRoom: true };
  const work: MessageNeeds["depositing"]["work"] = {
    do: (name, ...given) => {
      state.read++;
      return depositing.work.do(name, ...given);
    },
    close: () => Promise.resolve(),
  };
  const outbox: MessageNeeds["outbox"] = {
    post: ({ url }) => Promise.resolve(void state.posted.push(url)),
    hasRoom: () => Promise.resolve(state.hasRoom),
  };
  const using = {
    depositing: { ...depositing, work },
    access,
    outbox,
    callbackAllow: ALLOW_NOTHING,
    reader: { mayName: refuse },
    resources: { search: refuse },
  };
  return Object.assign(state, { using });
}

function call(
  text: string,
  { using }: ReturnType<typeof counting>,
  { asked = NOBODY, query = {} }: { readonly asked?: Asked; readonly query?: Readonly<Record<string, string>> } = {},
): Promise<OperationAnswer> {
  const isXml = text.startsWith("<");
  const sent = { bytes: new TextEncoder().encode(text), mediaType: isXml ? "application/fhir+xml" : "application/fhir+json" } as const;
  return processMessage(using).handle(asked, { sent, query: new Map(Object.entries(query)), parameters: [], handling: "strict" });
}

const textOf = (answer: OperationAnswer): string => ("resource" in answer ? writeJson(answer.resource) : answer.kind);

function xmlOf(json: string): string {
  const { resource } = readJson(new SourceText(json), DEFAULT_READ_LIMITS);
  return resource ? writeXml(resource, R4.definitions) : "";
}

test.each([
  ["JSON", (text: string) => text],
  ["XML", xmlOf],
])("%s: the same bytes are answered the same, and are not read", async (_, form) => {
  const text = form(message({ document: documentJson() }));
  const counted = counting();
  const first = textOf(await call(text, counted));
  expect(first).toContain('"code":"ok"');
  const { read } = counted;
  expect(read).toBeGreaterThan(0);
  expect(textOf(await call(text, counted))).toBe(first);
  expect(counted.read).toBe(read);
  // Other bytes that say the same are read, and answered the same.
  expect(textOf(await call(`${text}\n`, counted))).toBe(first);
  expect(counted.read).toBeGreaterThan(read);
});

test("the ids of another message are no way to its answer", async () => {
  const [id, bundleId] = [randomUUID(), randomUUID()];
  const counted = counting();
  await call(message({ id, bundleId, document: documentJson() }), counted);
  expect(textOf(await call(message({ id, bundleId, document: documentJson() }), counted))).toContain("says something else");
});

test("another sender of the same bytes is given no answer that was another's", async () => {
  const text = message({ document: documentJson() });
  const counted = counting();
  await call(text, counted);
  const { read } = counted;
  const other: Asked = {
    ...NOBODY,
    caller: { kind: "system", issuer: "https://issuer.example.org", subject: "other", name: "other", roles: [], organisations: [], clearance: [] },
  };
  expect(textOf(await call(text, counted, { asked: other }))).toContain("deposited before");
  expect(counted.read).toBeGreaterThan(read);
});

test("its answer goes to response-url where that is asked for, and a fault of that is told", async () => {
  const text = message({ document: documentJson() });
  const counted = counting();
  await call(text, counted);
  const query = { async: "true", "response-url": "https://clinic.example.org/answers" };
  expect((await call(text, counted, { query })).kind).toBe("promised");
  expect(counted.posted).toEqual([query["response-url"]]);
  expect((await call(text, counted, { query: { async: "true" } })).kind).toBe("unreadable");
});

test("who has too many answers waiting is told so, and nothing is done", async () => {
  const counted = counting();
  const query = { async: "true", "response-url": "https://clinic.example.org/answers" };
  const text = message({ document: documentJson() });
  const size = async (): Promise<number> => (await house.store.checkpoint())?.size ?? 0;
  const before = await size();
  counted.hasRoom = false;
  const refusal = await call(text, counted, { query });
  expect([refusal, await size(), counted.posted]).toEqual([expect.objectContaining({ kind: "refused", status: 429 }), before, []]);
  expect(textOf(refusal)).toContain("Nothing was done");
  expect(textOf(await call(text, counted))).toContain('"code":"ok"');
});

test("of who may neither deposit nor search nothing is read; of who may search, it is", async () => {
  const permit: MessageNeeds["depositing"]["permit"] = {
    enter: () => Promise.reject(new AppError("forbidden", "not to deposit")),
    document: refuse,
    repeated: refuse,
    mayKnow: refuse,
  };
  const with_ = async (may: boolean): Promise<readonly [string, number]> => {
    const grant = await OPEN_ACCESS.grantOf(NOBODY);
    const counted = counting({ grantOf: () => Promise.resolve({ ...grant, may: () => may }) });
    const using = { ...counted.using, depositing: { ...counted.using.depositing, permit } };
    const refusal = await call(message({ document: documentJson() }), { ...counted, using }).catch((error: unknown) => error as AppError);
    return [refusal instanceof AppError ? refusal.message : textOf(refusal), counted.read];
  };
  expect(await with_(false)).toEqual(["not to deposit", 0]);
  expect(await with_(true)).toEqual(["not to deposit", 1]);
});
