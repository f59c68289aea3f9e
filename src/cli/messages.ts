import { treeOf } from "../core/fhir/tree/tree.ts";
import { writeJson } from "../core/fhir/json/write-json.ts";
import { AppError } from "../core/errors.ts";
import { EXIT, type Command } from "./command.ts";
import type { OutgoingTold } from "../events/outbox.ts";

export const messages: Command = {
  help: `chartulary messages [--json]
chartulary messages resend [ID] [--json]
chartulary messages remove ID [--json]

Without a word behind it: tells the answers to messages that were asked for at a response-url and were not taken there: the
oldest first, those that were given up after three days (dead) among them. What was taken is not told.

resend tries anew the one of that ID, or all that were given up. A service that runs sends them within a second or two.

remove forgets the one of that ID: it is not sent any more. What was given up is forgotten after 30 days.

  --json  a JSON line for each: {"id","url","attempts","failure","next","dead"}

Exit code: 0; 1 some were given up (without a word), or there is none of that ID; 2 could not be told or done.
`,
  options: { json: { type: "boolean" } },
  takes: { least: 0, most: 2 },

  async run(given, tools) {
    const [action, id] = given.files;
    if (action !== undefined && action !== "resend" && action !== "remove")
      throw new AppError("unsupported", `there is nothing called ${action} to do with messages`);
    if (action === "remove" && id === undefined) throw new AppError("unsupported", "say which one: `chartulary messages` tells their IDs");
    const opened = await tools.openMessages();
    try {
      if (action === "resend") {
        const count = await opened.resend(id);
        await tools.io.print(given.isSet("json") ? `${writeJson(treeOf({ resent: count }))}\n` : `${count} tried anew\n`);
        return id !== undefined && count === 0 ? EXIT.no : EXIT.yes;
      }
      if (action === "remove" && id !== undefined) {
        const isRemoved = await opened.remove(id);
        await tools.io.print(
          given.isSet("json") ? `${writeJson(treeOf({ removed: isRemoved ? 1 : 0 }))}\n` : `${isRemoved ? "removed" : "there is none of that ID"}\n`,
        );
        return isRemoved ? EXIT.yes : EXIT.no;
      }
      const all = await opened.list();
      const lines = all.map((one) => (given.isSet("json") ? writeJson(treeOf(fieldsOf(one))) : lineOf(one)));
      await tools.io.print(lines.length > 0 ? `${lines.join("\n")}\n` : given.isSet("json") ? "" : "every answer was taken\n");
      return all.some(({ isDead }) => isDead) ? EXIT.no : EXIT.yes;
    } finally {
      await opened.close();
    }
  },
};

function fieldsOf({ id, url, failures, lastFailure, notBefore, isDead }: OutgoingTold): object {
  return { id, url, attempts: failures, failure: lastFailure, next: isDead ? undefined : new Date(notBefore).toISOString(), dead: isDead };
}

function lineOf({ id, url, failures, lastFailure, notBefore, isDead }: OutgoingTold): string {
  const when = isDead ? "dead" : `next at ${new Date(notBefore).toISOString()}`;
  return `${id}  ${url}  ${failures === 0 ? "not tried yet" : `${failures} attempts failed, ${when}: ${lastFailure ?? ""}`}`;
}
