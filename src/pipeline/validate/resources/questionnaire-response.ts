import { JsonNumber, JsonObject, type JsonValue } from "../../../core/fhir/tree/tree.ts";
import type { Findings, PlainRuleId } from "../findings.ts";
import type { Place } from "../place.ts";
import { shown } from "../shown.ts";

/** The property that holds an answer, by the type of its question (R4 questionnaire-item-type). */
const ANSWERS: ReadonlyMap<string, readonly string[]> = new Map(
  Object.entries({
    boolean: ["valueBoolean"],
    decimal: ["valueDecimal"],
    integer: ["valueInteger"],
    date: ["valueDate"],
    dateTime: ["valueDateTime"],
    time: ["valueTime"],
    string: ["valueString"],
    text: ["valueString"],
    url: ["valueUri"],
    choice: ["valueCoding"],
    "open-choice": ["valueCoding", "valueString"],
    attachment: ["valueAttachment"],
    reference: ["valueReference"],
    quantity: ["valueQuantity"],
  }),
);
const WITHOUT_ANSWERS: ReadonlySet<string> = new Set(["group", "display"]);
/** Where nothing may be missing any more. */
const FINISHED: ReadonlySet<string> = new Set(["completed", "amended"]);
/** How often an absent answer is told of: a hostile Questionnaire demands many of each of many groups. */
const MOST_ABSENT = 1000;

/**
 * A QuestionnaireResponse against the Questionnaire that it contains (R4 questionnaireresponse.html: "the response … SHALL conform to the Questionnaire"). Another one is not at hand. Items that wait
 * for answers (enableWhen) may be absent.
 */
export function checkResponse(response: JsonObject, place: Place, findings: Findings): void {
  const address = response.string("questionnaire");
  const questionnaire = address?.startsWith("#")
    ? response.objects("contained").find((inner) => inner.string("resourceType") === "Questionnaire" && inner.string("id") === address.slice(1))
    : undefined;
  if (!questionnaire) return;
  new ResponseCheck(questionnaire, FINISHED.has(response.string("status") ?? ""), findings).items(response, questionnaire, place.expression());
}

interface Defined {
  readonly item: JsonObject;
  readonly order: number;
}

class ResponseCheck {
  readonly #isFinished: boolean;
  readonly #findings: Findings;
  readonly #linkIds = new Set<string>();
  /** The items of a group or question by linkId, and those that must be there. */
  readonly #within = new Map<JsonObject, { readonly byLinkId: ReadonlyMap<string, Defined>; readonly required: readonly string[] }>();
  readonly #options = new Map<JsonObject, Options>();
  #absent = 0;

  constructor(questionnaire: JsonObject, isFinished: boolean, findings: Findings) {
    this.#isFinished = isFinished;
    this.#findings = findings;
    this.#learn(questionnaire);
  }

