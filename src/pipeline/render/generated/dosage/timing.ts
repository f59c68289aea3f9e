/** Timing with labels, where no sentence tells it: its codes in words. */
import { html, type Part } from "../../html.ts";
import { isBlank, joined } from "../joined.ts";
import { said, type RenderContext, type Wording } from "../render-context.ts";
import { timeUnit } from "../units.ts";
import { Unsaid } from "../unsaid.ts";

export const timing: Wording = (unsaid, context) => {
  const code = said(unsaid, "code", context);
  const repeat = unsaid.only("repeat");
  const type = unsaid.type?.properties.get("repeat")?.content;
  const words = repeat === undefined ? "" : repeated(new Unsaid(repeat, type), context);
  return joined([code, words, labelled("event", said(unsaid, "event", context), context)], "; ");
};

function repeated(repeat: Unsaid, context: RenderContext): Part {
  return joined(
    [
      ...["frequency", "frequencyMax"].map((element) => labelled(element, said(repeat, element, context), context)),
      timed(repeat, "period", "periodMax", "periodUnit", context),
      ...["dayOfWeek", "timeOfDay"].map((element) => labelled(element, said(repeat, element, context), context)),
      labelled("when", coded(repeat.strings("when"), "when", context), context),
      labelled("offset", offset(repeat, context), context),
      timed(repeat, "duration", "durationMax", "durationUnit", context),
      ...["count", "countMax", "bounds"].map((element) => labelled(element, said(repeat, element, context), context)),
      context.speaker.rest(repeat, context),
    ],
    "; ",
  );
}

/** `Period: 1 to 2 days`. */
function timed(repeat: Unsaid, element: string, most: string, unitElement: string, context: RenderContext): Part {
  const value = repeat.number(element);
  const highest = repeat.number(most);
  const unit = repeat.string(unitElement);
  const numbers = [value, highest].filter((number) => number !== undefined);
  const words = joined([numbers.join(" – "), unit !== undefined && timeUnit(unit, highest ?? value ?? "", context.locale)], " ");
  return labelled(element, words, context);
}

function offset(repeat: Unsaid, { locale }: RenderContext): Part {
  const minutes = repeat.number("offset");
  return minutes !== undefined && html`${minutes} ${timeUnit("min", minutes, locale)}`;
}

function coded(codes: readonly string[], prefix: string, { locale }: RenderContext): Part {
  return joined(
    codes.map((code) => locale.coded(prefix, code)),
    ", ",
  );
}

function labelled(element: string, words: Part, { locale }: RenderContext): Part {
  return isBlank(words) ? "" : html`<span class="fact-label">${locale.word(`element-${element}`)}:</span> ${words}`;
}
