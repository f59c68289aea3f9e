import { expect, test } from "@jest/globals";
import { headerFault, headersIn } from "../../src/events/channel-headers.ts";

test("headers are sent as they were given, by name", () => {
  const lines = ["Authorization: Bearer a:b", "X-More:1", "x-more: 2 "];
  expect(headerFault(lines)).toBeUndefined();
  expect(headersIn(lines)).toEqual({ authorization: ["Bearer a:b"], "x-more": ["1", "2"] });
});

test.each([
  ["Host: elsewhere.example", /^Host is not sent along/],
  ["transfer-encoding: chunked", /^transfer-encoding is not sent along/],
  ["Connection: upgrade", /^Connection is not sent along/],
  ["Content-Length: 0", /^Content-Length is not sent along/],
  ["no colon", /^header 1 is no line/],
  [": secret", /^header 1 is no line/],
  ["X Y: secret", /^header 1 is no line/],
  ["X-Y: secret\r\nHost: a", /^the value of X-Y has characters/],
  ["X-Y: secret\nGET / HTTP/1.1", /^the value of X-Y has characters/],
  ["X-Y: secret\0", /^the value of X-Y has characters/],
  ["X-Y: secrét", /^the value of X-Y has characters/],
  [`X-Y: secret${"a".repeat(9_000)}`, /^header 1 is longer/],
])("%j is refused, without its value", (line, complaint) => {
  expect(headerFault([line])).toMatch(complaint);
  expect(headerFault([line])).not.toContain("secr");
});

test("so are too many", () => expect(headerFault(Array.from({ length: 21 }, (_, n) => `X-${n}: a`))).toMatch(/at most 20/));
