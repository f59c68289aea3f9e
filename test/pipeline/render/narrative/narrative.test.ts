import { afterAll, beforeEach, describe, expect, test } from "@jest/globals";
import { JSDOM } from "jsdom";
import { createNarrativePresenter, type NarrativeEvent } from "../../../../src/pipeline/render/narrative/narrative.ts";
import type { NarrativeJudge, Verdict } from "../../../../src/pipeline/render/narrative/judge.ts";
import { createWorkerJudge } from "../../../../src/pipeline/render/narrative/worker-judge.ts";
import { div } from "../sample.ts";

const judge = createWorkerJudge();
afterAll(() => judge.close());

const kept = new Map<string, string>();
const events: NarrativeEvent[] = [];
beforeEach(() => {
  kept.clear();
  events.length = 0;
});

const setting = { scope: "s", headingShift: 2, image: (source: string) => (source.startsWith("data:image/png;") ? source : undefined) };

function presenter(asked: NarrativeJudge = judge): ReturnType<typeof createNarrativePresenter> {
  return createNarrativePresenter({
    judge: asked,
    verdicts: { get: (digest) => kept.get(digest), put: (digest, value) => void kept.set(digest, value) },
    onPlain: (event) => events.push(event),
  });
}

/** Words that must be there, and what must not be, in the markup that a browser makes of it. */
const HOSTILE: readonly (readonly [name: string, content: string, words: readonly string[]])[] = [
  ["a script", "<p>before</p><script>alert(1)</script><p>after</p>", ["before", "alert(1)", "after"]],
  ["an event handler", '<p onclick="alert(1)">word</p>', ["word"]],
  ["an event handler in capitals", '<p ONCLICK="alert(1)">word</p>', ["word"]],
  ["a javascript: link", '<a href="javascript:alert(1)">word</a>', ["word"]],
  ["a javascript: link with tabs", '<a href="&#9;java&#10;script:alert(1)">word</a>', ["word"]],
  ["a data: link", '<a href="data:text/html,&lt;script&gt;alert(1)&lt;/script&gt;">word</a>', ["word"]],
  ["SVG", '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script><text>word</text></svg>', ["word"]],
  ["MathML", '<math xmlns="http://www.w3.org/1998/Math/MathML"><mtext>word</mtext></math>', ["word"]],
  ["a style sheet", "<style>p { display: none }</style><p>word</p>", ["display: none", "word"]],
  ["a form", '<form action="https://evil.example"><input name="x"/><button>send</button></form>', ["send"]],
  ["nested forms", "<form><form><p>word</p></form></form>", ["word"]],
  ["a frame", '<iframe src="https://evil.example">word</iframe>', ["word"]],
  ["an object", '<object data="x.swf">word</object>', ["word"]],
  ["meta and base", '<meta http-equiv="refresh" content="0"/><base href="//evil.example/"/>word', ["word"]],
  ["noscript", "<noscript><p>word</p></noscript>", ["word"]],
  ["template", "<template><p>word</p></template>", ["word"]],
  ["text area", "<textarea>&lt;img src=x onerror=alert(1)&gt;</textarea>", ["<img src=x onerror=alert(1)>"]],
  ["no namespace", '<p xmlns="">word</p>', ["word"]],
  ["hidden", '<p hidden="hidden">word</p>', ["word"]],
];

describe("createNarrativePresenter", () => {
  test.each(HOSTILE)("shows a narrative with %s as plain text, complete and in order", async (_, content, words) => {
    const { html, isPlain, notices } = await presenter().present(div(`<p>first</p>${content}<p>last</p>`).div, setting);
    const fragment = JSDOM.fragment(html.text);
    expect(isPlain).toBe(true);
    expect(notices).toEqual(["plain-text"]);
    expect(Array.from(fragment.querySelectorAll("*"), (element) => element.localName)).toEqual(["div"]);
    const text = fragment.textContent;
    let from = 0;
    for (const word of ["first", ...words, "last"]) {
      expect(text.indexOf(word, from)).toBeGreaterThanOrEqual(from);
      from = text.indexOf(word, from) + word.length;
    }
    expect(events).toEqual([{ kind: "breach", digest: expect.stringMatching(/^sha256:/), reason: expect.any(String) }]);
    expect(JSON.stringify(events)).not.toContain("first");
  });

  test("leaves harmless markup as it is, without what style and address could do", async () => {
    const content =
      '<p style="position: fixed; color: red; background: url(//evil.example)" id="a" class="bold">word <a href="#a">up</a> <img src="https://evil.example/x.png" alt="ECG"/></p>';
    const { html, isPlain, notices } = await presenter().present(div(content).div, setting);
    expect(html.text).toBe(
      '<div><p id="s-a" class="fhir-bold their-colours" style="color: #ff0000">word <a href="#s-a">up</a> <span class="image-missing">[× ECG]</span></p></div>',
    );
    expect([isPlain, notices, events]).toEqual([false, ["image-missing", "restyled"], []]);
  });

  test("shows what is not well-formed as it came", async () => {
    const { html, isPlain } = await presenter().present("<div>a <b>c</div>", setting);
    expect(JSDOM.fragment(html.text).textContent).toBe("<div>a <b>c</div>");
    expect(isPlain).toBe(true);
  });

  test("asks once for each narrative, and remembers no word of it", async () => {
    let asked = 0;
    const counting: NarrativeJudge = {
      rules: "1",
      judge: () => ((asked += 1), Promise.resolve<Verdict>({ kind: "clean" })),
      close: () => Promise.resolve(),
    };
    for (let time = 0; time < 3; time += 1) await presenter(counting).present(div("<p>word</p>").div, setting);
    expect(asked).toBe(1);
    await presenter({ ...counting, rules: "2" }).present(div("<p>word</p>").div, setting);
    expect(asked).toBe(2);
    expect(JSON.stringify([...kept])).not.toContain("word");
  });

  test("believes the judge against itself, and asks again only when there was no verdict", async () => {
    const verdicts: Verdict[] = [
      { kind: "unavailable", reason: "slow" },
      { kind: "rejected", reason: "would remove element X" },
    ];
    const strict: NarrativeJudge = {
      rules: "1",
      judge: () => Promise.resolve(verdicts.shift() ?? { kind: "clean" }),
      close: () => Promise.resolve(),
    };
    for (let time = 0; time < 3; time += 1) {
      const { html, isPlain } = await presenter(strict).present(div("<p>a</p><p>b</p>").div, setting);
      expect([isPlain, html.text]).toEqual([true, '<div class="plain-text" dir="auto">a\n\nb</div>']);
    }
    expect(events.map(({ kind }) => kind)).toEqual(["unavailable", "rejected", "rejected"]);
  });
});
