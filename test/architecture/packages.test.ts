import { expect, test } from "@jest/globals";
import { readFileSync } from "node:fs";
import { PROJECT_ROOT } from "../journeys/support/service.ts";

interface Locked {
  readonly integrity?: string;
  readonly inBundle?: boolean;
}

test("the lock file has the hash of every package; one that comes within another's archive is covered by that one's", () => {
  const { packages } = JSON.parse(readFileSync(`${PROJECT_ROOT}package-lock.json`, "utf8")) as { packages: Record<string, Locked> };
  const names = Object.keys(packages).filter((name) => name !== "");
  expect(names.length).toBeGreaterThan(100);
  const hashed = (name: string): boolean => /^sha512-[A-Za-z0-9+/]{86}==$/.test(packages[name]?.integrity ?? "");
  const bundler = (name: string): string => name.slice(0, name.lastIndexOf("/node_modules/"));
  expect(names.filter((name) => !hashed(packages[name]?.inBundle === true ? bundler(name) : name))).toEqual([]);
});
