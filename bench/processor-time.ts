import { readdirSync, readFileSync } from "node:fs";

/** A hundredth of a second: in what Linux counts (`getconf CLK_TCK`). */
const TICK = 10;

/**
 * Time that processes and all that they started have had of processors, in milliseconds; undefined where the system does not tell (Linux does). It says what work costs where others work too,
 * which the time on the clock does not.
 */
export function processorTime(processes: readonly number[]): number | undefined {
  const all = new Map<number, { readonly parent: number; readonly ticks: number }>();
  try {
    for (const name of readdirSync("/proc")) {
      const stat = /^\d+$/.test(name) ? statOf(name) : undefined;
      // man proc: the parent is the 4th field, utime, stime, cutime and cstime are the 14th to 17th; counted here from the 3rd, behind the name.
      if (stat) all.set(Number(name), { parent: Number(stat[1]), ticks: stat.slice(11, 15).reduce((sum, field) => sum + Number(field), 0) });
    }
  } catch {
    return undefined;
  }
  if (!processes.every((process) => all.has(process))) return undefined;
  const isOurs = (process: number): boolean => processes.includes(process) || (all.has(process) && isOurs(all.get(process)?.parent ?? 0));
  return [...all].reduce((sum, [process, { ticks }]) => (isOurs(process) ? sum + ticks * TICK : sum), 0);
}

/** The fields behind its name, which may hold anything and ends with the last bracket; undefined of one that has ended meanwhile. */
function statOf(process: string): readonly string[] | undefined {
  try {
    return readFileSync(`/proc/${process}/stat`, "utf8").split(") ").at(-1)?.split(" ");
  } catch {
    return undefined;
  }
}
