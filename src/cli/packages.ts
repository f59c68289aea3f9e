import { AppError } from "../core/errors.ts";
import { writeJson } from "../core/fhir/json/write-json.ts";
import { treeOf } from "../core/fhir/tree/tree.ts";
import { EXIT, type Arguments, type Command } from "./command.ts";
import { namedFile, readNamed } from "./files.ts";
import type { Io } from "./io.ts";
import type { AddedPackage, CheckedPackages, CheckedSet, ListedPackages, OpenArchives, ToldSet } from "./package-tools.ts";

/** Of a long list people are shown the begin; `--json` has all. */
const SHOWN = 20;

export const packages: Command = {
  help: `chartulary packages add FILE... [--json]
chartulary packages list [--json]
chartulary packages check [--json]
chartulary packages remove NAME#VERSION [--json]

FHIR packages (.tgz) that documents are held against: profiles, value sets, code systems. They lie in PACKAGES_DIR; packages.json beside them
says which are held from when till when, and what documents of a type are held against (docs/operating.md, Packages). Nothing is fetched:
get the archives where their publishers offer them, with what they depend on. A running service reads them when it starts.

  add     reads each FILE, refuses what is no package for R4 or is hostile, and copies it into PACKAGES_DIR; says what it depends on that is not there
  list    names the packages, with their licences, and the sets
  check   compiles what is not compiled yet, and says what is wrong: archives that can't be used; dependencies that are not there; profiles that
          can't be used, and why; what definitions name and nobody holds
  remove  removes an archive; not one that packages.json names

  --json  add: a JSON line for each FILE; else one JSON line

Exit code: 0 done, 1 refused or, of check, something can't be used (what is only not there is no fault: it is told as not checked), 2 could not be done.
`,
  options: { json: { type: "boolean" } },
  takes: { least: 1, most: Infinity },

  run: async (given, { io, openArchives }) => {
    const [action = "", ...named] = given.files;
    const act = Object.hasOwn(ACTIONS, action) ? ACTIONS[action] : undefined;
    if (act === undefined) throw new AppError("unsupported", `there is nothing called ${action} to do with packages (add, list, check, remove)`);
    const [least, most] = act.takes;
    if (named.length < least)
      throw new AppError("invalid", action === "add" ? "name the archives" : "name the package, such as hl7.fhir.uv.ips#1.1.0");
    if (named.length > most) throw new AppError("invalid", `${action} takes ${most === 0 ? "nothing" : "one package"}`);
    return act.run(named, await openArchives(), { io, given });
  },
};

interface Using {
  readonly io: Io;
  readonly given: Arguments;
}

interface Action {
  readonly takes: readonly [least: number, most: number];
  run(named: readonly string[], archives: OpenArchives, using: Using): Promise<number>;
}

/** What is refused is told, and the others go on. */
const REFUSED: readonly string[] = ["malformed", "too-large", "unsupported", "conflict", "not-found"];

const ACTIONS: Readonly<Record<string, Action>> = {
  add: {
    takes: [1, Infinity],
    run: async (files, archives, { io, given }) => {
      const added: AddedPackage[] = [];
      let fault: AppError | undefined;
      for (const file of files) {
        try {
          added.push(await archives.add(await readNamed(namedFile(file, io))));
        } catch (error) {
          if (!(error instanceof AppError)) throw error;
          if (!REFUSED.includes(error.code)) {
            fault = error;
            break;
          }
          io.tell(`chartulary packages: ${error.message.startsWith(file) ? "" : `${file}: `}${error.message}`);
        }
      }
      // What is compiled now no service has to wait for.
      const checked = added.length > 0 ? await archives.check() : undefined;
      for (const one of added) {
        const told = { ...one, ...standingOf(one, checked) };
        await io.print(given.isSet("json") ? `${writeJson(treeOf(told))}\n` : textOfAdded(told));
      }
      // A full disk ends it; what was added before is there, and was told.
      if (fault) throw fault;
      return added.length === files.length ? EXIT.yes : EXIT.no;
    },
  },
  list: {
    takes: [0, 0],
    run: async (_, archives, { io, given }) => {
      const listed = await archives.list();
      await io.print(given.isSet("json") ? `${writeJson(treeOf(listed))}\n` : textOfList(listed, archives.folder));
      return EXIT.yes;
    },
  },
  check: {
    takes: [0, 0],
    run: async (_, archives, { io, given }) => {
      const checked = await archives.check();
      await io.print(given.isSet("json") ? `${writeJson(treeOf(checked))}\n` : textOfCheck(checked));
      return isSound(checked) ? EXIT.yes : EXIT.no;
    },
  },
  remove: {
    takes: [1, 1],
    run: async ([name = ""], archives, { io, given }) => {
      try {
        const removed = await archives.remove(name);
        const needed = removed.neededBy.length > 0 ? `, which ${removed.neededBy.join(", ")} depend${removed.neededBy.length > 1 ? "" : "s"} on` : "";
        await io.print(given.isSet("json") ? `${writeJson(treeOf(removed))}\n` : `${removed.name}  removed${needed}\n`);
        return EXIT.yes;
      } catch (error) {
        if (!(error instanceof AppError) || !REFUSED.includes(error.code)) throw error;
        io.tell(`chartulary packages: ${error.message}`);
        return EXIT.no;
      }
    },
  },
};

