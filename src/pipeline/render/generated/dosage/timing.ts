/** Timing with labels, where no sentence tells it: its codes in words. */
import { html, type Part } from "../../html.ts";
import { isBlank, joined } from "../joined.ts";
import { said, type Place, type Wording } from "../place.ts";
import { timeUnit } from "../units.ts";
import { Unsaid } from "../unsaid.ts";

export const timing: Wording = (unsaid, place) => {
  const code = said(unsaid, "code", place);
  const repeat = unsaid.only("repeat");
  const type = unsaid.type?.properties.get("repeat")?.content;
  const words = repeat === undefined ? "" : repeated(new Unsaid(repeat, type), place);
  return joined([code, words, labelled("event", said(unsaid, "event", place), place)], "; ");
};

function repeated(repeat: Unsaid, place: Place): Part {
  return joined(
    [
      ...["frequency", "frequencyMax"].map((element) => labelled(element, said(repeat, element, place), place)),
      timed(repeat, "period", "periodMax", "periodUnit", place),
      ...["dayOfWeek", "timeOfDay"].map((element) => labelled(element, said(repeat, element, place), place)),
      labelled("when", coded(repeat.strings("when"), "when", place), place),
      labelled("offset", offset(repeat, place), place),
      timed(repeat, "duration", "durationMax", "durationUnit", place),
      ...["count", "countMax", "bounds"].map((element) => labelled(element, said(repeat, element, place), place)),
      place.speaker.rest(repeat, place),
    ],
    "; ",
  );
}

/** `Period: 1 to 2 days`. */
function timed(repeat: Unsaid, element: string, most: string, unitElement: string, place: Place): Part {
  const value = repeat.number(element);
  const highest = repeat.number(most);
  const unit = repeat.string(unitElement);
  const numbers = [value, highest].filter((number) => number !== undefined);
  const words = joined([numbers.join(" – "), unit !== undefined && timeUnit(unit, highest ?? value ?? "", place.locale)], " ");
  return labelled(element, words, place);
}

function offset(repeat: Unsaid, { locale }: Place): Part {
  const minutes = repeat.number("offset");
  return minutes !== undefined && html`${minutes} ${timeUnit("min", minutes, locale)}`;
}

function coded(codes: readonly string[], prefix: string, { locale }: Place): Part {
  return joined(
    codes.map((code) => locale.coded(prefix, code)),
    ", ",
  );
}

function labelled(element: string, words: Part, { locale }: Place): Part {
  return isBlank(words) ? "" : html`<span class="fact-label">${locale.word(`element-${element}`)}:</span> ${words}`;
}
