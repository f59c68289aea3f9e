import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { openAuditRepository } from "../../src/adapters/callbacks/audit-repository.ts";
import { openKeyFolder } from "../../src/adapters/keys/key-folder.ts";
import { spoolFolder } from "../../src/adapters/trail-spool/spool-folder.ts";
import { loadConfig } from "../../src/config.ts";
import type { Keys } from "../../src/core/crypto/keys.ts";
import { openAuditFeed, type AuditFeed } from "../../src/main/audit-feed.ts";
import { TrailKeys } from "../../src/pipeline/trail/trail-keys.ts";
import { Trail } from "../../src/pipeline/trail/trail.ts";
import { guardedLookup } from "../../src/security/issuers/reach.ts";
import { MemoryPositions } from "../contracts/memory-positions.ts";
import { MemoryTrail } from "../contracts/memory-trail.ts";
import { until } from "../journeys/program.ts";

/** A repository of AuditEvents that answers as a test says: by an event's `outcomeDesc` the status of each; `whole`: that of all. */
interface Repository {
  readonly base: string;
  readonly got: string[];
  readonly posts: string[];
  readonly headers: IncomingHttpHeaders[];
  each: (text: string) => number;
  whole: ((isBundle: boolean) => number) | undefined;
  /** Answers nothing. */
  sleeps: boolean;
  stop(): Promise<void>;
}

interface Sent {
  readonly resourceType: string;
  readonly outcomeDesc?: string;
  readonly entry?: readonly { readonly resource: Sent; readonly request: { readonly method: string; readonly url: string } }[];
}

async function repositoryAt(port = 0): Promise<Repository> {
  const server: Server = createServer((request, response) => {
    void (async () => {
      const pieces: Uint8Array[] = [];
      for await (const piece of request as AsyncIterable<Uint8Array>) pieces.push(piece);
      const sent = JSON.parse(Buffer.concat(pieces).toString("utf8")) as Sent;
      told.posts.push(`${request.method} ${request.url} ${sent.resourceType}`);
      told.headers.push(request.headers);
      if (told.sleeps) return;
      const whole = told.whole?.(sent.resourceType === "Bundle");
      if (whole !== undefined) return void response.writeHead(whole, { Location: "http://127.0.0.1:1/elsewhere" }).end();
      const events = (sent.entry?.map(({ resource }) => resource) ?? [sent]).map(({ outcomeDesc = "" }) => outcomeDesc);
      const statuses = events.map((text) => told.each(text));
      told.got.push(...events.filter((_text, at) => statuses[at] === 201));
      if (!sent.entry) return void response.writeHead(statuses[0] ?? 500).end();
      for (const { request: own } of sent.entry) expect(own).toEqual({ method: "POST", url: "AuditEvent" });
      response.end(JSON.stringify({ resourceType: "Bundle", type: "batch-response", entry: statuses.map((status) => ({ response: { status: `${status} x` } })) })); // prettier-ignore
    })();
  });
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  const told: Repository = {
    ...{ base: `http://127.0.0.1:${(server.address() as AddressInfo).port}/fhir`, got: [], posts: [], headers: [] },
    ...{ each: () => 201, whole: undefined, sleeps: false },
    stop: () => {
      server.closeAllConnections();
      return new Promise<void>((resolve) => void server.close(() => resolve()));
    },
  };
  return told;
}

let folder: string;
let keys: Keys;
let store: MemoryTrail;
let positions: MemoryPositions;
let trail: Trail;
let repository: Repository;
let faults: string[];
const open: AuditFeed[] = [];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "chartulary-feed-"));
  keys = await openKeyFolder(join(folder, "keys"));
  store = new MemoryTrail();
  positions = new MemoryPositions();
  trail = await openLog("one");
  repository = await repositoryAt();
  faults = [];
});
afterEach(async () => {
  await Promise.all(open.splice(0).map((one) => one.close()));
  await trail.close();
  await repository.stop();
  rmSync(folder, { recursive: true, force: true });
});

