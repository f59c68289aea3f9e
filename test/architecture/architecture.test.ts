import { describe, expect, test } from "@jest/globals";
import {
  breachesOfReader,
  breachesOfRooms,
  breachesOfStages,
  circles,
  LONGER_THAN_300,
  MAY_REMEMBER,
  MAY_WORK_AT_IMPORT,
  OPENS_R4,
} from "./rules.ts";
import { parse, readSourceFiles } from "./source-files.ts";

const files = readSourceFiles();

describe("the house (docs/design.md)", () => {
  test("has files", () => {
    expect(files.length).toBeGreaterThan(20);
  });

  test("imports run downwards only, and adapters are chosen in main.ts and record-keeping.ts alone", () => {
    expect(files.flatMap(breachesOfRooms)).toEqual([]);
  });

  test("stages of the pipeline do not know each other", () => {
    expect(files.flatMap(breachesOfStages)).toEqual([]);
  });

  test("interactions, routes and commands come to content through the Reader alone", () => {
    expect(files.flatMap(breachesOfReader)).toEqual([]);
  });

  test("there are no circles", () => {
    expect(circles(files)).toEqual([]);
  });

  test("the environment is read in config.ts alone", () => {
    const readers = files.filter((file) => file.name !== "config.ts" && file.readsEnvironment.length > 0);
    expect(readers.map((file) => `${file.name}:${file.readsEnvironment.join(",")}`)).toEqual([]);
  });

  test("nothing is exported by default", () => {
    expect(files.filter((file) => file.hasDefaultExport).map((file) => file.name)).toEqual([]);
  });

  test("importing a file does nothing", () => {
    const workers = files.filter((file) => file.works.length > 0 && !MAY_WORK_AT_IMPORT.test(file.name));
    expect(workers.map((file) => `${file.name}:${file.works.join(",")}`)).toEqual([]);
  });

  test("no module remembers: definitions, terminology and what is worked out of them are values, so that several instances can live in one process", () => {
    const keepers = files.filter((file) => file.remembers.length > 0).map((file) => file.name);
    expect(keepers.sort()).toEqual(Object.keys(MAY_REMEMBER).sort());
  });

  test("R4 is opened in main.ts, by what other programs import, and in threads, which share nothing", () => {
    const openers = files.filter((file) => file.imports.some((one) => one.target === OPENS_R4 && !one.isTypeOnly));
    expect(openers.map((file) => file.name).filter((name) => !MAY_WORK_AT_IMPORT.test(name))).toEqual([
      ...["library/render.ts", "library/validate.ts", "library/verify.ts", "main.ts"],
    ]);
  });

  test("no file is longer than 300 lines without a reason", () => {
    const long = files.filter((file) => file.lines > 300 && LONGER_THAN_300[file.name] === undefined);
    expect(long.map((file) => `${file.name}: ${file.lines} lines`)).toEqual([]);
  });

  test("the core needs no package of the web, of a store or of a browser", () => {
    const heavy = /^(express|mongodb|puppeteer|pino|jsdom|dompurify|node:(http|https|net|sqlite|child_process))/;
    const breaches = files.filter((file) => file.name.startsWith("core/") && file.imports.some((one) => one.isPackage && heavy.test(one.target)));
    expect(breaches.map((file) => file.name)).toEqual([]);
  });
});

describe("the rules themselves see a breach", () => {
  test.each([
    ["core/a.ts", 'import { x } from "../pipeline/document-forms.ts";'],
    ["core/a.ts", 'export { x } from "../pipeline/document-forms.ts";'],
    ["pipeline/a.ts", 'const { x } = await import("../interactions/b.ts");'],
    ["http/a.ts", 'import { openStore } from "../adapters/sqlite/open.ts";'],
    ["adapters/sqlite/a.ts", 'import { deposit } from "../../pipeline/deposit.ts";'],
    ["adapters/sqlite/a.ts", 'import type { B } from "../chromium/b.ts";'],
    ["attic/a.ts", ""],
  ])("a room: %s %s", (name, text) => {
    expect(breachesOfRooms(parse(name, text))).toHaveLength(1);
  });

  test.each([
    ["adapters/sqlite/a.ts", 'import type { RecordStore } from "../../pipeline/store/record-store.ts";'],
    ["main.ts", 'const { openStore } = await import("./adapters/sqlite/open.ts");'],
    ["interactions/a.ts", 'import { deposit } from "../pipeline/deposit.ts"; import express from "express";'],
  ])("and no breach in %s %s", (name, text) => {
    expect(breachesOfRooms(parse(name, text))).toEqual([]);
  });

  test("stages", () => {
    expect(breachesOfStages(parse("pipeline/sign/a.ts", 'import type { X } from "../log/ledger.ts";'))).toHaveLength(1);
    expect(breachesOfStages(parse("pipeline/sign/a.ts", 'import { deposit } from "../deposit.ts";'))).toHaveLength(1);
    expect(breachesOfStages(parse("pipeline/verify/a.ts", 'import type { Sealed } from "../document-forms.ts";'))).toHaveLength(1);
    expect(breachesOfStages(parse("pipeline/log/a.ts", 'import type { RecordStore } from "../store/record-store.ts";'))).toEqual([]);
  });

  test.each([
    ["interactions/a.ts", 'import { fetchDocument } from "../pipeline/fetch.ts";'],
    ["interactions/a.ts", 'import * as way from "../pipeline/fetch.ts";'],
    ["http/a.ts", 'const { fetchDocument } = await import("../pipeline/fetch.ts");'],
    ["http/a.ts", 'import { relationsOf as r } from "../search/supersession.ts";'],
    ["cli/a.ts", 'import type { RecordStore } from "../pipeline/store/record-store.ts";'],
  ])("a way past the Reader: %s %s", (name, text) => {
    expect(breachesOfReader(parse(name, text))).toHaveLength(1);
  });

  test("and none where what is imported gives no content", () => {
    expect(breachesOfReader(parse("interactions/a.ts", 'import { servedResource, type Fetched } from "../pipeline/present.ts";'))).toEqual([]);
    expect(breachesOfReader(parse("reader/a.ts", 'import { fetchDocument } from "../pipeline/fetch.ts";'))).toEqual([]);
  });

  test("what a module remembers", () => {
    const lines = (text: string): readonly number[] => parse("core/a.ts", text).remembers;
    expect(lines("let loaded: Table | undefined;")).toEqual([1]);
    expect(lines("const known = new WeakMap<Definition, Plan>();\nexport const other = new Map();")).toEqual([1, 2]);
    expect(lines('const NAMES = new Set(["a"]);\nfunction f() {\n  let x = 1;\n  const seen = new Set();\n}')).toEqual([]);
  });

  test("circles", () => {
    const three = [
      parse("core/a.ts", 'import "./b.ts";'),
      parse("core/b.ts", 'import type { C } from "./c.ts";'),
      parse("core/c.ts", 'import { a } from "./a.ts";'),
    ];
    expect(circles(three)).toEqual(["core/a.ts -> core/b.ts -> core/c.ts -> core/a.ts"]);
  });

  test("environment, default exports and work at import", () => {
    const file = parse("core/a.ts", "const port = process.env.PORT;\nopen(port);\nexport default function open() {}\n");
    expect(file).toMatchObject({ readsEnvironment: [1], works: [2], hasDefaultExport: true, lines: 3 });
  });
});
