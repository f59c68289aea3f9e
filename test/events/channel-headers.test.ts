import { expect, test } from "@jest/globals";
import { headersIn } from "../../src/events/channel-headers.ts";

test("headers are sent as they were given, by name", () => {
  expect(headersIn(["Authorization: Bearer a:b", "X-More:1", "x-more: 2 "])).toEqual({ authorization: ["Bearer a:b"], "x-more": ["1", "2"] });
  expect(Object.entries(headersIn(["constructor: a", "__proto__: b"]))).toEqual([["constructor", ["a"]], ["__proto__", ["b"]]]); // prettier-ignore
});
