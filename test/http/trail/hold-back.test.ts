/** An answer that waits: written at once or piece by piece, let go or refused, whatever its length. */
import { expect, test } from "@jest/globals";
import express from "express";
import { holdBack, type Before } from "../../../src/http/trail/hold-back.ts";
import { ask, serveLocally, type RawAnswer } from "../local-server.ts";

const PIECE = Buffer.alloc(300_000, "x");

async function answered(before: Before, answer: (response: express.Response) => void): Promise<RawAnswer> {
  const app = express();
  app.use((_request, response, next) => {
    holdBack(response, before, () => {
      response.removeHeader("X-Told");
      response.status(503).end("refused");
    });
    next();
  });
  app.get("/", (_request, response) => {
    response.setHeader("X-Told", "told");
    answer(response);
  });
  const server = await serveLocally(app);
  try {
    return await ask(server.port, {});
  } finally {
    await server.close();
  }
}

const soon = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 20));
const pieces = (response: express.Response): void => {
  let left = 5;
  const go = (): void => {
    while (left > 0) {
      left -= 1;
      if (!response.write(PIECE)) return void response.once("drain", go);
    }
    response.end();
  };
  go();
};

const WAITS: readonly (readonly [string, Before])[] = [
  ["at once", () => undefined],
  ["a while", soon],
];
test.each(WAITS)("an answer that waits %s comes whole", async (_how, before) => {
  expect(String((await answered(before, (response) => void response.end("all of it"))).body)).toBe("all of it");
  expect((await answered(before, pieces)).body.length).toBe(5 * PIECE.length);
  const flushed = await answered(before, (response) => {
    response.flushHeaders();
    response.end("behind its headers");
  });
  expect([String(flushed.body), flushed.headers["x-told"]]).toEqual(["behind its headers", "told"]);
});

test("of one that is refused nothing comes, nor of a second one that is written meanwhile", async () => {
  const refused = await answered(
    () => soon().then(() => Promise.reject(new Error("a test's"))),
    (response) => {
      pieces(response);
      expect([response.headersSent, response.writableEnded]).toEqual([true, false]);
    },
  );
  expect([refused.status, String(refused.body)]).toEqual([503, "refused"]);
  const twice = await answered(soon, (response) => {
    response.end("first");
    expect([response.headersSent, response.writableEnded]).toEqual([true, true]);
    response.end("second");
  });
  expect(String(twice.body)).toBe("first");
});
