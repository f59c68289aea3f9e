/** What a run found, for people. */
import type { compare, Judged, Tally } from "./compare.ts";
import { ENGINES } from "./engines.ts";

export function report(
  { tallies, differences, places }: ReturnType<typeof compare>,
  judged: readonly Judged[],
  notes: readonly string[],
  isPlaces: boolean,
): string {
  const all = tallies.length > 1 ? [...tallies, total(tallies)] : tallies;
  const times = judged.flatMap(({ ours }) => (ours ? [ours.milliseconds] : [])).sort((left, right) => left - right);
  const lines = [
    ...notes,
    "",
    "| family | cases | judged | wholly | valid | out of date | as the authors say | by the text | open | share | with the text | places | HL7's as authors | as ours | HAPI's as authors | as ours |",
    "|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|",
    ...all.map(row),
    "",
    `Time for one, first time: median ${(times[times.length >> 1] ?? 0).toFixed(2)} ms, slowest ${(times.at(-1) ?? 0).toFixed(1)} ms. Declared profiles not held: in ${judged.filter(({ ours }) => (ours?.unheld ?? 0) > 0).length} cases.`,
    "",
    ...differences.flatMap(({ name, family, isRefused, why, told, beside }) => [
      `- ${family}: ${name}: we ${isRefused ? "refuse" : "take"} it${beside === "" ? "" : `; ${beside}`}${why === undefined ? "" : ` (by the text: ${why})`}`,
      ...told.map((one) => `    - ${one.replace(/\s+/g, " ").slice(0, 300)}`),
    ]),
    ...(isPlaces ? ["", "Places that are expected, and where we have no error:", ...places.map((place) => `- ${place}`)] : []),
  ];
  return `${lines.join("\n")}\n`;
}

function row(tally: Tally): string {
  const { family, cases, told, judged, whole, valid, outOfDate, same, byText, places, shared, engines } = tally;
  const beside = ENGINES.map((engine) => {
    const { asked, same: theirs, asOurs } = engines[engine];
    return asked === 0 ? "– | –" : `${theirs}/${asked} | ${asOurs}/${asked}`;
  });
  return `| ${family} | ${cases} | ${judged} | ${whole} | ${valid} | ${outOfDate} | ${same} | ${byText} | ${told - same - byText} | ${percent(same, told)} | ${percent(same + byText, told)} | ${percent(shared, places)} | ${beside.join(" | ")} |`;
}

function total(tallies: readonly Tally[]): Tally {
  const sum = (of: (tally: Tally) => number): number => tallies.reduce((before, tally) => before + of(tally), 0);
  return {
    family: "all",
    cases: sum(({ cases }) => cases),
    told: sum(({ told }) => told),
    judged: sum(({ judged }) => judged),
    whole: sum(({ whole }) => whole),
    valid: sum(({ valid }) => valid),
    outOfDate: sum(({ outOfDate }) => outOfDate),
    same: sum(({ same }) => same),
    byText: sum(({ byText }) => byText),
    places: sum(({ places }) => places),
    shared: sum(({ shared }) => shared),
    engines: Object.fromEntries(
      ENGINES.map((engine) => [
        engine,
        {
          asked: sum(({ engines }) => engines[engine].asked),
          same: sum(({ engines }) => engines[engine].same),
          asOurs: sum(({ engines }) => engines[engine].asOurs),
        },
      ]),
    ) as Tally["engines"],
  };
}

function percent(part: number, whole: number): string {
  return whole === 0 ? "–" : `${((100 * part) / whole).toFixed(1)} %`;
}
