import { expect, test } from "@jest/globals";
import type { Request } from "express";
import { paperOf } from "../../../src/http/pages/paper.ts";

function paper(query: string, language: string | undefined, chosen?: "a4" | "letter"): string {
  const headers: Readonly<Record<string, string | undefined>> = { "accept-language": language };
  return paperOf({ originalUrl: `/documents/x.pdf${query}`, get: (name: string) => headers[name.toLowerCase()] } as unknown as Request, chosen);
}

test.each([
  ["", "en-US,en;q=0.9", undefined, "letter"],
  ["", "fr-CA", undefined, "letter"],
  ["", "es-MX", undefined, "letter"],
  ["", "zh-Hans-US", undefined, "letter"],
  ["", "en-GB,en-US;q=0.8", undefined, "a4"],
  ["", "de,en-US;q=0.7", undefined, "a4"],
  ["", "es-419", undefined, "a4"],
  ["", undefined, undefined, "a4"],
  ["", "en-US", "a4", "a4"],
  ["", "de", "letter", "letter"],
  ["?paper=a4", "en-US", "letter", "a4"],
  ["?paper=LETTER", "de", "a4", "letter"],
] as const)("%s, %s, setting %s: %s", (query, language, chosen, expected) => {
  expect(paper(query, language, chosen)).toBe(expected);
});

test("another paper is refused", () => {
  expect(() => paper("?paper=a5", "de")).toThrow(expect.objectContaining({ code: "unsupported" }));
});
