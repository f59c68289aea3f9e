import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import express from "express";
import { answerUnchanged, contentTag, versionTag } from "../../../src/http/fhir/conditional.ts";
import { ask, serveLocally, type LocalServer } from "../local-server.ts";

const CHANGED = new Date("2026-03-14T09:30:00.789Z");
let server: LocalServer;
beforeAll(async () => {
  const app = express();
  app.get("/resource", (request, response) => {
    if (!answerUnchanged(request, response, { etag: versionTag("1"), lastModified: CHANGED })) response.end("whole");
  });
  app.get("/page", (request, response) => {
    if (!answerUnchanged(request, response, { etag: contentTag("words") })) response.end("whole");
  });
  server = await serveLocally(app);
});
afterAll(() => server.close());

describe("a conditional read", () => {
  test.each<[string, Record<string, string>, number]>([
    ["nothing is known", {}, 200],
    ["the tag is the same", { "If-None-Match": 'W/"1"' }, 304],
    ["the tag is the same but for its weakness", { "If-None-Match": '"1"' }, 304],
    ["one of several is", { "If-None-Match": '"a,b", W/"1"' }, 304],
    ["any will do", { "If-None-Match": "*" }, 304],
    ["the tag is another", { "If-None-Match": 'W/"2"' }, 200],
    ["the tag is another, whatever the date says", { "If-None-Match": 'W/"2"', "If-Modified-Since": "Sat, 14 Mar 2026 09:30:00 GMT" }, 200],
    ["it was not changed since, to the second", { "If-Modified-Since": "Sat, 14 Mar 2026 09:30:00 GMT" }, 304],
    ["it was changed since", { "If-Modified-Since": "Sat, 14 Mar 2026 09:29:59 GMT" }, 200],
    ["the date is none", { "If-Modified-Since": "yesterday" }, 200],
  ])("when %s", async (_when, headers, status) => {
    const answer = await ask(server.port, { path: "/resource", headers });
    expect([answer.status, answer.headers.etag, answer.headers["last-modified"]]).toEqual([status, 'W/"1"', "Sat, 14 Mar 2026 09:30:00 GMT"]);
    expect(String(answer.body)).toBe(status === 304 ? "" : "whole");
  });

  test("a page has no date, so only its tag counts", async () => {
    expect((await ask(server.port, { path: "/page", headers: { "If-Modified-Since": new Date().toUTCString() } })).status).toBe(200);
    expect((await ask(server.port, { path: "/page", headers: { "If-None-Match": contentTag("words") } })).status).toBe(304);
    expect(contentTag("words")).not.toBe(contentTag("Words"));
  });
});
