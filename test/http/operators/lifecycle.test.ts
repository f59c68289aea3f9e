import { describe, expect, test } from "@jest/globals";
import express from "express";
import { Lifecycle } from "../../../src/http/operators/lifecycle.ts";
import { ask, serveLocally } from "../local-server.ts";

describe("stopping", () => {
  test("waits for what was accepted, refuses what comes after", async () => {
    const lifecycle = new Lifecycle();
    const { promise: goOn, resolve: release } = Promise.withResolvers<undefined>();
    const { promise: arrived, resolve: arrive } = Promise.withResolvers<undefined>();
    const app = express();
    app.use(lifecycle.admit());
    app.get("/slow", async (_request, response) => {
      arrive(undefined);
      await goOn;
      response.end("done");
    });
    const server = await serveLocally(app);
    try {
      const slow = ask(server.port, { path: "/slow" });
      await arrived;
      let isStopped = false;
      const stopping = lifecycle.stop(5000).then((isFinished) => {
        isStopped = true;
        return isFinished;
      });
      expect(lifecycle.isStopping).toBe(true);
      expect((await ask(server.port, { path: "/other" })).status).toBe(500); // the error, without the handler that makes a 503 of it
      expect(isStopped).toBe(false);
      release(undefined);
      expect(String((await slow).body)).toBe("done");
      expect(await stopping).toBe(true);
    } finally {
      await server.close();
    }
  });

  test("does not wait for ever", async () => {
    const lifecycle = new Lifecycle();
    const app = express();
    app.use(lifecycle.admit());
    const { promise: arrived, resolve: arrive } = Promise.withResolvers<undefined>();
    app.get("/never", () => arrive(undefined));
    const server = await serveLocally(app);
    const lost = ask(server.port, { path: "/never" }).catch(() => "cut off");
    await arrived;
    expect(await lifecycle.stop(20)).toBe(false);
    await server.close();
    expect(await lost).toBe("cut off");
  });

  test("is at once when nothing runs", async () => expect(await new Lifecycle().stop(5000)).toBe(true));
});
