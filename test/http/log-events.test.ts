/** The log as Server-Sent Events: from where a follower was, within bounds. */
import { afterEach, expect, test } from "@jest/globals";
import express from "express";
import { eventRoutes, EVENT_STREAM_LIMITS, type EventStreamLimits } from "../../src/http/log/event-routes.ts";
import type { LogFollowing } from "../../src/interactions/log/follow-log.ts";
import { serveLocally, type LocalServer } from "./local-server.ts";

let server: LocalServer;
let [size, isStopping] = [3, false];
afterEach(() => server.close());

const following: LogFollowing = {
  size: () => Promise.resolve(size),
  entriesFrom: (index) =>
    Promise.resolve(
      Array.from({ length: Math.min(256, Math.max(0, size - index)) }, (_, n) => ({
        ...{ index: index + n, kind: "deposit", id: `entry-${index + n}`, size: index + n + 1 },
      })),
    ),
};

async function start(limits: Partial<EventStreamLimits>): Promise<void> {
  const app = express();
  app.use(eventRoutes(following, () => isStopping, { ...EVENT_STREAM_LIMITS, look: 10, ...limits }));
  app.use(((error: { readonly code?: string }, _request, response, _next) => {
    response.status(error.code === "too-many-requests" ? 429 : 400).end();
  }) as express.ErrorRequestHandler);
  server = await serveLocally(app);
}

const idsIn = (text: string): number[] => [...text.matchAll(/^id: (\d+)$/gm)].map(([, id]) => Number(id));

test("what comes is told from then on, and from where a follower was when it names that", async () => {
  await start({ longest: 2_000 });
  const [fresh, back] = [fetch(`${server.url}/log/events`), fetch(`${server.url}/log/events`, { headers: { "last-event-id": "0" } })];
  const answer = await fresh;
  expect(answer.headers.get("content-type")).toBe("text/event-stream");
  size = 5;
  const text = await answer.text();
  expect(idsIn(text)).toEqual([3, 4]);
  expect(text).toContain('event: entry\ndata: {"index":3,"kind":"deposit","id":"entry-3","size":4}\n');
  expect(idsIn(await (await back).text())).toEqual([1, 2, 3, 4]);
});

test("before anything comes it is told where the log is, so that whoever comes back misses nothing", async () => {
  await start({ longest: 50 });
  const told = async (last?: string): Promise<string> =>
    (await fetch(`${server.url}/log/events`, { headers: last === undefined ? {} : { "last-event-id": last } })).text();
  expect(await told()).toContain(`\nid:${size - 1}\n\n`);
  const before = size;
  size = 0;
  expect(await told()).toContain("\nid:-1\n\n");
  size = 2;
  expect(idsIn(await told("-1"))).toEqual([0, 1]);
  size = before;
});

test("somebody who is silent is told that there is nothing, and ended in time", async () => {
  await start({ longest: 1_500, silence: 20 });
  expect(await (await fetch(`${server.url}/log/events`)).text()).toContain(": nothing new");
});

test("it ends when the service does", async () => {
  await start({});
  const answer = await fetch(`${server.url}/log/events`);
  isStopping = true;
  expect(await answer.text()).toContain(": the log as it grows");
  isStopping = false;
});

test("there are so many of one network; what is no number is refused", async () => {
  await start({ longest: 2_000, ofOne: 1 });
  const first = await fetch(`${server.url}/log/events`);
  expect((await fetch(`${server.url}/log/events`)).status).toBe(429);
  await first.text();
  expect((await fetch(`${server.url}/log/events`)).status).toBe(200);
  expect((await fetch(`${server.url}/log/events`, { headers: { "last-event-id": "x" } })).status).toBe(400);
});

test("for somebody who takes nothing no more is read, and they are cut off", async () => {
  size = 1_000_000;
  await start({ longest: 5_000, taking: 200 });
  const answer = await fetch(`${server.url}/log/events`, { headers: { "last-event-id": "0" } });
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  await expect(answer.text()).rejects.toThrow();
  size = 3;
});