const openLog = (log: string): Promise<Trail> => Trail.open({ store, spool: spoolFolder(join(folder, `spool-${log}`)), keys, log, onFault: () => undefined }); // prettier-ignore
const tell = (...texts: readonly string[]): Promise<void> => trail.record(texts.map(eventOf));
const eventOf = (text: string) => ({ at: new Date().toISOString(), kind: "search" as const, action: "E" as const, outcome: 0 as const, who: { kind: "unauthenticated" as const }, text }); // prettier-ignore

function feed(base = repository.base): AuditFeed {
  const config = loadConfig({ environment: { AUDIT_FEED_URL: base } });
  const onFault = (error: unknown, what: string): void => void faults.push(`${what}: ${(error as Error).message}`);
  const opened = openAuditFeed(config, {
    store,
    dayKeys: new TrailKeys(keys, store),
    positions,
    trail,
    fhirBase: "http://own/fhir",
    look: 5,
    onFault,
  });
  if (!opened) throw new Error("nothing is fed");
  open.push(opened);
  return opened;
}

async function got(...texts: readonly unknown[]): Promise<void> {
  await until(() => repository.got.length >= texts.length, 5).catch(() => undefined);
  expect(repository.got).toEqual(texts);
}
const figure = async (name: string, { looks }: AuditFeed): Promise<Readonly<Record<string, number>>> =>
  (await looks.find((look) => look.name === name)?.values()) ?? {};
/** What the repository got is counted once its answer is here. */
const shows = async (name: string, opened: AuditFeed, wanted: Readonly<Record<string, number>>): Promise<void> => {
  await until(async () => isDeepStrictEqual(await figure(name, opened), wanted), 5).catch(() => undefined);
  expect(await figure(name, opened)).toEqual(wanted);
};
const PASSED = expect.stringMatching(/^the audit record repository refused AuditEvent\/\S+ \(422\)$/);

