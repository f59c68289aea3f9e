import { toBase64 } from "../core/crypto/base64.ts";
import { treeOf } from "../core/fhir/tree/tree.ts";
import { writeJson } from "../core/fhir/json/write-json.ts";
import { AppError } from "../core/errors.ts";
import { reasonOf } from "../core/formats/new-origin.ts";
import type { Watched, WatchResult } from "../pipeline/audit/watch-log.ts";
import { originIn } from "./log-tools.ts";
import { EXIT, type Arguments, type Command, type Tools } from "./command.ts";

export const log: Command = {
  help: `chartulary log new-origin --reason TEXT [--origin NAME] [--json]
chartulary log watch URL --state FILE [--trust FILE] [--max-age HOURS] [--every SECONDS] [--json]

new-origin lets the log go on under another origin and key, when it can't go on under its own: after an older copy of the
database took the place of the newer one, or its key got into strange hands. Its first entry names the newest checkpoint that
the database holds, and that of the high-water mark where it is another one; the old key is destroyed. What was deposited
before stays readable and provable. Stop the service first, and have /trust.json fetched anew afterwards: it names both logs.

  --reason TEXT    why, in one line. It stands in the log for everybody to read: no patient data
  --origin NAME    the new name; without it one that nobody else has. Where LOG_ORIGIN is set, set it to the new one then
  --json           one JSON line

watch follows the log of a running repository from outside, and needs none here: its newest checkpoint must be signed, go on
from the one that was seen before (by the tiles of the log), and bear a signed time that is young enough, of the log itself or
of a witness that the trust file names. What was seen is kept before it is told.

  --state FILE     where that is kept; the first time there is none. A checkpoint that contradicts what was seen is kept there too
  --trust FILE     the repository's trust file; without one the file that it gives at the first time, which is kept
  --max-age HOURS  how old a signed time may be (24)
  --every SECONDS  look again and again, at least every 10 s, until the log forks or is set back, or it is told to stop
  --json           one JSON line for each look: {"result","text","origin","size","root","signedAt","witnesses","checkpoint"}

Exit code: of new-origin 0, or 2 when it could not be done. Of watch 0 it goes on and is fresh, 1 it forked, was set back or
is not signed, 2 it is stale, is another log than before, or could not be asked.
`,
  options: {
    reason: { type: "string" },
    origin: { type: "string" },
    state: { type: "string" },
    trust: { type: "string" },
    "max-age": { type: "string" },
    every: { type: "string" },
    json: { type: "boolean" },
  },
  takes: { least: 1, most: 2 },

  async run(given, tools) {
    const [action, url] = given.files;
    if (action === "watch") return watch(url, given, tools);
    if (action !== "new-origin" || url !== undefined)
      throw new AppError("unsupported", `there is nothing called ${given.files.join(" ")} to do with the log`);
    const begun = await tools.beginNewOrigin(reasonOf(given.text("reason") ?? ""), originIn(given.text("origin")));
    const { index, origin, vkey, previous } = begun;
    const lines = [
      `new log   ${origin}`,
      `key       ${vkey}`,
      `begins    as entry ${index}`,
      ...(previous.mark === null
        ? []
        : [`the old log was seen further, or otherwise, than the database has it:`, previous.mark.split("\n\n", 1)[0] ?? ""]),
    ];
    await tools.io.print(given.isSet("json") ? `${writeJson(treeOf({ index, origin, vkey, previous }))}\n` : `${lines.join("\n")}\n`);
    return EXIT.yes;
  },
};

const CODES: Readonly<Record<WatchResult, number>> = {
  ...{ fine: EXIT.yes, forked: EXIT.no, "rolled-back": EXIT.no, false: EXIT.no },
  ...{ stale: EXIT.couldNot, "other-log": EXIT.couldNot },
};

async function watch(url: string | undefined, given: Arguments, { io, watchLog }: Tools): Promise<number> {
  const stateFile = given.text("state");
  if (url === undefined || stateFile === undefined) throw new AppError("invalid", "watch needs the address of a repository, and --state FILE");
  const every = numberOf(given.text("every"), "--every", 10);
  const maxAge = (numberOf(given.text("max-age"), "--max-age", 0) ?? 24) * 3_600_000;
  for (;;) {
    const code = await look();
    if (every === undefined || code === EXIT.no || io.isAbandoned()) return code;
    await new Promise((resolve) => setTimeout(resolve, every * 1_000));
  }

  async function look(): Promise<number> {
    try {
      const watched = await watchLog(url as string, { stateFile: stateFile as string, trustFile: given.text("trust"), maxAge });
      await io.print(given.isSet("json") ? `${writeJson(treeOf(fieldsOf(watched)))}\n` : `${watched.result.padEnd(12)}${watched.text}\n`);
      return CODES[watched.result];
    } catch (error) {
      // Who looks again and again waits for a log that is away.
      if (every === undefined || !(error instanceof AppError) || error.code !== "unavailable") throw error;
      io.tell(`chartulary log watch: ${error.message}`);
      return EXIT.couldNot;
    }
  }
}

function fieldsOf({ result, text, origin, size, root, signedAt, witnesses, note }: Watched): object {
  return {
    ...{ result, text, origin, size, root: toBase64(root) },
    signedAt: signedAt === undefined ? null : new Date(signedAt).toISOString(),
    witnesses: witnesses === undefined ? null : { seen: [...witnesses.seen], isEnough: witnesses.isEnough },
    checkpoint: note,
  };
}

function numberOf(text: string | undefined, option: string, least: number): number | undefined {
  if (text === undefined) return undefined;
  if (!/^\d{1,6}(?:\.\d{1,3})?$/.test(text) || Number(text) < least)
    throw new AppError("invalid", `${option} must be a number from ${least} on, not ${text}`);
  return Number(text);
}
