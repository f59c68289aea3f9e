import { expect, test } from "@jest/globals";
import { readFileSync } from "node:fs";
import { SETTINGS } from "../../../src/config/settings.ts";
import { HTTP_LIMITS } from "../../../src/http/bounds/limits.ts";
import { OPENING_LIMITS } from "../../../src/interactions/openings.ts";
import { WORK_LIMITS } from "../../../src/pipeline/work/limits.ts";
import { TURN_LIMITS } from "../../../src/interactions/turns.ts";

test("docs/limits.md tells every limit of HTTP with its value, and none that is not there", () => {
  const [, section = ""] = readFileSync(new URL("../../../docs/limits.md", import.meta.url), "utf8").split(/^## HTTP$/m);
  const told = [...(section.split(/^## /m)[0] ?? "").matchAll(/^\| `([\w.]+)` *\| *(\w+) *\|/gm)].map(([, name, value]) => [name, value]);
  const named = (prefix: string, limits: object): [string, string][] => Object.entries(limits).map(([name, value]) => [prefix + name, String(value)]);
  const wanted = [...named("", HTTP_LIMITS), ...named("turns.", TURN_LIMITS), ...named("openings.", OPENING_LIMITS)];
  const settings = told.filter(([, value]) => value === "setting").map(([name]) => name);
  expect(Object.fromEntries(told.filter(([, value]) => value !== "setting"))).toEqual(Object.fromEntries(wanted));
  expect(settings.filter((name) => !(name ?? "") || !Object.hasOwn(SETTINGS, name ?? ""))).toEqual([]);
  expect(settings).toContain("MAX_IN_FLIGHT_BYTES");
});

test("docs/limits.md tells every limit of work with its value", () => {
  const [, section = ""] = readFileSync(new URL("../../../docs/limits.md", import.meta.url), "utf8").split(/^## Work$/m);
  const told = [...(section.split(/^## /m)[0] ?? "").matchAll(/^\| `(\w+)` *\| *([\d.]+) *\|/gm)].map(([, name, value]) => [name, value]);
  expect(Object.fromEntries(told)).toEqual(Object.fromEntries(Object.entries(WORK_LIMITS).map(([name, value]) => [name, String(value)])));
});