function isSound({ broken, sets }: CheckedPackages): boolean {
  return broken.length === 0 && sets.every(({ unusable, unheld }) => unusable.length === 0 && unheld.length === 0);
}

/** How a package stands among the others. */
interface PackageStanding {
  /** Whether a set of packages.json, or that of all, has it. */
  readonly isInSet: boolean;
  /** What it depends on and is not there, `name#version`. */
  readonly lacks: readonly string[];
  /** Profiles of it that can't be used. */
  readonly unusable: readonly string[];
}

function standingOf({ name }: AddedPackage, checked: CheckedPackages | undefined): PackageStanding {
  const sets = checked?.sets ?? [];
  const lacks = sets.flatMap((set) => set.lacks).filter(({ by, instead }) => by === name && instead === undefined);
  const unusable = sets.flatMap((set) => set.unusable).filter((one) => one.package === name);
  return {
    isInSet: sets.some((set) => set.packages.includes(name)),
    lacks: [...new Set(lacks.map(({ needs }) => needs))],
    unusable: [...new Set(unusable.map(({ canonical }) => canonical))],
  };
}

function textOfAdded({ name, title, license, file, definitions, isNew, isInSet, lacks, unusable }: AddedPackage & PackageStanding): string {
  return [
    `${name}  ${isNew ? "added" : "was there already"} as ${file}: ${definitions} definitions`,
    ...(title === undefined ? [] : [`  ${title}`]),
    `  licence: ${license ?? "its package.json names none"}`,
    ...(isInSet ? [] : ["  no set of packages.json has it: name it there"]),
    ...(lacks.length > 0 ? [`  it depends on what is not there: ${lacks.join(", ")}`] : []),
    ...(unusable.length > 0 ? [`  ${unusable.length} of its profiles can't be used: chartulary packages check says why`] : []),
    "",
  ].join("\n");
}

function textOfList({ packages: all, sets, broken }: ListedPackages, folder: string): string {
  if (all.length + broken.length === 0) return `there is no package in ${folder}\n`;
  const width = Math.max(...all.map(({ name }) => name.length));
  const lines = all.map(
    ({ name, license, title, bytes }) =>
      `${name.padEnd(width)}  ${license ?? "no licence named"}  ${sizeOf(bytes)}${title === undefined ? "" : `  ${title}`}`,
  );
  return [...lines, ...broken.map(({ file, why }) => `${file}  CAN'T BE USED: ${why}`), ...sets.flatMap((set) => ["", ...linesOfSet(set)]), ""].join(
    "\n",
  );
}

function linesOfSet({ name, from, till, digest, isInForce, packages: all }: ToldSet): string[] {
  const days = from === undefined && till === undefined ? "all days" : `${from ?? "ever"} till ${till ?? "further notice"}`;
  return [`set ${name}: ${days}${isInForce ? ", in force today" : ""}`, `  sha256:${digest}`, `  ${all.join(", ")}`];
}

function textOfCheck({ broken, sets, passedOver }: CheckedPackages): string {
  return [
    ...broken.map(({ file, why }) => `WRONG   ${file}: ${why}`),
    ...sets.flatMap(textOfSet),
    ...shown(passedOver.map((one) => `notice  ${one.package}: ${one.file} was passed over: ${one.why}`)),
    ...(sets.length + broken.length === 0 ? ["there is no package"] : []),
    "",
  ].join("\n");
}

function textOfSet(set: CheckedSet): string[] {
  const { bytes, definitions, lacks, unusable, unresolved, unheld } = set;
  return [
    ...linesOfSet(set),
    `  ${definitions} definitions, ${sizeOf(bytes)} in memory`,
    ...unusable.map((one) => `WRONG   ${one.canonical} (${one.package}) can't be used: ${one.why}`),
    ...unheld.map((canonical) => `WRONG   documents are held against ${canonical} by their type, and it is not there`),
    ...lacks.map(
      ({ by, needs, instead }) => `notice  ${by} depends on ${needs}, which is not there${instead === undefined ? "" : `: ${instead} is taken`}`,
    ),
    ...shown(
      unresolved.map(
        (one) =>
          `notice  ${one.kind} ${one.canonical} is named by ${one.count} definition${one.count > 1 ? "s" : ""} (${one.by}, ${one.package}), and not there`,
      ),
    ),
  ];
}

function shown(lines: readonly string[]): string[] {
  return lines.length <= SHOWN ? [...lines] : [...lines.slice(0, SHOWN), `notice  and ${lines.length - SHOWN} more like this (--json has all)`];
}

function sizeOf(bytes: number): string {
  return bytes < 100_000 ? `${Math.ceil(bytes / 1000)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}
