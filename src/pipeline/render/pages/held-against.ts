/** Against which profiles a document was held when it was deposited, and with what result: of the day's definitions, whatever is loaded now. */
import { html, type Part, type SafeHtml } from "../html.ts";
import type { Locale } from "../locale.ts";
import { cut, oneLine } from "./one-line.ts";

/** What came of the profiles of one document, as its deposit record says. */
export interface HeldAgainst {
  /** The set of packages by the name that its operator gave it; undefined where nothing but R4 was asked. */
  readonly set?: { readonly name: string } | undefined;
  readonly verdicts: readonly ToldVerdict[];
  /** Verdicts that the record leaves out. */
  readonly more?: number;
}

interface ToldVerdict {
  readonly profile: string;
  readonly version?: string;
  readonly title?: string;
  /** Those of `ProfileVerdict`; what later programs record besides is not told here. */
  readonly result: string;
  /** How many resources; absent: one. */
  readonly count?: number;
}

/** Profiles that are named one by one, and characters of each; a hostile document declares thousands. */
const MOST = 30;
const MOST_LETTERS = 200;

const WORDS = { broken: "profile-broken", open: "profile-open", holds: "profile-holds" } as const;
const LOOKS = { broken: "bad", open: "doubtful", holds: "good" } as const;
/** The worst first: what holds is no comfort for what does not. */
const ORDER = ["broken", "open", "holds"] as const;

interface Told {
  readonly verdict: ToldVerdict;
  readonly result: keyof typeof WORDS;
  readonly count: number;
}

/** A row for a list of facts; empty where no profile was asked. What was not held is told with what was declared (`declaredProfiles`). */
export function heldAgainst(held: HeldAgainst | undefined, locale: Locale): Part {
  const told = held ? byProfile(held.verdicts) : [];
  if (!held || told.length === 0) return "";
  const more = Math.max(0, told.length - MOST) + (held.more ?? 0);
  return html`<div>
<dt>${locale.word("profiles-held")}</dt>
<dd>${held.set !== undefined && html`${locale.phrase("profiles-set", { set: html`<bdi>${cut(oneLine(held.set.name), MOST_LETTERS)}</bdi>` })}`}
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
  const code = html`<bdi class="code" dir="ltr">${address}</bdi>`;
  const name = title === undefined ? code : html`<bdi>${cut(oneLine(title), MOST_LETTERS)}</bdi>`;
  const told = html`${name}${count > 1 && html` <span class="quiet">(×${count})</span>`}: <span class="profile-result ${LOOKS[result]}">${locale.word(WORDS[result])}</span>`;
  return html`<li>${told}${title !== undefined && html`<br>${code}`}</li> `;
}

/** One for each profile in its version, with the worst that came of it and of how many resources. */
function byProfile(verdicts: readonly ToldVerdict[]): Told[] {
  const found = new Map<string, Told>();
  for (const verdict of verdicts) {
    const { count = 1 } = verdict;
    const result = ORDER.find((one) => one === verdict.result);
    if (result === undefined) continue;
    const [canonical = "", asked = ""] = verdict.profile.split("|");
    const key = `${canonical}|${verdict.version ?? asked}`;
    const before = found.get(key);
    if (!before) found.set(key, { verdict, result, count });
    else found.set(key, { ...before, count: before.count + count, result: ORDER.find((one) => one === before.result || one === result) ?? result });
  }
  return [...found.values()].sort((one, other) => ORDER.indexOf(one.result) - ORDER.indexOf(other.result));
}

/** The canonicals, as they were asked for, that something was said about. */
export function judgedProfiles(held: HeldAgainst | undefined): ReadonlySet<string> {
  return new Set(held?.verdicts.flatMap(({ profile, result }) => (Object.hasOwn(WORDS, result) ? [profile] : [])));
}

/** A row for those that are not here, so that nobody takes silence for a result; empty where there is none. */
export function unheldProfiles(verdicts: HeldAgainst["verdicts"], locale: Locale): Part {
  const unheld = [...new Set(verdicts.flatMap(({ profile, result }) => (result === "unheld" ? [profile] : [])))].slice(0, MOST);
  if (unheld.length === 0) return "";
  return html`<div>
<dt>${locale.word("profiles-unchecked")}</dt>
<dd><ul class="profiles">
${unheld.map((profile) => html`<li class="code"><bdi dir="ltr">${cut(oneLine(profile), MOST_LETTERS)}</bdi></li> `)}</ul></dd>
</div>
`;
}
