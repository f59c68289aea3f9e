import { describe, expect, test } from "@jest/globals";
import { briefly, saidOf, type Plain } from "../a-document.ts";

const CODES = "https://x.example/codes";
const QUESTIONS = [
  { linkId: "name", text: "Name?", type: "string", required: true, maxLength: 5 },
  { linkId: "size", type: "integer" },
  { linkId: "pain", type: "choice", repeats: true, answerOption: ["mild", "strong"].map((code) => ({ valueCoding: { system: CODES, code } })) },
  { linkId: "why", type: "open-choice", answerOption: [{ valueCoding: { system: CODES, code: "fall" } }] },
  { linkId: "note", type: "display", text: "Thank you" },
  { linkId: "home", type: "group", item: [{ linkId: "city", type: "string", item: [{ linkId: "since", type: "date" }] }] },
  { linkId: "waits", type: "string", required: true, enableWhen: [{ question: "size", operator: "exists", answerBoolean: true }] },
];
const NAME = { linkId: "name", answer: [{ valueString: "Ana" }] };

function response(item: readonly Plain[], status = "completed"): Plain {
  return {
    resourceType: "QuestionnaireResponse",
    status,
    questionnaire: "#q",
    contained: [{ resourceType: "Questionnaire", id: "q", status: "draft", item: QUESTIONS }],
    item,
  };
}

const said = (resource: Plain): string[] => briefly(saidOf(resource)).filter((line) => line.includes(" response-"));
const AT = "QuestionnaireResponse";

describe("a response that conforms", () => {
  test.each<[what: string, item: readonly Plain[]]>([
    ["the least", [NAME]],
    [
      "an integer, choices, words of one's own",
      [NAME, { linkId: "size", answer: [{ valueInteger: 3 }] }, choice("mild", "strong"), { linkId: "why", answer: [{ valueString: "rain" }] }],
    ],
    [
      "groups, and items within an answer",
      [
        NAME,
        {
          linkId: "home",
          item: [{ linkId: "city", answer: [{ valueString: "Ulm", item: [{ linkId: "since", answer: [{ valueDate: "2020" }] }] }] }],
        },
      ],
    ],
  ])("%s", (_, item) => {
    expect(said(response(item))).toEqual([]);
  });

  test("one that is not finished may lack answers", () => {
    expect(said(response([], "in-progress"))).toEqual([]);
    expect(said(response([{ linkId: "name" }], "in-progress"))).toEqual([]);
  });

  test("to a questionnaire that is not contained nothing can be held", () => {
    expect(said({ ...response([]), questionnaire: "https://x.example/q" })).toEqual([]);
  });
});

function choice(...codes: readonly string[]): Plain {
  return { linkId: "pain", answer: codes.map((code) => ({ valueCoding: { system: CODES, code } })) };
}

test.each<[what: string, item: readonly Plain[], lines: readonly string[]]>([
  ["a required answer is absent", [], [`error response-answer-missing ${AT}`]],
  ["a required item without an answer", [{ linkId: "name" }], [`error response-answer-missing ${AT}.item[0]`]],
  ["an unknown item", [NAME, { linkId: "shoe" }], [`error response-item-unknown ${AT}`]],
  ["an item in the wrong place", [NAME, { linkId: "city" }], [`error response-item-misplaced ${AT}`]],
  [
    "an item beside an answer",
    [NAME, { linkId: "home", item: [{ linkId: "city", item: [{ linkId: "since" }] }] }],
    [`error response-item-misplaced ${AT}.item[1].item[0]`],
  ],
  ["another order", [{ linkId: "size" }, NAME], [`error response-item-order ${AT}`]],
  ["an item twice", [NAME, NAME], [`error response-item-repeated ${AT}`]],
  [
    "two answers to a question",
    [{ linkId: "name", answer: [{ valueString: "Ana" }, { valueString: "Eva" }] }],
    [`error response-answer-repeated ${AT}.item[0]`],
  ],
  ["another text", [{ ...NAME, text: "Your name?" }], [`error response-item-text ${AT}.item[0]`]],
  [
    "an answer to what asks nothing",
    [NAME, { linkId: "note", answer: [{ valueString: "you too" }] }],
    [`error response-answer-unexpected ${AT}.item[1]`],
  ],
  [
    "a value of another type",
    [NAME, { linkId: "size", answer: [{ valueDecimal: 1.5 }] }],
    [`error response-answer-type ${AT}.item[1].answer[0].value`],
  ],
  ["too long", [{ linkId: "name", answer: [{ valueString: "Annabelle" }] }], [`error response-answer-length ${AT}.item[0].answer[0].value`]],
  ["none of the options", [NAME, choice("mild", "none")], [`error response-answer-option ${AT}.item[1].answer[1]`]],
  [
    "words where a code must be",
    [NAME, { linkId: "pain", answer: [{ valueString: "mild" }] }],
    [`error response-answer-option ${AT}.item[1].answer[0]`],
  ],
  [
    "a code that is none of the options of an open choice",
    [NAME, { linkId: "why", answer: [{ valueCoding: { system: CODES, code: "rain" } }] }],
    [`error response-answer-option ${AT}.item[1].answer[0]`],
  ],
])("%s", (_, item, lines) => {
  expect(said(response(item))).toEqual(lines);
});

test("an item that waits for an answer may be there without one; characters are counted, not their halves", () => {
  expect(said(response([NAME, { linkId: "waits" }]))).toEqual([]);
  expect(said(response([{ linkId: "name", answer: [{ valueString: "😀😀😀😀😀" }] }]))).toEqual([]);
});

test("a question of a type that R4 has not, named like something that every object has", () => {
  const resource = response([{ linkId: "x", answer: [{ valueString: "y" }] }]);
  const [questionnaire] = resource["contained"] as Plain[];
  Object.assign(questionnaire as object, { item: [{ linkId: "x", type: "constructor" }] });
  expect(briefly(saidOf(resource))).toEqual(["error binding-required QuestionnaireResponse.contained[0].item[0].type"]);
});

test("ten thousand options and ten thousand answers", () => {
  const codes = Array.from({ length: 10_000 }, (_, at) => `c${at}`);
  const resource = response(codes.map((code) => ({ linkId: "q", answer: [{ valueCoding: { system: CODES, code } }] })));
  const [questionnaire] = resource["contained"] as Plain[];
  const answerOption = codes.map((code) => ({ valueCoding: { system: CODES, code } }));
  Object.assign(questionnaire as object, { item: [{ linkId: "q", type: "choice", repeats: true, answerOption }] });
  expect(said(resource)).toEqual([]);
});

test("ten thousand groups that each lack ten thousand answers cost no hundred million looks", () => {
  const asked = Array.from({ length: 10_000 }, (_, at) => ({ linkId: `q${at}`, type: "string", required: true }));
  const resource = response(Array.from({ length: 10_000 }, () => ({ linkId: "g" })));
  const [questionnaire] = resource["contained"] as Plain[];
  Object.assign(questionnaire as object, { item: [{ linkId: "g", type: "group", repeats: true, item: asked }] });
  expect(said(resource).length).toBeGreaterThan(900);
});
