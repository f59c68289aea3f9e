import { AppError } from "../core/errors.ts";
import { writeJson } from "../core/fhir/json/write-json.ts";
import { treeOf } from "../core/fhir/tree/tree.ts";
import { isKnown, type Caller } from "../core/asked.ts";
import { LATE, type ToldJob } from "../jobs/job.ts";
import { EXIT, type Command } from "./command.ts";

/** What is listed at most: as many as may be under way, and as many again that have ended. */
const MOST = 2_000;
/** So much of a name tells it from others, mostly. */
const SHORT = 12;

export const jobs: Command = {
  help: `chartulary jobs list [--json]
chartulary jobs show NAME
chartulary jobs cancel NAME

Work that goes on after its request was answered: requests that are answered later, exports, imports. A service may run meanwhile.

  list    names all of them, those under way first: name, kind, state, progress, owner, when it was asked for, and why it failed,
          or since when nobody has taken it up (chartulary doctor tells what that means)
  show    tells one of them, as JSON
  cancel  ends one that is under way; its owner is told so. Whoever works upon it stops within seconds

NAME is a job's name, or a beginning of it that no other has. It is not the id by which its owner asks about it, which is a secret; what
is asked for and what came of it is not told.

  --json  one JSON line each

Exit code: 0 done, 1 there is no such job, or it has ended, 2 could not be done.
`,
  options: { json: { type: "boolean" } },
  takes: { least: 1, most: 2 },

  run: async (given, { io, openJobs }) => {
    const [action = "", name] = given.files;
    if (!["list", "show", "cancel"].includes(action))
      throw new AppError("unsupported", `there is nothing called ${action} to do with jobs (list, show, cancel)`);
    if (action !== "list" && name === undefined) throw new AppError("invalid", "name the job");
    const open = await openJobs();
    try {
      const all = (await open.list(MOST)).filter((one) => name === undefined || one.name.startsWith(name));
      const [found] = all;
      if (name !== undefined && (!found || all.length > 1))
        throw new AppError("not-found", found ? `several jobs begin with ${name}` : `there is no job ${name}`);
      if (action === "cancel") {
        if (!found || !(await open.cancel(found.name))) throw new AppError("conflict", "it has ended already");
        await io.print(`${found.name.slice(0, SHORT)}  cancelled\n`);
      } else for (const one of all) await io.print(given.isSet("json") || action === "show" ? `${writeJson(treeOf(shown(one)))}\n` : lineOf(one));
      return EXIT.yes;
    } catch (error) {
      if (!(error instanceof AppError) || (error.code !== "not-found" && error.code !== "conflict")) throw error;
      io.tell(`chartulary jobs: ${error.message}`);
      return EXIT.no;
    } finally {
      await open.close();
    }
  },
};

function shown({ owner, ...job }: ToldJob): object {
  return { ...job, owner: nameOf(owner) };
}

function lineOf({ name, kind, state, progress, owner, createdAt, failure, dueSince }: ToldJob): string {
  const share = progress.share === undefined || state !== "running" ? "" : ` ${Math.floor(progress.share * 100)} %`;
  const text = state === "running" ? `  ${progress.text}` : "";
  const isLate = dueSince !== undefined && Date.now() - Date.parse(dueSince) > LATE;
  const why = failure ?? (isLate ? `nobody has taken it up since ${dueSince}` : undefined);
  return `${name.slice(0, SHORT)}  ${kind}  ${state}${share}${text}  ${nameOf(owner)}  ${createdAt}${why === undefined ? "" : `  ${why}`}\n`;
}

/** As people know them. */
function nameOf(owner: Caller): string {
  return isKnown(owner) || owner.kind === "program" ? owner.name : owner.kind;
}
