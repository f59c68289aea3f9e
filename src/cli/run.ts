import { parseArgs } from "node:util";
import { AppError } from "../core/errors.ts";
import type { Outcome } from "../core/formats/audit-trail.ts";
import { UUID } from "../core/formats/fields.ts";
import { withoutSecrets } from "../core/without-secrets.ts";
import { EXIT, type Arguments, type Command, type Deed, type Tools } from "./command.ts";
import { COMMANDS } from "./commands.ts";

/** Runs one command line; gives the exit code. Whatever goes wrong is one sentence on standard error, where journals keep it: without passwords, wherever they came from. */
export async function runCommandLine(argv: readonly string[], given: Tools): Promise<number> {
  const tools: Tools = { ...given, io: { ...given.io, tell: (text) => given.io.tell(withoutSecrets(text)) } };
  const [name = "--help", ...rest] = argv;
  if (name === "--help" || name === "-h" || name === "help") {
    const listed = rest[0] === undefined ? undefined : COMMANDS[rest[0]];
    await tools.io.print(listed ? (await listed.load()).help : overview());
    return EXIT.yes;
  }
  if (name === "--version" || name === "-v") {
    await tools.io.print(`${tools.version}\n`);
    return EXIT.yes;
  }
  const listed = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (!listed) return wrong(tools, `there is no command ${name}`, "chartulary --help lists them");
  const command = await listed.load();
  const parsed = parse(command, rest);
  if (parsed === "help") {
    await tools.io.print(command.help);
    return EXIT.yes;
  }
  if (typeof parsed === "string") return wrong(tools, parsed, `chartulary ${name} --help`);
  try {
    return await (listed.deed && listed.isElsewhere?.(parsed.files) !== true
      ? told(listed.deed, withoutSecrets(`chartulary ${argv.join(" ")}`), parsed, tools, command)
      : command.run(parsed, tools));
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    tools.io.tell(`chartulary ${name}: ${error.message.replaceAll("\n", "\n  ")}`);
    return EXIT.couldNot;
  }
}

/** Runs a command that the audit trail tells of: that it begins, and what came of it. When it can't be written down nothing is done. */
async function told(deed: Deed, line: string, given: Arguments, tools: Tools, command: Command): Promise<number> {
  const { kind, action, isToldAfter = false } = deed;
  const documents = given.files.filter((file) => UUID.test(file));
  if (!isToldAfter) await tools.tellTrail({ ...COMMENCED, line: `${line} (begins)`, documents });
  const done = async (outcome: Outcome, reason?: string): Promise<void> =>
    tools.tellTrail({ kind, action, line, documents, outcome, ...(reason !== undefined && { reason }) });
  let code: number;
  try {
    code = await command.run(given, tools);
  } catch (error) {
    await done(8, error instanceof AppError ? withoutSecrets(error.message) : "it failed");
    throw error;
  }
  if (code === EXIT.yes) await done(0);
  else await done(code === EXIT.no ? 4 : 8, `exit code ${code}`);
  return code;
}

/** Until a command has come to its end nobody knows whether it did what it is called for. */
const COMMENCED = { kind: "command", action: "E", outcome: 0 } as const;

/** The arguments, or what is wrong with them. */
function parse(command: Command, args: readonly string[]): Arguments | string {
  try {
    const parsed = parseArgs({ args: [...args], options: { ...command.options, help: { type: "boolean", short: "h" } }, allowPositionals: true });
    const values: Readonly<Record<string, unknown>> = parsed.values;
    const { positionals } = parsed;
    if (values["help"] === true) return "help";
    const { least, most } = command.takes;
    if (positionals.length < least) return `at least ${least === 1 ? "one FILE is" : `${least} FILEs are`} needed`;
    if (positionals.length > most)
      return most === 0 ? `it takes no argument ${positionals[0] ?? ""}` : `it takes no more than ${most} of ${positionals.join(" ")}`;
    return {
      files: positionals,
      isSet: (option) => values[option] === true,
      texts: (option) => [values[option] ?? []].flat().map(String),
      text: (option) => {
        const value = values[option];
        return typeof value === "string" ? value : undefined;
      },
    };
  } catch (error) {
    return error instanceof Error ? (error.message.split(". ")[0] as string) : String(error);
  }
}

function wrong(tools: Tools, what: string, hint: string): number {
  tools.io.tell(`chartulary: ${what} (${hint})`);
  return EXIT.couldNot;
}

function overview(): string {
  const width = Math.max(...Object.keys(COMMANDS).map((name) => name.length));
  const lines = Object.entries(COMMANDS).map(([name, { summary }]) => `  ${name.padEnd(width)}  ${summary}`);
  return `Chartulary keeps FHIR R4 documents so that nobody can dispute them later.

chartulary COMMAND [OPTION...] [FILE...]

${lines.join("\n")}

chartulary COMMAND --help tells more. Exit codes: 0 yes, 1 no, 2 could not be done.
`;
}
