import { afterEach, describe, expect, test } from "@jest/globals";
import { spawnSync } from "node:child_process";
import { until } from "../../journeys/program.ts";
import type { AdminState } from "../../../src/http/operators/admin-worker.ts";
import { openAdmin, type AdminService } from "../../../src/http/operators/admin.ts";

let admin: AdminService;
afterEach(() => admin.close());

const STATE = {
  isReady: true,
  isStopping: false,
  lostLogLines: 3,
  searchLag: 7,
  connections: 1,
  uploads: 0,
  bytesInWork: 0,
  pdfs: { made: 2, kept: 5, unstamped: 1 },
};

describe("the listener for operators", () => {
  test("tells health and readiness, with what was lost, and nothing else", async () => {
    let state: AdminState = STATE;
    admin = await openAdmin({ host: "127.0.0.1", port: 0, state: () => Promise.resolve(state) });
    const healthy = await fetch(`${admin.url}/healthz`);
    expect([healthy.status, await healthy.json()]).toEqual([200, { status: "ok", lagMilliseconds: expect.any(Number) }]);
    const ready = await fetch(`${admin.url}/readyz`);
    expect([ready.status, await ready.json()]).toEqual([200, expect.objectContaining({ status: "ready", lostLogLines: 3, searchLag: 7 })]);
    expect((await fetch(`${admin.url}/fhir/metadata`)).status).toBe(404);
    expect((await fetch(`${admin.url}/healthz`, { method: "POST" })).status).toBe(405);
    for (const [told, reason] of [
      [{ ...STATE, isReady: false, reason: "its clock went back" }, "its clock went back"],
      [{ ...STATE, isStopping: true }, "the service is stopping"],
    ] as const) {
      state = told;
      let seen: object = {};
      await until(async () => {
        const asked = await fetch(`${admin.url}/readyz`);
        seen = { code: asked.status, ...((await asked.json()) as object) };
        return "reason" in seen && seen.reason === reason;
      });
      expect(seen).toMatchObject({ code: 503, status: "not-ready", reason });
    }
  });

  test("answers while the main loop stands still, and tells for how long it has", async () => {
    admin = await openAdmin({ host: "127.0.0.1", port: 0, state: () => Promise.resolve(STATE) });
    // Blocks this thread's loop: whoever answers has another one.
    const asked = spawnSync(process.execPath, [
      "-e",
      `setTimeout(() => fetch("${admin.url}/healthz").then(async (answer) => process.stdout.write(await answer.text())), 600)`,
    ]);
    const { status, lagMilliseconds } = JSON.parse(String(asked.stdout)) as { status: string; lagMilliseconds: number };
    expect(status).toBe("ok");
    expect(lagMilliseconds).toBeGreaterThan(400);
  });

  test("says so when its port is taken", async () => {
    admin = await openAdmin({ host: "127.0.0.1", port: 0, state: () => Promise.resolve(STATE) });
    const port = Number(new URL(admin.url).port);
    await expect(openAdmin({ host: "127.0.0.1", port, state: () => Promise.resolve(STATE) })).rejects.toMatchObject({ code: "unavailable" });
  });
});
