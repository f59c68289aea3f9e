import { AppError } from "../core/errors.ts";
import { writeJson } from "../core/fhir/json/write-json.ts";
import { treeOf } from "../core/fhir/tree/tree.ts";
import type { SubscriptionState } from "../events/subscription-states.ts";
import type { ReceiverTest } from "../interactions/fhir/subscriptions/test-subscription.ts";
import { EXIT, type Command } from "./command.ts";

export const subscriptions: Command = {
  help: `chartulary subscriptions list [--json]
chartulary subscriptions show ID
chartulary subscriptions resume ID
chartulary subscriptions test ID

Who is told of documents, and how far each receiver has come. A service may run meanwhile.

  list    names all of them: id, status, events that its receiver took of those that there are, owner, where they go, and what
          the last attempt met while it fails; the newest problems first
  show    tells one of them, as JSON
  resume  has one tried anew that is in error, or waits after failures: from where it stopped, nothing is left out
  test    calls the receiver with what tells of no event, and says what it answered: a heartbeat by rest-hook, of the R5 Backport's
          subscriptions; an OPTIONS request, with the headers of the subscription, of R4's own and of messages. Where the
          receiver stands is not moved

Secret headers, what is searched for and paths of addresses are not told.

  --json  one JSON line each

Exit code: 0 done, 1 there is no such subscription, it has ended, or its receiver did not take the test, 2 could not be done.
`,
  options: { json: { type: "boolean" } },
  takes: { least: 1, most: 2 },

  run: async (given, { io, openNotifications }) => {
    const [action = "", id] = given.files;
    if (!["list", "show", "resume", "test"].includes(action))
      throw new AppError("unsupported", `there is nothing called ${action} to do with subscriptions (list, show, resume, test)`);
    if (action !== "list" && id === undefined) throw new AppError("invalid", "name the subscription's id");
    const open = await openNotifications();
    try {
      if (action === "test") {
        const tested = await open.test(id ?? "");
        await io.print(`${testLine(tested)}\n`);
        return tested.isTaken ? EXIT.yes : EXIT.no;
      }
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

function testLine({ sent, isTaken, status, reason }: ReceiverTest): string {
  const what = sent === "heartbeat" ? "a heartbeat" : "OPTIONS";
  if (!isTaken) return `not taken: ${reason ?? ""} (sent: ${what})`;
  return sent === "heartbeat" ? `taken: it answered ${status ?? ""} to a heartbeat` : `somebody is there: it answered ${status ?? ""} to OPTIONS`;
}

function lineOf({ id, status, delivered, events, owner, channel, endpoint, wanted, failures, failingSince, lastFailure }: SubscriptionState): string {
  const failing = failures === 0 ? "" : `  failing since ${failingSince ?? "?"}: ${lastFailure ?? ""} (attempts: ${failures})`;
  const where = endpoint === undefined ? channel : `${channel} to ${endpoint}`;
  return `${id}  ${status}  ${delivered}/${events}  ${owner}  ${wanted}  ${where}${failing}\n`;
}
