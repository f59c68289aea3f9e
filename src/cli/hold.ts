import { treeOf } from "../core/fhir/tree/tree.ts";
import { writeJson } from "../core/fhir/json/write-json.ts";
import { lineOf } from "../core/formats/custody.ts";
import { EXIT, type Command } from "./command.ts";
import { documentIdOf, orderedBy } from "./custody-order.ts";
import { refused } from "./erase.ts";

const OPTIONS = { reason: { type: "string" }, by: { type: "string" }, json: { type: "boolean" } } as const;

export const hold: Command = {
  help: `chartulary hold ID --reason TEXT --by NAME [--json]

Puts a document under a legal hold: until it is released, it is not erased, by nobody. The hold is an entry of the log; who holds it
and why is kept encrypted. A service may run meanwhile.

  --reason TEXT  why, in one line
  --by NAME      who answers for it
  --json         one JSON line: {"id":…,"entry":…,"at":…,"isNew":…}

Exit code: 0 held (also when it was before), 1 there is no such document, or it was erased, 2 could not be done.
`,
  options: OPTIONS,
  takes: { least: 1, most: 1 },
  run: (given, tools) => enter("hold", given, tools),
};

export const release: Command = {
  help: `chartulary release ID --reason TEXT --by NAME [--json]

Ends a document's legal hold. The release is an entry of the log, as the hold is.

  --reason TEXT  why, in one line
  --by NAME      who answers for it
  --json         one JSON line: {"id":…,"entry":…,"at":…,"isNew":…}

Exit code: 0 released, 1 there is no such document, or it is under no hold, 2 could not be done.
`,
  options: OPTIONS,
  takes: { least: 1, most: 1 },
  run: (given, tools) => enter("release", given, tools),
};

async function enter(
  kind: "hold" | "release",
  given: Parameters<Command["run"]>[0],
  { io, openCustody }: Parameters<Command["run"]>[1],
): Promise<number> {
  const order = { documentId: documentIdOf(given.files[0] ?? ""), text: lineOf(given.text("reason") ?? "", "a reason"), by: orderedBy(given) };
  const custody = await openCustody();
  try {
    const { entry, isNew } = await custody[kind](order);
    const done = kind === "hold" ? "under a legal hold" : "released";
    const fields = { id: order.documentId, entry: entry.index, at: entry.receivedAt, isNew };
    const words = `${done}${isNew ? "" : " already"}, as entry ${entry.index} of the log says`;
    await io.print(given.isSet("json") ? `${writeJson(treeOf(fields))}\n` : `${order.documentId} ${words}\n`);
    return EXIT.yes;
  } catch (error) {
    return refused(error, (text) => io.tell(`chartulary ${kind}: ${text}`));
  } finally {
    await custody.close();
  }
}