describe("the feed of the audit trail", () => {
  test("sends what is there and what comes, oldest first: one by itself, several as a batch", async () => {
    await tell("a");
    await tell("b");
    await tell("c");
    const opened = feed();
    await got("a", "b", "c");
    await tell("d");
    await got("a", "b", "c", "d");
    expect(repository.posts).toEqual(["POST /fhir Bundle", "POST /fhir/AuditEvent AuditEvent"]);
    await shows("chartulary_audit_feed_waiting", opened, { value: 0 });
    expect(faults).toEqual([]);
  });

  test("goes on where it stood; another repository is given all of it", async () => {
    await tell("a");
    const first = feed();
    await got("a");
    await until(async () => (await figure("chartulary_audit_feed_waiting", first))["value"] === 0);
    await first.close();
    await tell("b");
    feed();
    await got("a", "b");
    const other = await repositoryAt();
    feed(other.base);
    await until(() => other.got.length === 2);
    expect(other.got).toEqual(["a", "b"]);
    await other.stop();
  });

  test.each([500, 401, 403, 429, 302])("what is answered with %d is sent again until it is taken, and told once", async (status) => {
    repository.whole = () => status;
    await tell("a", "b");
    const opened = feed();
    await until(() => repository.posts.length > 2);
    expect(await figure("chartulary_audit_feed_failing", opened)).toEqual({ value: 1 });
    repository.whole = undefined;
    await got("a", "b");
    await until(async () => (await figure("chartulary_audit_feed_failing", opened))["value"] === 0);
    expect(faults).toEqual([expect.stringContaining(String(status))]);
  });

  test("a repository that is away holds up the feed alone, and is given everything when it is back", async () => {
    const port = Number(new URL(repository.base).port);
    const { base } = repository;
    await repository.stop();
    feed(base);
    await tell("a");
    await until(() => faults.length > 0);
    await tell("b");
    repository = await repositoryAt(port);
    await got("a", "b");
    expect(faults.join()).not.toMatch(/127\.0\.0\.1/);
  });

  test.each([true, false])(
    "an event that is refused while others are taken is passed over, and the trail says so (Bundles are read: %s)",
    async (reads) => {
      repository.each = (text) => (text === "bad" ? 422 : 201);
      repository.whole = (isBundle) => (isBundle && !reads ? 400 : undefined) as never;
      await tell("a", "bad", "c");
      const opened = feed();
      await got("a", "c", PASSED);
      await shows("chartulary_audit_feed_total", opened, { sent: 3, refused: 1, destroyed: 0, damaged: 0 });
      expect(faults).toEqual([expect.stringContaining("(422)")]);
    },
  );

  test("what is said of a refused event is not said again of what says it", async () => {
    repository.each = (text) => (text.startsWith("the audit record repository refused") || text === "bad" ? 422 : 201);
    await tell("a", "bad");
    feed();
    await tell("c");
    await got("a", "c");
    await tell("d");
    await got("a", "c", "d");
    expect((await store.checkpoint("one"))?.size).toBeLessThanOrEqual(4);
  });

  test("a repository that refuses whatever it is sent loses nothing: it is asked again", async () => {
    repository.each = () => 400;
    await tell("a", "b");
    feed();
    await until(() => repository.posts.length > 2);
    expect(faults).toEqual([expect.stringContaining("refuses whatever it is sent (400)")]);
    repository.each = () => 201;
    await got("a", "b");
  });

  test("what a batch's answer says is not taken now is sent again, and nothing else of it", async () => {
    let isBusy = true;
    repository.each = (text) => (text === "b" && isBusy ? 503 : 201);
    await tell("a", "b", "c");
    feed();
    await until(() => faults.length > 0);
    isBusy = false;
    await got("a", "c", "b");
  });

  test("a day whose keys were destroyed does not hold up what came after it", async () => {
    await tell("gone");
    // Of today, which no operator can end: only the key of this log is gone.
    const keyOf = store.key.bind(store);
    jest.spyOn(store, "key").mockImplementation((name) => (name.endsWith("/one") ? Promise.resolve(undefined) : keyOf(name)));
    trail = await openLog("other");
    await tell("after");
    const opened = feed();
    await got("after");
    await until(async () => (await figure("chartulary_audit_feed_total", opened))["destroyed"] === 1);
  });

  test("every log is fed by whoever runs, also of an instance that is gone", async () => {
    await tell("one");
    trail = await openLog("two");
    await tell("two");
    feed();
    feed();
    await until(() => repository.got.length === 2);
    expect([...repository.got].sort()).toEqual(["one", "two"]);
  });

  test("an older trail that was put in the place of the one that was fed: what comes after its end is fed", async () => {
    for (const text of ["a", "b", "c"]) await tell(text);
    const first = feed();
    await got("a", "b", "c");
    await until(async () => (await figure("chartulary_audit_feed_waiting", first))["value"] === 0);
    await first.close();
    store = new MemoryTrail();
    trail = await openLog("one");
    await tell("a");
    feed();
    await new Promise((resolve) => setTimeout(resolve, 50));
    await tell("new");
    await got("a", "b", "c", "new");
  });
});

describe("a repository over HTTP", () => {
  const opened = (more: object = {}) =>
    openAuditRepository({ base: repository.base, lookup: guardedLookup(new URL(repository.base), "127.0.0.1", { hosts: new Set(), addresses: loadConfig({ environment: {} }).proof.callbackAllow.addresses }), ...more }); // prettier-ignore

  test("that sleeps is not waited for for ever, and neither at the end", async () => {
    repository.sleeps = true;
    await expect(opened({ time: 50 }).one({})).rejects.toMatchObject({ code: "unavailable" });
    const closing = opened();
    const asked = expect(closing.one({})).rejects.toMatchObject({ code: "unavailable" });
    setTimeout(() => closing.close(), 20);
    await asked;
  });

  test("is shown the token as it stands in its file now; a file that is not there is a reason to wait, which does not name it", async () => {
    const tokenFile = join(folder, "token");
    const asking = opened({ tokenFile });
    await expect(asking.one({ resourceType: "AuditEvent" })).rejects.toMatchObject({ code: "unavailable", message: expect.not.stringContaining("token") }); // prettier-ignore
    for (const token of ["first", "second"]) {
      writeFileSync(tokenFile, `${token}\n`);
      await asking.one({ resourceType: "AuditEvent" });
    }
    expect(repository.headers.map(({ authorization }) => authorization)).toEqual(["Bearer first", "Bearer second"]);
  });

  test("whose answer to a batch does not tell of each event has told of none", async () => {
    repository.whole = () => 200;
    expect(await opened().several([{}, {}])).toEqual({ status: 200 });
  });
});
