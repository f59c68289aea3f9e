import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import express, { type ErrorRequestHandler, type RequestHandler } from "express";
import { AppError, ERROR_KINDS } from "../../../src/core/errors.ts";
import { plainAddresses } from "../../../src/http/addresses.ts";
import { guardHost, guardOrigin } from "../../../src/http/bounds/guards.ts";
import { ask, serveLocally, type LocalServer } from "../local-server.ts";

let server: LocalServer;
beforeAll(async () => {
  const app = express();
  const answerErrors: ErrorRequestHandler = (error: unknown, _request, response, next) => {
    if (response.headersSent) return next(error);
    response.status(error instanceof AppError ? ERROR_KINDS[error.code].status : 500).end();
  };
  const letIn: RequestHandler = (_request, response) => void response.end("in");
  app.use(plainAddresses(""), guardHost("https://documents.example.org"), guardOrigin("https://documents.example.org"), letIn, answerErrors);
  server = await serveLocally(app);
});
afterAll(() => server.close());

const statusOf = async (headers: Record<string, string>, method = "GET", path = "/"): Promise<number> =>
  (await ask(server.port, { method, path, headers })).status;

describe("Host", () => {
  test.each([
    ["documents.example.org"],
    ["DOCUMENTS.example.org"],
    ["localhost"],
    ["localhost:8080"],
    ["127.0.0.1:1234"],
    ["[::1]:8080"],
    ["a.localhost:1"],
  ])("%s is ours", async (Host) => expect(await statusOf({ Host })).toBe(200));
  test.each([
    ["evil.example"],
    ["documents.example.org.evil.example"],
    ["documents.example.org:8443"],
    ["127.0.0.1.evil.example"],
    ["localhost@evil.example"],
    ["evil.example/127.0.0.1"],
    ["10.0.0.7"],
  ])("%p is not", async (Host) => expect(await statusOf({ Host })).toBe(421));
  test.each([["/healthz"], ["/readyz"]])("%s answers under any", async (path) =>
    expect(await statusOf({ Host: "10.1.2.3:8080" }, "GET", path)).toBe(200),
  );
});

test.each([
  ["http://evil.example/", 421],
  ["http://evil.example", 421],
  ["HTTP://localhost@evil.example/", 421],
  ["http://documents.example.org/x", 200],
  ["http://localhost:8080?x", 200],
])("the host of a whole address counts, not that of the header: %s", async (path, status) => {
  expect(await statusOf({ Host: "documents.example.org" }, "GET", path)).toBe(status);
});

describe("Origin", () => {
  const form = "multipart/form-data; boundary=x";
  test.each([
    ["a form of ours behind a proxy", { Origin: "https://documents.example.org", "Content-Type": form }, 200],
    ["a form of ours on this machine", { Host: "127.0.0.1:8080", Origin: "http://127.0.0.1:8080", "Content-Type": form }, 200],
    ["a form of another origin", { Origin: "https://evil.example", "Content-Type": form }, 403],
    [
      "a form of our host over http, which anybody on the way may have written",
      { Origin: "http://documents.example.org", "Content-Type": form },
      403,
    ],
    ["a form of another port", { Host: "127.0.0.1:8080", Origin: "http://127.0.0.1:9999", "Content-Type": form }, 403],
    ["a form that hides its origin", { Origin: "null", "Content-Type": form }, 403],
    ["a form without origin", { "Content-Type": form }, 403],
    ["plain text, which a form can send too", { "Content-Type": "text/plain" }, 403],
    ["a program", { "Content-Type": "application/fhir+json" }, 200],
    ["a page elsewhere that sends FHIR", { Origin: "https://evil.example", "Content-Type": "application/fhir+json" }, 403],
  ])("%s", async (_what, headers, status) => expect(await statusOf({ Host: "documents.example.org", ...headers }, "POST")).toBe(status));

  test.each([
    ["a program whose library declares a form unasked is told about its type by the route", {}, 200],
    ["a page elsewhere that sends it is not", { Origin: "https://evil.example" }, 403],
  ])("on the FHIR interface, %s", async (_what, headers, status) =>
    expect(await statusOf({ Host: "documents.example.org", "Content-Type": "text/plain", ...headers }, "POST", "/fhir/Bundle")).toBe(status),
  );

  test("does not matter for reading", async () => {
    expect(await statusOf({ Host: "localhost", Origin: "https://evil.example" })).toBe(200);
  });
});
