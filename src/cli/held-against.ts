import type { RecordedProfiles, RecordedVerdict } from "../core/formats/deposit-profiles.ts";

/** What can't be seen, or could move a terminal's cursor. */
const UNSEEN = /\p{C}+/gu;

/**
 * What a resource was held against besides R4, for people, where there are packages: a line for each profile and result, each ended. What was not held stands among the issues (`profile-not-held`).
 * @param profiles undefined: nothing is to be said, for no set of packages was in force on its day and no profile was asked
 */
export function heldAgainstText(file: string, profiles: RecordedProfiles | undefined): string {
  const asked = (profiles?.verdicts ?? []).filter(({ result }) => result !== "unheld");
  const told = [...Map.groupBy(asked, ({ profile, version, result }) => JSON.stringify([profile, version, result])).values()].flatMap(lineOf);
  const more = profiles?.more === undefined ? [] : [`and ${profiles.more} more`];
  const alone =
    profiles?.set === undefined ? "R4 alone: no set of packages was in force on its day" : "R4 alone: no profile that is held was asked for";
  return (told.length + more.length === 0 ? [alone] : [...told, ...more])
    .map((one) => `${file}: held against: ${one.replace(UNSEEN, " ")}\n`)
    .join("");
}

/** `Bundle - IPS 1.1.0: holds`; of several resources how many. */
function lineOf(group: readonly RecordedVerdict[]): string[] {
  const [first] = group;
  if (first === undefined) return [];
  const { profile, version, title, result } = first;
  const [url = "", asked] = profile.split("|");
  const said = version ?? asked;
  const count = group.reduce((sum, one) => sum + one.count, 0);
  return [`${title ?? url}${said === undefined ? "" : ` ${said}`}: ${result}${count > 1 ? ` (${count} resources)` : ""}`];
}
