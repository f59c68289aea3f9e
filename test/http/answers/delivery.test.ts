import { afterEach, describe, expect, test } from "@jest/globals";
import express, { type Express } from "express";
import { connect, type Socket } from "node:net";
import { AppError } from "../../../src/core/errors.ts";
import { ByteBudget } from "../../../src/http/bodies/byte-budget.ts";
import { deliverAnswers } from "../../../src/http/answers/delivery.ts";
import { HTTP_LIMITS, type HttpLimits } from "../../../src/http/bounds/limits.ts";
import { writeBytes } from "../../../src/http/answers/write.ts";
import { ask, serveLocally, type LocalServer } from "../local-server.ts";

const LARGE = Buffer.alloc(30_000_000, 0x78);
let server: LocalServer;
const sockets: Socket[] = [];
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await server.close();
});

async function serve(answers: ByteBudget, limits: Partial<HttpLimits> = {}): Promise<void> {
  const app: Express = express();
  app.use(deliverAnswers({ answers, limits: { ...HTTP_LIMITS, ...limits } }));
  app.get("/same", (_request, response) => writeBytes(response, LARGE, "application/octet-stream"));
  app.get("/other", (_request, response) => writeBytes(response, Buffer.from(LARGE), "application/octet-stream"));
  app.use(
    ((error: unknown, _request, response, _next) =>
      void response.status(503).end(error instanceof AppError ? error.code : "?")) as express.ErrorRequestHandler,
  );
  server = await serveLocally(app);
}

/** Asks, and takes nothing of the answer. */
function deaf(path: string): Socket {
  const socket = connect({ port: server.port, host: "127.0.0.1" });
  sockets.push(socket);
  socket.pause();
  socket.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
  return socket;
}

const held = async (budget: ByteBudget, bytes: number): Promise<void> => {
  while (budget.held !== bytes) await new Promise((resolve) => setTimeout(resolve, 5));
};

describe("a large answer", () => {
  test("arrives whole, and is held no longer than it takes", async () => {
    const answers = new ByteBudget(LARGE.length);
    await serve(answers);
    const { status, headers, body } = await ask(server.port, { path: "/same" });
    expect([status, headers["content-length"], body.equals(LARGE)]).toEqual([200, String(LARGE.length), true]);
    await held(answers, 0);
  });

  test("of a reader that takes nothing is cut", async () => {
    const answers = new ByteBudget(LARGE.length);
    await serve(answers, { responseStall: 100 });
    deaf("/same");
    await held(answers, LARGE.length);
    await held(answers, 0);
  });

  test("counts once for all who get the same, and is refused when too much waits", async () => {
    const answers = new ByteBudget(LARGE.length);
    await serve(answers);
    deaf("/same");
    await held(answers, LARGE.length);
    expect((await ask(server.port, { path: "/same" })).status).toBe(200);
    const refused = await ask(server.port, { path: "/other" });
    expect([refused.status, String(refused.body)]).toEqual([503, "unavailable"]);
  });
});
