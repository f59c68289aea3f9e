/** Messages on both engines: sent by several at once and again and again while the services are killed, each is there whole or not at all, and answered the same, to the byte, whenever it comes. */
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { initialise } from "../../src/adapters/mongo/init.ts";
import { describeOnMongo, newDatabase } from "../adapters/mongo/server.ts";
import { message } from "../http/fhir/message.ts";
import { documentJson } from "./documents.ts";
import { freePort } from "./support/free-port.ts";
import { FirstAnswers, sentWhileKilled, type AnsweredRequest } from "./support/killed-while-sent.ts";
import { get } from "./support/requests.ts";
import { chartulary, startService, temporaryFolder, type Service } from "./support/service.ts";

const JSON_TYPE = "application/fhir+json";
/** Under which the service is known, wherever it listens. */
const BASE_URL = "https://documents.example.org";

async function send(url: string, body: string): Promise<AnsweredRequest | undefined> {
  try {
    const answer = await fetch(`${url}/fhir/$process-message`, { method: "POST", headers: { "Content-Type": JSON_TYPE }, body });
    return { status: answer.status, text: await answer.text() };
  } catch {
    return undefined;
  }
}

const codeIn = ({ text }: AnsweredRequest): string | undefined => /"identifier":"[^"]+","code":"([a-z-]+)"/.exec(text)?.[1];

interface Place {
  readonly environment: Readonly<Record<string, string>>;
  readonly instances: number;
}

function holds(placeOf: (folder: string) => Promise<Place>): void {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let place: Place;
  let services: Service[] = [];
  beforeAll(async () => {
    folder = await temporaryFolder();
    place = await placeOf(folder.path);
  });
  afterAll(async () => {
    for (const one of services) await one.stop();
    await folder.remove();
  });

  test("one deposit, one answer, always the same, and the audit agrees", async () => {
    // Under one address, wherever each listens: it stands in the names of events.
    const environment = { ...place.environment, BASE_URL };
    const ports = await Promise.all(Array.from({ length: place.instances }, () => freePort()));
    const urls = ports.map((port) => `http://127.0.0.1:${port}`);
    const urlAt = (at: number): string => urls[at % urls.length] ?? "";
    const dataFolder = join(folder.path, "data");
    const start = async (): Promise<readonly Service[]> => {
      services = [];
      for (const port of ports) services.push(await startService({ dataFolder, environment: { ...environment, PORT: String(port) } }));
      return services;
    };
    const answers = new FirstAnswers();
    const sent = await sentWhileKilled({
      start,
      make: () => message({ document: documentJson() }),
      send: (at, body) => send(urlAt(at), body),
      onTaken: (body, text) => answers.hold(body, text),
    });
    await start();
    const url = urlAt(0);
    for (const body of sent) {
      const answer = await send(url, body);
      expect(answer && [answer.status, codeIn(answer)]).toEqual([200, "ok"]);
      answers.hold(body, answer?.text ?? "");
    }
    // Of two messages of one id that say different things one is taken.
    const id = randomUUID();
    const rivals = await Promise.all([0, 1, 2, 3].map((at) => send(urlAt(at), message({ id, document: documentJson() }))));
    expect(rivals.map((answer) => answer && codeIn(answer)).sort()).toEqual(["fatal-error", "fatal-error", "fatal-error", "ok"]);
    const [, size] = (await get(`${url}/log/checkpoint`, "*/*")).text.split("\n");
    // A document and its message, each time.
    expect(Number(size)).toBe(2 * (sent.length + 1));
    const command = (...args: string[]) => chartulary(args, { DATA_DIR: dataFolder, ...environment });
    const audited = async (): Promise<void> => {
      const { code, errors } = await command("audit");
      expect([code, errors.slice(-2_000)]).toEqual([0, expect.anything()]);
    };
    await audited();
    // With its document what is kept of a message ends, on every instance.
    const [body = ""] = sent;
    const [, documentId = ""] = /\/fhir\/Bundle\/([0-9a-f-]{36})/.exec((await send(url, body))?.text ?? "") ?? [];
    expect((await command("erase", documentId, "--reason", "misfiled", "--by", "A. Smith")).code).toBe(0);
    for (const one of urls) {
      const answer = await send(one, body);
      expect(answer && [codeIn(answer), answer.text]).toEqual(["fatal-error", expect.stringContaining("erased")]);
    }
    await audited();
  });
}

describe("in a file", () => {
  holds(() => Promise.resolve({ environment: {}, instances: 1 }));
});

describeOnMongo("on MongoDB, with two instances", (server) => {
  holds(async (folder) => {
    const url = newDatabase(server);
    await initialise(url, undefined);
    return { environment: { KEYS_DIR: join(folder, "keys"), MONGODB_URL: url }, instances: 2 };
  });
});
