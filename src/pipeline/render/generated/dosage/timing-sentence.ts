/** Timing as part of a sentence (R4 datatypes.html, Timing). */
import { html, type Part } from "../../html.ts";
import { isBlank, joined } from "../joined.ts";
import { timeUnit } from "../units.ts";
import type { Unsaid } from "../unsaid.ts";
import type { Phrases } from "./phrases.ts";
import { fill, type Whole } from "./whole.ts";

/** The parts of a timing, in the order of speech. */
export function timingParts(timing: Unsaid, whole: Whole, phrases: Phrases): Part[] {
  const dates = whole.words(timing, "event");
  const repeat = whole.inside(timing, "repeat");
  const code = whole.words(timing, "code");
  const parts = repeat === undefined ? [] : repeatParts(repeat, whole, phrases);
  return [...parts, fill(phrases.on, { dates }), isBlank(code) || parts.length === 0 ? code : html`(${code})`];
}

function repeatParts(repeat: Unsaid, whole: Whole, phrases: Phrases): Part[] {
  return [
    frequency(repeat, whole, phrases),
    days(repeat, whole, phrases),
    whens(repeat, whole, phrases),
    times(repeat, phrases),
    lasting(repeat, whole, phrases),
    fill(phrases.count, { count: fromTo(repeat.number("count"), repeat.number("countMax"), phrases) }),
    bounds(repeat, whole, phrases),
  ];
}

/** `3 times a day`, `every 4 to 6 hours`, `2 times every 3 days`. */
function frequency(repeat: Unsaid, whole: Whole, phrases: Phrases): Part {
  const period = repeat.number("period");
  const longest = repeat.number("periodMax");
  const unit = repeat.string("periodUnit");
  const often = repeat.number("frequency");
  const most = repeat.number("frequencyMax");
  if (period === undefined && longest === undefined && unit === undefined && often === undefined && most === undefined) return "";
  if (period === undefined || unit === undefined || (most !== undefined && often === undefined)) {
    whole.break();
    return "";
  }
  const isOne = period === "1" && longest === undefined;
  // The definition of frequency: once, if nothing else is said.
  const isOnce = most === undefined && (often === undefined || often === "1");
  const table = isOnce ? phrases.oncePer : phrases.timesPer;
  const phrase = isOne ? table[unit] : isOnce ? phrases.every : phrases.timesEvery;
  if (phrase === undefined) {
    whole.break();
    return "";
  }
  const spans = html`${fromTo(period, longest, phrases)} ${timeUnit(unit, longest ?? period, whole.context.locale)}`;
  return html`${phrase.split(/\{(\w+)\}/).map((piece, at) => (at % 2 === 0 ? piece : piece === "times" ? fromTo(often, most, phrases) : spans))}`;
}

function days(repeat: Unsaid, whole: Whole, phrases: Phrases): Part {
  const names = repeat.strings("dayOfWeek").map((code) => nameIn(phrases.days, code, whole));
  return names.length === 0 ? "" : fill(phrases.onDays, { days: listed(names, phrases) });
}

/** `in the morning and at bedtime`, `30 minutes before meals`. */
function whens(repeat: Unsaid, whole: Whole, phrases: Phrases): Part {
  const codes = repeat.strings("when");
  const minutes = repeat.number("offset");
  if (codes.length === 0) {
    if (minutes !== undefined) whole.break();
    return "";
  }
  const names = codes.map((code) => nameIn(minutes === undefined ? phrases.when : phrases.offset, code, whole));
  const offset = minutes === undefined ? "" : `${minutes} ${String(timeUnit("min", minutes, whole.context.locale))}`;
  return listed(names.map((name) => name.replace("{offset}", offset)), phrases); // prettier-ignore
}

/** Hours and minutes; seconds only where there are any. */
function times(repeat: Unsaid, phrases: Phrases): Part {
  const told = repeat.strings("timeOfDay").map((time) => time.replace(/^(\d\d:\d\d):00$/, "$1"));
  return told.length === 0 ? "" : fill(phrases.atTimes, { times: listed(told, phrases) });
}

function lasting(repeat: Unsaid, whole: Whole, phrases: Phrases): Part {
  const duration = repeat.number("duration");
  const longest = repeat.number("durationMax");
  const unit = repeat.string("durationUnit");
  if (duration === undefined && longest === undefined && unit === undefined) return "";
  if (duration === undefined || unit === undefined) {
    whole.break();
    return "";
  }
  return fill(phrases.lasting, { time: html`${fromTo(duration, longest, phrases)} ${timeUnit(unit, longest ?? duration, whole.context.locale)}` });
}

function bounds(repeat: Unsaid, whole: Whole, phrases: Phrases): Part {
  const isPeriod = repeat.object.has("boundsPeriod");
  const words = whole.words(repeat, "bounds");
  return isPeriod ? fill(phrases.fromUntil, { period: words }) : fill(phrases.forTime, { time: words });
}

/** One number, or a range of two. */
function fromTo(from: string | undefined, to: string | undefined, phrases: Phrases): Part {
  if (from === undefined || to === undefined) return from ?? to;
  return fill(phrases.to, { from, to });
}

function nameIn(names: Readonly<Record<string, string>>, code: string, whole: Whole): string {
  const name = Object.hasOwn(names, code) ? names[code] : undefined;
  if (name === undefined) whole.break();
  return name ?? code;
}

/** `a, b and c` */
function listed(names: readonly string[], { and }: Phrases): Part {
  const last = names.at(-1);
  return names.length < 2 ? last : html`${joined(names.slice(0, -1), ", ")} ${and} ${last}`;
}
