import { toBase64 } from "../core/crypto/base64.ts";
import { treeOf } from "../core/fhir/tree/tree.ts";
import { writeJson } from "../core/fhir/json/write-json.ts";
import { noteIn } from "./backup.ts";
import { EXIT, type Arguments, type Audited, type Command, type IndexAudited, type Tools } from "./command.ts";
import { AppError } from "../core/errors.ts";

export const audit: Command = {
  help: `chartulary audit [--index] [--against FILE] [--json]
chartulary audit --url URL [--trust FILE] [--against FILE] [--json]
chartulary audit --trail [--json]

Replays the log and holds everything that is kept against it: the tree and every checkpoint, every document under its key, its seal,
its deposit record, claims, keys, holds and erasures, and of the index the rows of documents. It says in words what was changed,
removed or added. Nothing is changed, and a service may run meanwhile. What was erased passes as erased. Held against nothing are
the positions of followers, kept verdicts on narratives and kept renditions.

  --index         every other row of the index too: those by which what stands in documents is found (resources, words, spans, links).
                  They are worked out anew from each document, which takes several times as long. Without it they are only looked for
                  where no document is

With --url it is done from outside, as an auditor can who has no access to the machine: of the tiles of the log and of each
document's receipt. Documents are not fetched.

  --against FILE  a checkpoint (/log/checkpoint) or receipt from before: the log must have gone on from there. Keep the newest
                  checkpoint of each audit for the next
  --url URL       address of a running repository
  --trust FILE    its trust file, from before; without one the keys are those that it names itself
  --trail         the audit trail instead (who saw what): every leaf, node and checkpoint of its logs, every batch of events under its day's key, and
                  each log against the mark beside the keys
  --json          one JSON line: {"verdict":…,"size":…,"root":…,"documents":…,"erased":…,"findings":[{"kind","what","id","index","text"}],…}

Exit code: 0 everything is as it was committed, 1 something was changed, removed or added, 2 could not be done.
`,
  options: {
    index: { type: "boolean" },
    against: { type: "string" },
    url: { type: "string" },
    trust: { type: "string" },
    trail: { type: "boolean" },
    json: { type: "boolean" },
  },
  takes: { least: 0, most: 0 },

  async run(given, tools) {
    const { io } = tools;
    if (given.isSet("trail")) return auditTrail(given, tools);
    const against = given.text("against");
    const notes = against === undefined ? [] : [await noteIn(against)];
    const url = given.text("url");
    const start = performance.now();
    const isIndexWhole = given.isSet("index");
    if (isIndexWhole && url !== undefined)
      throw new AppError("invalid", "--index is for whoever has the database: from outside (--url) no index is seen");
    const told = { onProgress: (done: number, all: number): void => io.progress(`${done} of ${all} entries`) };
    const audited =
      url === undefined
        ? await tools.audit(notes, { isIndexWhole, told })
        : await tools.auditFrom(url, { against: notes, trustFile: given.text("trust"), told });
    io.progress("");
    const seconds = (performance.now() - start) / 1000;
    await io.print(given.isSet("json") ? `${writeJson(treeOf(fieldsOf(audited, seconds)))}\n` : textOf(audited, seconds));
    return audited.count > 0 ? EXIT.no : EXIT.yes;
  },
};

/** Of a log that nothing was kept apart from. */
const UNMARKED = "mark       none: that the newest batches were removed would not be seen\n";

async function auditTrail(given: Arguments, { io, auditTrail: verify }: Tools): Promise<number> {
  const { logs, findings, spooled } = await verify({ onProgress: (done) => io.progress(`${done} batches`) });
  io.progress("");
  const isIntact = findings.length === 0;
  const told = logs.map(({ root, ...log }) => ({ ...log, root: toBase64(root) }));
  const lines = told.map(
    ({ origin, size, events, ended, root, isMarked }) =>
      `trail      ${origin}\nbatches    ${size}, root ${root}\nevents     ${events}${ended > 0 ? `; ${ended} batches of days whose keys were destroyed` : ""}\n${isMarked ? "" : UNMARKED}`,
  );
  const waiting = spooled === 0 ? "" : `not held   ${spooled} batches that wait in DATA_DIR/audit-spool: they are in no log yet\n`;
  const none = logs.length === 0 ? "trail      none: there is no log here, and no mark of one\n" : "";
  const text = `${findings.map((one) => `CHANGED    ${one}\n`).join("")}${lines.join("")}${none}${waiting}${isIntact ? "intact: what is there is as it was written." : `NOT INTACT: ${findings.length} findings.`}\n`;
  const fields = { verdict: isIntact ? "intact" : "not-intact", logs: told, spooled, count: findings.length, findings };
  await io.print(given.isSet("json") ? `${writeJson(treeOf(fields))}\n` : text);
  return isIntact ? EXIT.yes : EXIT.no;
}

function fieldsOf({ root, findings, count, ...facts }: Audited, seconds: number): object {
  return { verdict: count === 0 ? "intact" : "not-intact", ...facts, root: toBase64(root), seconds: Math.round(seconds * 10) / 10, count, findings };
}

function textOf(
  { size, origin, root, documents, erased, others, bytes, isIndexAudited, index, notShown, findings, count }: Audited,
  seconds: number,
): string {
  const told = findings.slice(0, MOST).map(({ kind, what, text }) => `${kind.toUpperCase().padEnd(8)} ${what.padEnd(10)} ${text}\n`);
  const more = count > told.length ? `... and ${count - told.length} more (--json)\n` : "";
  const rate = seconds > 0 ? Math.round(documents / seconds) : documents;
  return `${told.join("")}${more}log        ${origin}
entries    ${size}, root ${toBase64(root)}
documents  ${documents}, ${erased} of them erased${notShown === undefined ? "" : `, ${notShown} not shown to us`}${bytes === undefined ? "" : `; ${bytes} bytes as they are kept`}
others     ${others} entries (holds, releases, erasures, origins, epochs, messages of identity feeds, XML seals)
index      ${isIndexAudited === undefined ? "not asked" : index === undefined ? "not audited: it is not there, or was made under other settings" : indexText(index, size)}
${isIndexAudited === undefined ? "" : "not held   followers' positions, kept verdicts on narratives, kept renditions: nobody can say what they were\n"}took       ${Math.round(seconds * 10) / 10} s, ${rate} documents a second
${count === 0 ? "intact: everything is as it was committed." : `NOT INTACT: ${count} findings.`}
`;
}

function indexText({ documents, resources, areResourcesCompared }: IndexAudited, size: number): string {
  const upTo = (entries: number): string => (entries < size ? `, of the first ${entries} entries: the index has taken in no more` : "");
  return areResourcesCompared
    ? `held against the documents${upTo(documents)}; what stands in documents too${upTo(resources)}`
    : `the rows of documents held against them${upTo(documents)}. Not compared: the rows by which what stands in documents is found (--index compares them)`;
}

/** Findings that are shown to people. */
const MOST = 200;
