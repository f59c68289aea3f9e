/**
 * `packages.json`, which lies beside the archives and says which of them are held from when till when, and what documents are held against (docs/operating.md, "Packages"). Without it all archives of the folder are one set for all days.
 */
import { AppError } from "../../errors.ts";
import type { DocumentProfiles, Origin } from "../conformance/conformance.ts";
import { isFields, type Fields } from "./fields.ts";
import { originNamed } from "./package-facts.ts";

/** One set as an operator wrote it. */
export interface PinnedSet {
  readonly name: string;
  /** Days, both within it; undefined: without a begin, or an end. */
  readonly from: string | undefined;
  readonly till: string | undefined;
  /** What they depend on is added. */
  readonly packages: readonly Origin[];
  readonly documents: readonly DocumentProfiles[];
  readonly ignoredSystems: readonly string[];
}

export const PINS_FILE = "packages.json";
const FORMAT = "chartulary-packages/1";
const MOST = 1000;
const DAY = /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/;

/** The names that stand in it, of which each property is one: another would be a slip of the pen that nobody notices. */
const NAMES = {
  file: ["format", "sets", "documents", "ignoredSystems"],
  set: ["name", "from", "till", "packages", "documents", "ignoredSystems"],
  document: ["system", "code", "profiles"],
};

/**
 * Reads it. What stands beside `sets` holds for each of them.
 *
 * @returns `sets` undefined where it names none: all archives are one
 * @throws AppError `malformed`, saying where
 */
export function readPins(text: string): { readonly sets: readonly PinnedSet[] | undefined } & Pick<PinnedSet, "documents" | "ignoredSystems"> {
  const file = objectAt(parsed(text), "it", NAMES.file);
  if (file["format"] !== FORMAT) fail(`its format is not ${FORMAT}`);
  const documents = documentsAt(file["documents"], "documents");
  const ignoredSystems = textsAt(file["ignoredSystems"], "ignoredSystems");
  if (file["sets"] === undefined) return { sets: undefined, documents, ignoredSystems };
  const sets = listAt(file["sets"], "sets").map((one, at): PinnedSet => {
    const place = `sets[${at}]`;
    const set = objectAt(one, place, NAMES.set);
    const [from, till] = [dayAt(set["from"], `${place}.from`), dayAt(set["till"], `${place}.till`)];
    if (from !== undefined && till !== undefined && till < from) fail(`${place} ends before it begins`);
    const packages = textsAt(set["packages"], `${place}.packages`).map(
      (named) => originNamed(named) ?? fail(`${place}.packages: ${shown(named)} is not of the form name#version`),
    );
    if (packages.length === 0) fail(`${place}.packages names none`);
    return {
      ...{ name: textAt(set["name"], `${place}.name`), from, till, packages },
      documents: [...documentsAt(set["documents"], `${place}.documents`), ...documents],
      ignoredSystems: [...textsAt(set["ignoredSystems"], `${place}.ignoredSystems`), ...ignoredSystems],
    };
  });
  if (sets.length === 0) fail("sets is empty");
  if (new Set(sets.map(({ name }) => name)).size < sets.length) fail("two sets have the same name");
  return { sets, documents, ignoredSystems };
}

function documentsAt(value: unknown, place: string): DocumentProfiles[] {
  if (value === undefined) return [];
  return listAt(value, place).map((one, at) => {
    const document = objectAt(one, `${place}[${at}]`, NAMES.document);
    const system = document["system"] === undefined ? undefined : textAt(document["system"], `${place}[${at}].system`);
    const profiles = textsAt(document["profiles"], `${place}[${at}].profiles`);
    if (profiles.length === 0) fail(`${place}[${at}].profiles names none`);
    return { system, code: textAt(document["code"], `${place}[${at}].code`), profiles };
  });
}

function dayAt(value: unknown, place: string): string | undefined {
  if (value === undefined) return undefined;
  const day = textAt(value, place);
  if (!DAY.test(day) || new Date(day).toISOString().slice(0, 10) !== day) fail(`${place} is no day, such as 2024-10-01`);
  return day;
}

function textsAt(value: unknown, place: string): string[] {
  return value === undefined ? [] : listAt(value, place).map((one, at) => textAt(one, `${place}[${at}]`));
}

function textAt(value: unknown, place: string): string {
  return typeof value === "string" && value !== "" && value.length <= MOST ? value : fail(`${place} is no text of 1 to ${MOST} characters`);
}

function listAt(value: unknown, place: string): readonly unknown[] {
  return Array.isArray(value) && value.length <= MOST ? value : fail(`${place} is no list of at most ${MOST}`);
}

function objectAt(value: unknown, place: string, names: readonly string[]): Fields {
  if (!isFields(value)) return fail(`${place} is no object`);
  const strange = Object.keys(value).find((name) => !names.includes(name));
  if (strange !== undefined) fail(`${place} has ${shown(strange)}, and may have ${names.join(", ")}`);
  return value;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ""));
  } catch (cause) {
    throw new AppError("malformed", `it is no JSON (${(cause as Error).message})`, { cause });
  }
}

function shown(text: string): string {
  return JSON.stringify(text.slice(0, 100));
}

function fail(text: string): never {
  throw new AppError("malformed", text);
}
