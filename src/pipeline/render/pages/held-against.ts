/** Against which profiles a document was held when it was deposited, and with what result: of the day's definitions, whatever is loaded now. */
import type { ProfileVerdict } from "../../../core/fhir/conformance/conformance.ts";
import { html, type Part, type SafeHtml } from "../html.ts";
import type { Locale } from "../locale.ts";
import { cut, oneLine } from "./one-line.ts";

/** What came of the profiles of one document. */
export interface HeldAgainst {
  /** The set of packages by the name that its operator gave it; undefined where nothing but R4 was asked. */
  readonly set?: string | undefined;
  readonly verdicts: readonly ProfileVerdict[];
}

/** Profiles that are named one by one, and characters of each; a hostile document declares thousands. */
const MOST = 30;
const MOST_LETTERS = 200;

const WORDS = { broken: "profile-broken", open: "profile-open", holds: "profile-holds" } as const;
const LOOKS = { broken: "bad", open: "doubtful", holds: "good" } as const;
/** The worst first: what holds is no comfort for what does not. */
const ORDER = ["broken", "open", "holds"] as const;

interface Told {
  readonly verdict: ProfileVerdict;
  readonly result: keyof typeof WORDS;
  readonly count: number;
}

/** A row for a list of facts; empty where no profile was asked. What was not held is told with what was declared (`declaredProfiles`). */
export function heldAgainst(held: HeldAgainst | undefined, locale: Locale): Part {
  const told = held ? byProfile(held.verdicts) : [];
  if (!held || told.length === 0) return "";
  const more = told.length - MOST;
  return html`<div>
<dt>${locale.word("profiles-held")}</dt>
<dd>${held.set !== undefined && html`${locale.phrase("profiles-set", { set: html`<bdi>${cut(oneLine(held.set), MOST_LETTERS)}</bdi>` })}`}
<ul class="profiles">
${told.slice(0, MOST).map((one) => profileItem(one, locale))}${more > 0 && html`<li class="number">+ ${String(more)}</li>`}
</ul></dd>
</div>
`;
}

function profileItem({ verdict: { profile, version, title }, result, count }: Told, locale: Locale): SafeHtml {
  const [canonical = "", asked] = profile.split("|");
  const said = version ?? asked;
  const address = cut(oneLine(said === undefined ? canonical : `${canonical}|${said}`), MOST_LETTERS);
  const name = title !== undefined && html`<bdi>${cut(oneLine(title), MOST_LETTERS)}</bdi> `;
  return html`<li>${name}<bdi class="code" dir="ltr">${address}</bdi>${count > 1 && html` <span class="quiet">(×${count})</span>`}: <span class="profile-result ${LOOKS[result]}">${locale.word(WORDS[result])}</span></li> `;
}

/** One for each profile in its version, with the worst that came of it and of how many resources. */
function byProfile(verdicts: readonly ProfileVerdict[]): Told[] {
  const found = new Map<string, Told>();
  for (const verdict of verdicts) {
    const { result } = verdict;
    if (result === "unheld") continue;
    const [canonical = "", asked = ""] = verdict.profile.split("|");
    const key = `${canonical}|${verdict.version ?? asked}`;
    const before = found.get(key);
    if (!before) found.set(key, { verdict, result, count: 1 });
    else found.set(key, { ...before, count: before.count + 1, result: ORDER.find((one) => one === before.result || one === result) ?? result });
  }
  return [...found.values()].sort((one, other) => ORDER.indexOf(one.result) - ORDER.indexOf(other.result));
}

/** The canonicals, as they were asked for, that there is a result about. */
export function judgedProfiles(held: HeldAgainst | undefined): ReadonlySet<string> {
  return new Set(held?.verdicts.flatMap(({ profile, result }) => (result === "unheld" ? [] : [profile])));
}
