import { treeOf } from "../core/fhir/tree/tree.ts";
import { writeJson } from "../core/fhir/json/write-json.ts";
import { AppError } from "../core/errors.ts";
import { ERASURE_REASONS, erasureReasonOf } from "../core/formats/custody.ts";
import { EXIT, type Command } from "./command.ts";
import { documentIdOf, orderedBy } from "./custody-order.ts";

export const erase: Command = {
  help: `chartulary erase ID --reason CODE[: TEXT] --by NAME [--json]

Erases a document for ever: enters the erasure in the log, destroys the document's key, and takes it out of lists and search. From
then on every address of it answers 410 with the reason's code. What was proved stays proved: its entry stays in the log, and receipts
that were given before stay valid. A service may run meanwhile, and honours it at once. Under a legal hold it is refused. There is no
way back. docs/operating.md says when an erasure is final, backups included.

  --reason CODE[: TEXT]  why. The code is public, in the log and in the answer 410; text is kept encrypted, for the audit.
                         Codes:
${Object.entries(ERASURE_REASONS)
  .map(([code, meaning]) => `                         ${code.padEnd(13)} ${meaning}`)
  .join("\n")}
                         Text without a code has the code other
  --by NAME              who answers for it; kept encrypted
  --json                 one JSON line: {"id":…,"entry":…,"at":…,"isNew":…,"isUnlisted":…}

Exit code: 0 erased (also when it was before), 1 refused: there is no such document, or it is under a legal hold, 2 could not be done.
`,
  options: { reason: { type: "string" }, by: { type: "string" }, json: { type: "boolean" } },
  takes: { least: 1, most: 1 },

  async run(given, { io, openCustody }) {
    const documentId = documentIdOf(given.files[0] ?? "");
    const { code, text } = erasureReasonOf(given.text("reason") ?? "");
    const by = orderedBy(given);
    const custody = await openCustody();
    try {
      const { entry, isNew, isUnlisted } = await custody.erase({ documentId, by, text, reason: code });
      if (!isUnlisted)
        io.tell(
          "the index was made under other settings (PATIENT_SYSTEMS), or cannot be reached: the service takes the document out of it when it runs next",
        );
      const fields = { id: documentId, entry: entry.index, at: entry.receivedAt, isNew, isUnlisted };
      const words = isNew ? `erased, as entry ${entry.index} of the log` : `was erased before, as entry ${entry.index} of the log`;
      await io.print(given.isSet("json") ? `${writeJson(treeOf(fields))}\n` : `${documentId} ${words}\n`);
      return EXIT.yes;
    } catch (error) {
      return refused(error, (text) => io.tell(`chartulary erase: ${text}`));
    } finally {
      await custody.close();
    }
  },
};

/** What the log's state forbids is a no; everything else could not be done. */
export function refused(error: unknown, tell: (text: string) => void): number {
  if (!(error instanceof AppError) || !["not-found", "conflict", "gone"].includes(error.code)) throw error;
  tell(error.message);
  return EXIT.no;
}