  #learn(parent: JsonObject): void {
    const items = parent.objects("item");
    for (const item of items) {
      this.#linkIds.add(item.string("linkId") ?? "");
      this.#learn(item);
    }
    const byLinkId = new Map(items.map((item, order) => [item.string("linkId") ?? "", { item, order }]));
    const required = items.filter((item) => item.get("required") === true && !item.has("enableWhen")).map((item) => item.string("linkId") ?? "");
    this.#within.set(parent, { byLinkId, required });
  }

  /** The items within the response, an item or an answer, against those that the definition has there. */
  items(parent: JsonObject, definition: JsonObject, at: string): void {
    const { byLinkId, required } = this.#within.get(definition) ?? { byLinkId: new Map<string, Defined>(), required: [] };
    const seen = new Set<string>();
    let last = -1;
    parent.objects("item").forEach((item, index) => {
      const linkId = item.string("linkId");
      if (linkId === undefined) return;
      const defined = byLinkId.get(linkId);
      if (!defined) {
        const isElsewhere = this.#linkIds.has(linkId);
        const text = `The item ${shown(linkId)} is ${isElsewhere ? "elsewhere in" : "not in"} the Questionnaire.`;
        this.#report(isElsewhere ? "response-item-misplaced" : "response-item-unknown", text, at, item);
        return;
      }
      if (defined.order < last)
        this.#report("response-item-order", `The item ${shown(linkId)} stands behind one that follows it in the Questionnaire.`, at, item);
      last = Math.max(last, defined.order);
      if (seen.has(linkId) && defined.item.get("repeats") !== true)
        this.#report("response-item-repeated", `The item ${shown(linkId)} may stand here once.`, at, item);
      seen.add(linkId);
      this.#item(item, defined.item, `${at}.item[${index}]`);
    });
    if (!this.#isFinished) return;
    for (const linkId of required) {
      if (this.#absent > MOST_ABSENT) return;
      if (!seen.has(linkId)) this.#tellAbsent(linkId, at, parent);
    }
  }

  #item(item: JsonObject, definition: JsonObject, at: string): void {
    const linkId = shown(definition.string("linkId") ?? "");
    const type = definition.string("type") ?? "";
    const answers = item.objects("answer");
    const text = definition.string("text");
    if (item.has("text") && text !== undefined && item.string("text") !== text)
      this.#report("response-item-text", `The text of the item ${linkId} is another in the Questionnaire.`, at, item);
    if (WITHOUT_ANSWERS.has(type)) {
      if (answers.length > 0) this.#report("response-answer-unexpected", `The item ${linkId} is a ${type}, which has no answers.`, at, item);
      this.items(item, definition, at);
      return;
    }
    if (item.has("item"))
      this.#report("response-item-misplaced", `Items within the question ${linkId} stand in its answer, not beside it.`, at, item);
    if (answers.length === 0 && definition.get("required") === true && !definition.has("enableWhen"))
      this.#tellAbsent(definition.string("linkId") ?? "", at, item);
    if (answers.length > 1 && definition.get("repeats") !== true)
      this.#report("response-answer-repeated", `The question ${linkId} has one answer, not ${answers.length}.`, at, item);
    const judge = this.#options.get(definition) ?? optionsOf(definition);
    this.#options.set(definition, judge);
    answers.forEach((answer, index) => {
      this.#answer(answer, definition, judge, `${at}.answer[${index}]`);
      this.items(answer, definition, `${at}.answer[${index}]`);
    });
  }

  #answer(answer: JsonObject, definition: JsonObject, options: Options, at: string): void {
    const name = answer.names.find((one) => one.startsWith("value"));
    if (name === undefined) return;
    const linkId = shown(definition.string("linkId") ?? "");
    const type = definition.string("type") ?? "";
    const value = answer.get(name) as JsonValue;
    const isChoice = type === "choice" || type === "open-choice";
    // A value set may offer words, too.
    const offered = isChoice && definition.has("answerValueSet") ? [...options.names, "valueString"] : options.names;
    const expected = [...new Set([...(ANSWERS.get(type) ?? [name]), ...offered])];
    if (!expected.includes(name) && !(isChoice && options.isClosed)) {
      const text = `The question ${linkId} is of type ${shown(type)}: its answer is in ${expected.join(" or ")}, not in ${shown(name, 64)}.`;
      this.#report("response-answer-type", text, `${at}.value`, answer);
      return;
    }
    const most = definition.get("maxLength");
    if (typeof value === "string" && most instanceof JsonNumber && isLonger(value, Number(most.text)))
      this.#report("response-answer-length", `The answer to ${linkId} has more than ${most.text} characters.`, `${at}.value`, answer);
    const isFree = type === "open-choice" && name === "valueString";
    if (options.isClosed && !isFree && !options.has(name, value))
      this.#report("response-answer-option", `The answer to ${linkId} is none of those that the Questionnaire offers.`, at, answer);
  }

  #tellAbsent(linkId: string, at: string, where: JsonObject): void {
    if (!this.#isFinished || ++this.#absent > MOST_ABSENT) return;
    this.#report("response-answer-missing", `The item ${shown(linkId)} must be answered in a response that is finished.`, at, where);
  }

  #report(rule: PlainRuleId, text: string, at: string, where: JsonObject): void {
    this.#findings.add({ rule, text, expression: at, offset: where.offset });
  }
}

/** Whether a text has more characters than that: what UTF-16 writes as a pair is one. */
function isLonger(text: string, most: number): boolean {
  return text.length > most && (text.length > 2 * most || [...text].length > most);
}

/** The answers that a question offers (answerOption). */
interface Options {
  readonly isClosed: boolean;
  /** The properties that they stand in. */
  readonly names: readonly string[];
  has(name: string, value: JsonValue): boolean;
}

function optionsOf(definition: JsonObject): Options {
  const keys = new Set<string>();
  const names = new Set<string>();
  for (const option of definition.objects("answerOption")) {
    option.names.forEach((name, at) => {
      if (!name.startsWith("value")) return;
      names.add(name);
      keys.add(keyOf(name, option.values[at] as JsonValue));
    });
  }
  return { isClosed: keys.size > 0, names: [...names], has: (name, value) => keys.has(keyOf(name, value)) };
}

function keyOf(name: string, value: JsonValue): string {
  if (typeof value === "string") return `${name} ${value}`;
  if (value instanceof JsonNumber) return `${name} ${value.text}`;
  if (!(value instanceof JsonObject)) return `${name} ${String(value === true)}`;
  return `${name} ${value.string("system") ?? ""}|${value.string("code") ?? value.string("reference") ?? ""}`;
}
