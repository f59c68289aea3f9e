import { toBase64 } from "../core/crypto/base64.ts";
import { treeOf } from "../core/fhir/tree/tree.ts";
import { writeJson } from "../core/fhir/json/write-json.ts";
import { AppError } from "../core/errors.ts";
import { orRefused } from "./backup.ts";
import type { Command } from "./command.ts";
import type { Copied } from "./told.ts";

export const copy: Command = {
  help: `chartulary copy --to PLACE [--from PLACE] [--json]

Copies a repository from SQLite to MongoDB, or back, while the source takes documents: all entries, documents, keys, holds, erasures
and checkpoints, made again as they were. The copy is audited as a whole. Then the source is closed, at once for all who have it open:
from then on it takes no document and no other entry, for ever, and answers deposits with 503. What came last is copied and audited,
and the copy takes documents from then on. There is no way back but another copy: two logs that went on under one key would be a fork.

PLACE is a data folder (as a path, or sqlite:FOLDER), or mongodb://…, made ready by chartulary mongo init; MONGODB_URL and DATA_DIR
stand for what these settings say, so that no password is seen on the command line. Keys, the log's mark and the list of erasures
stay where they are (KEYS_DIR, WATERMARK_FILE, ERASURES_FILE): the service on the copy needs the same. Erasing a document in the copy
does not reach the source: remove the source when the copy has run for a while.

The audit trail goes along, verified, with the days' keys. A closed source can still be read, and what is read there it writes down
still: end its service, and run the same copy once more; that takes along what came since, also beside the service on the copy.

Interrupted, it is run again with the same places and goes on; until it has come to its end, no service opens the copy.

  --to PLACE    where to: an empty database, or a folder without one
  --from PLACE  where from; without it what MONGODB_URL and DATA_DIR say
  --json        one JSON line: {"size":…,"root":…,"closedAt":…,"to":…,"wasCopied":…,"trail":{"batches","events","added","ended"},"spooled":…}

Exit code: 0 copied, and the source is closed; 1 refused: there is a repository already, or the source was closed for another copy;
2 could not be done; the source is as it was, or is closed and says so.
`,
  options: { from: { type: "string" }, to: { type: "string" }, json: { type: "boolean" } },
  takes: { least: 0, most: 0 },

  async run(given, tools) {
    const { io } = tools;
    const to = given.text("to");
    if (to === undefined) throw new AppError("invalid", "--to is missing: where the repository is to be copied");
    return orRefused("copy", io.tell, async () => {
      const copied = await tools.copy(given.text("from"), to, {
        told: { onProgress: (done, all) => io.progress(`${done} of ${all} entries`) },
        onStage: (text) => io.tell(text),
      });
      io.progress("");
      const { size, root, closedAt, to: target, wasCopied, isFolder, trail, spooled } = copied;
      const settings = isFolder ? "DATA_DIR to that folder, without MONGODB_URL" : "MONGODB_URL to that database";
      await io.print(
        given.isSet("json")
          ? `${writeJson(treeOf({ size, root: toBase64(root), closedAt, to: target, wasCopied, trail: trail ?? null, spooled }))}\n`
          : `${wasCopied ? "was copied before" : "copied"}: ${size} entries, root ${toBase64(root)}
${trailText(copied)}
the source is closed since ${closedAt}; the log goes on in ${target}
start the service there: set ${settings}; KEYS_DIR, WATERMARK_FILE and ERASURES_FILE to where they are now
`,
      );
    });
  },
};

function trailText({ trail, spooled }: Copied): string {
  if (!trail) return "audit trail  none in the source";
  const { batches, events, added, ended } = trail;
  const ofEnded = ended === 0 ? "" : `, ${ended} of them of days whose keys were destroyed`;
  const waiting =
    spooled === 0
      ? ""
      : `\nnot copied   ${spooled} batches that wait in the source's audit-spool: start its service once, end it, and run this once more`;
  return `audit trail  ${batches} batches, ${added} of them by this run${ofEnded}; ${events} events verified${waiting}`;
}
