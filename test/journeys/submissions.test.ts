/** Submissions of IHE MHD on both engines: sent by several at once and again and again while the services are killed, each is there whole or not at all, and answered the same whenever it comes. */
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { join } from "node:path";
import { initialise } from "../../src/adapters/mongo/init.ts";
import { describeOnMongo, newDatabase } from "../adapters/mongo/server.ts";
import { submission, urnOid, type SubmittedOptions } from "../http/fhir/mhd-submission.ts";
import { documentJson } from "./documents.ts";
import { FirstAnswers, sentWhileKilled, type AnsweredRequest } from "./support/killed-while-sent.ts";
import { get } from "./support/requests.ts";
import { chartulary, startService, temporaryFolder, type Service } from "./support/service.ts";

const JSON_TYPE = "application/fhir+json";

const newSubmission = (options: Partial<SubmittedOptions> = {}): string =>
  submission({
    ...options,
    documents: [{ text: documentJson(), as: "bundle" } as const, { text: documentJson(), as: "binary" } as const],
    folder: true,
  });

async function send(url: string, body: string): Promise<AnsweredRequest | undefined> {
  try {
    const answer = await fetch(`${url}/fhir`, { method: "POST", headers: { "Content-Type": JSON_TYPE }, body });
    // Every start has another port.
    return { status: answer.status, text: (await answer.text()).replace(/http:\/\/127\.0\.0\.1:\d+/g, "") };
  } catch {
    return undefined;
  }
}

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

  test("all or nothing, the same answer again, and the audit agrees", async () => {
    const start = async (): Promise<readonly Service[]> => {
      services = [];
      for (let at = 0; at < place.instances; at++)
        services.push(await startService({ dataFolder: join(folder.path, "data"), environment: place.environment }));
      return services;
    };
    const answers = new FirstAnswers();
    const sent = await sentWhileKilled({
      start,
      make: newSubmission,
      send: (at, body) => send(services[at % services.length]?.url ?? "", body),
      onTaken: (body, text) => answers.hold(body, text),
    });
    await start();
    for (const body of sent) {
      const answer = await send(services[0]?.url ?? "", body);
      expect(answer?.status).toBe(200);
      answers.hold(body, answer?.text ?? "");
    }
    // Of two submissions of one name that come at once one is refused, whole.
    const setIdentifier = urnOid();
    const rivals = await Promise.all([0, 1, 2, 3].map((at) => send(services[at % services.length]?.url ?? "", newSubmission({ setIdentifier }))));
    expect(rivals.map((answer) => answer?.status).sort()).toEqual([200, 409, 409, 409]);
    sent.push("the one of them that was taken");
    const [, size] = (await get(`${services[0]?.url ?? ""}/log/checkpoint`, "*/*")).text.split("\n");
    // Two documents and the submission itself, each time.
    expect(Number(size)).toBe(3 * sent.length);
    const command = (...args: string[]) => chartulary(args, { DATA_DIR: join(folder.path, "data"), ...place.environment });
    const audited = async (): Promise<void> => {
      const { code, errors } = await command("audit");
      expect([code, errors.slice(-2_000)]).toEqual([0, expect.anything()]);
    };
    await audited();
    // With a document of it what is kept of a submission ends, on every instance.
    const [body = ""] = sent;
    const [, id = ""] = /\/fhir\/Binary\/([0-9a-f-]{36})\//.exec((await send(services[0]?.url ?? "", body))?.text ?? "") ?? [];
    expect((await command("erase", id, "--reason", "misfiled", "--by", "A. Smith")).code).toBe(0);
    for (const one of services) expect((await send(one.url, body))?.status).toBe(410);
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
