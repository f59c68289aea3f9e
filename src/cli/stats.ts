import { treeOf } from "../core/fhir/tree/tree.ts";
import { writeJson } from "../core/fhir/json/write-json.ts";
import { EXIT, type Command, type Stats } from "./command.ts";

export const stats: Command = {
  help: `chartulary stats [--json]

Tells what is there: entries of the log by kind, documents, what is erased and what is held, the newest, bytes on the disk by what they
are for, the index and how far it is behind, what is in the audit trail and waits for it, and how much came in each month. Nothing is
opened, and nothing is read as a whole: it takes about as long at a million documents as at a thousand; but the batches of the audit
trail are counted, and the keys of each epoch of the master key while two of them live. Averages are those of a sample of 200, spread
over the log. A service may run meanwhile.

  --json  one JSON line

Exit code: 0, or 2 when it could not be told.
`,
  options: { json: { type: "boolean" } },
  takes: { least: 0, most: 0 },

  async run(given, { io, stats: ask }) {
    const told = await ask();
    await io.print(given.isSet("json") ? `${writeJson(treeOf(told))}\n` : textOf(told));
    return EXIT.yes;
  },
};

function textOf({
  place,
  origin,
  size,
  kinds,
  erased,
  held,
  newestAt,
  oldestAt,
  months,
  average,
  epochs,
  bytes,
  index,
  trail,
  closure,
}: Stats): string {
  const rows: (readonly [string, string])[] = [
    ["place", place],
    ["log", origin],
    ...(closure === undefined ? [] : [["closed", `since ${closure.at}: it goes on in ${closure.to}`] as const]),
    ["entries", `${size}: ${Object.entries(kinds).map(([kind, count]) => `${count} ${kind}`).join(", ")}`], // prettier-ignore
    ["documents", `${kinds["deposit"] ?? 0}, ${erased} of them erased, ${held} under a legal hold`],
    ["from", `${oldestAt ?? "-"} to ${newestAt ?? "-"}`],
    ["average", average === undefined ? "-" : `${average.content} bytes of content, ${average.evidence} of evidence, ${average.leaf} of leaf (of ${average.sample} documents)`], // prettier-ignore
    ...epochs.map((epoch) => ["master key", epochText(epoch)] as const),
    ["index", index === undefined ? "none" : `${index.documents} documents, about ${index.resources} resources; ${behind(size, index)}`],
    ...trailRows(trail),
    ...bytes.map(({ what, bytes: count, files }) => ["bytes", `${String(count).padStart(14)}  ${what}${files === undefined ? "" : ` (${files} files)`}`] as const), // prettier-ignore
    ...months.map(({ month, entries }) => ["month", `${month}  ${entries} entries`] as const),
  ];
  return rows.map(([name, text], at) => `${(rows[at - 1]?.[0] === name ? "" : name).padEnd(11)}${text}\n`).join("");
}

function trailRows(trail: Stats["trail"]): (readonly [string, string])[] {
  if (!trail) return [["trail", "none: nothing was written down yet"]];
  const { batches, events, days, keys, from, to, logs, spooled } = trail;
  return [
    ["trail", `${events} events in ${batches} batches, ${from ?? "-"} to ${to ?? "-"}; ${days} days, ${keys} keys of days`],
    ...logs.map(({ log, size }) => ["trail", `log ${log}: ${size} batches`] as const),
    ...(spooled === 0 ? [] : [["trail", `${spooled} batches wait in DATA_DIR/audit-spool: they are in no log yet`] as const]),
  ];
}

function epochText({ epoch, begunAt, endedAt, keys }: Stats["epochs"][number]): string {
  const since = begunAt === undefined ? "" : ` since ${begunAt}`;
  return `epoch ${epoch}${since}${endedAt === undefined ? "" : `, ended on ${endedAt}`}${keys === undefined ? "" : `; ${keys} keys are wrapped in it`}`;
}

function behind(size: number, { size: documents, depth }: NonNullable<Stats["index"]>): string {
  return documents === size && depth === size ? "as far as the log" : `at ${documents} of ${size} entries, what stands in documents at ${depth}`;
}
