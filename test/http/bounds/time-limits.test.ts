import { afterEach, expect, test } from "@jest/globals";
import express, { type Request, type Response } from "express";
import { connect } from "node:net";
import { AppError } from "../../../src/core/errors.ts";
import { fieldsOf, readForm } from "../../../src/http/accounts/account-form.ts";
import { HTTP_LIMITS } from "../../../src/http/bounds/limits.ts";
import { limitTimes } from "../../../src/http/bounds/time-limits.ts";
import { listen, type Listening } from "../../../src/http/server.ts";

let listening: Listening;
afterEach(() => listening.connections.close(100));

/** What comes back until the connection ends; `pieces` are sent 40 ms after each other. */
function sent(pieces: readonly string[]): Promise<string> {
  const socket = connect(Number(new URL(listening.localUrl).port), "127.0.0.1");
  let text = "";
  const timers = pieces.map((piece, at) => setTimeout(() => void socket.write(piece), 40 * at));
  return new Promise((resolve) => {
    socket.on("data", (data) => (text += String(data)));
    socket.on("error", () => undefined);
    socket.on("close", () => {
      timers.forEach(clearTimeout);
      resolve(text);
    });
  });
}

test.each(["GET", "POST"])(
  "a form that comes byte by byte is refused with %s, and its connection ends; one that is there is read",
  async (method) => {
    const app = express();
    // What is there in the end is given more than any machine takes to read it.
    app.use("/slow", limitTimes({ ...HTTP_LIMITS, form: 300, discard: 100 }));
    app.use("/form", limitTimes({ ...HTTP_LIMITS, form: 60_000, discard: 100 }));
    app.all(["/slow", "/form"], ...readForm, (request: Request, response: Response) => void response.send(`name ${fieldsOf(request)("name") ?? ""}`));
    const onError: express.ErrorRequestHandler = (error, _request, response, _next) => {
      if (!response.headersSent) response.status(408).send(error instanceof AppError ? error.code : "other");
    };
    app.use(onError);
    listening = await listen({ host: "127.0.0.1", port: 0, maxConnections: 10 }, () => app);
    const head = (path: string): string =>
      `${method} ${path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\nConnection: close\r\n`;
    expect(await sent([`${head("/slow")}Content-Length: 9\r\n\r\n`, "name", "=Ada"])).toMatch(/^HTTP\/1\.1 408 [\s\S]*too-slow$/);
    expect(await sent([`${head("/form")}Content-Length: 8\r\n\r\n`, "name", "=Ada"])).toMatch(/^HTTP\/1\.1 200 [\s\S]*name Ada$/);
  },
);
