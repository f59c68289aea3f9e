import { AppError } from "../core/errors.ts";
import { writeJson } from "../core/fhir/json/write-json.ts";
import { treeOf } from "../core/fhir/tree/tree.ts";
import type { SubscriptionState } from "../events/subscription-states.ts";
import { EXIT, type Command } from "./command.ts";

export const subscriptions: Command = {
  help: `chartulary subscriptions list [--json]
chartulary subscriptions show ID
chartulary subscriptions resume ID

Who is told of documents, and how far each receiver has come. A service may run meanwhile.

  list    names all of them: id, status, events that its receiver took of those that there are, owner, where they go, and what
          the last attempt met while it fails
  show    tells one of them, as JSON
  resume  has one tried anew that is in error, or waits after failures: from where it stopped, nothing is left out

Secret headers, what is searched for and paths of addresses are not told.

  --json  one JSON line each

Exit code: 0 done, 1 there is no such subscription, or it has ended, 2 could not be done.
`,
  options: { json: { type: "boolean" } },
  takes: { least: 1, most: 2 },

  run: async (given, { io, openNotifications }) => {
    const [action = "", id] = given.files;
    if (!["list", "show", "resume"].includes(action))
      throw new AppError("unsupported", `there is nothing called ${action} to do with subscriptions (list, show, resume)`);
    if (action !== "list" && id === undefined) throw new AppError("invalid", "name the subscription's id");
    const open = await openNotifications();
    try {
      if (action === "resume") await io.print(lineOf(await open.resume(id ?? "")));
      else {
        const all = (await open.list()).filter((one) => id === undefined || one.id === id);
        if (id !== undefined && all.length === 0) throw new AppError("not-found", `there is no Subscription/${id}`);
        for (const one of all) await io.print(given.isSet("json") || action === "show" ? `${writeJson(treeOf(one))}\n` : lineOf(one));
      }
      return EXIT.yes;
    } catch (error) {
      if (!(error instanceof AppError) || (error.code !== "not-found" && error.code !== "conflict")) throw error;
      io.tell(`chartulary subscriptions: ${error.message}`);
      return EXIT.no;
    } finally {
      await open.close();
    }
  },
};

function lineOf({ id, status, delivered, events, owner, channel, wanted, failures, failingSince, lastFailure }: SubscriptionState): string {
  const failing = failures === 0 ? "" : `  failing since ${failingSince ?? "?"}: ${lastFailure ?? ""} (attempts: ${failures})`;
  return `${id}  ${status}  ${delivered}/${events}  ${owner}  ${wanted}  ${channel}${failing}\n`;
}
