/** Damage to narratives (R4 narrative.html, txt-1 and txt-2). */
import { damage, put, type Kind } from "./damage.ts";
import { ofObjects } from "./structure-kinds.ts";

export const NARRATIVE_KINDS: readonly Kind[] = [
  ofNarratives("narrative: a tag that is not closed", ["xhtml-syntax"], (div) => inside(div, "<p>")),
  ofNarratives("narrative: tags that cross", ["xhtml-syntax"], (div) => inside(div, "<b><i>x</b></i>")),
  ofNarratives("narrative: an unknown entity", ["xhtml-syntax"], (div) => inside(div, "&nosuch;")),
  ofNarratives("narrative: a script", ["txt-1"], (div) => inside(div, "<script>x()</script>")),
  ofNarratives("narrative: forms, frames, objects", ["txt-1"], (div, index) => inside(div, ELEMENTS[index % ELEMENTS.length] as string)),
  ofNarratives("narrative: an event attribute", ["txt-1"], (div) => inside(div, '<p onclick="x()">x</p>')),
  ofNarratives("narrative: a link that runs something", ["txt-1"], (div) => inside(div, '<a href="javascript:x()">x</a>')),
  ofNarratives("narrative: another namespace", ["txt-1"], (div) => inside(div, '<svg xmlns="http://www.w3.org/2000/svg"/>')),
  ofNarratives("narrative: a DOCTYPE", ["xhtml-syntax", "xhtml-outside"], (div) => `<!DOCTYPE div>${div}`),
  ofNarratives("narrative: an instruction", ["xhtml-outside"], (div) => inside(div, "<?php x?>")),
  ofNarratives("narrative: something around the div", ["xhtml-outside", "xhtml-syntax"], (div, index) =>
    index % 2 === 0 ? `${div}<p>x</p>` : `x${div}`,
  ),
  ofNarratives("narrative: no element at all", ["xhtml-syntax"], () => "The patient is well."),
  ofNarratives(
    "narrative: nothing in it (txt-2)",
    ["txt-2"],
    (div, index) => `${/^<[^>]*>/.exec(div)?.[0].replace(/\/>$/, ">") ?? ""}${index % 2 === 0 ? "" : "<p> </p>\n"}</div>`,
  ),
  ofNarratives("narrative: another element than div", ["txt-1"], (div) => div.replace(/^\s*<div/, "<section").replace(/<\/div>\s*$/, "</section>")),
];

const ELEMENTS = [
  "<form/>",
  '<iframe src="http://example.org"/>',
  '<object data="x"/>',
  "<input/>",
  "<button>x</button>",
  "<style>p{}</style>",
  "<video/>",
  '<link href="x"/>',
];

function ofNarratives(name: string, rules: readonly string[], damaged: (div: string, index: number) => string): Kind {
  return ofObjects(
    name,
    ({ property, object }) => property?.type === "Narrative" && object.has("div"),
    (sample, { object, path }) =>
      damage(sample, rules, `${path}.div`, [object], () => put(object, "div", damaged(object.string("div") ?? "", path.length))),
  );
}

/** Something as the last child of the div. */
function inside(div: string, content: string): string {
  const end = div.lastIndexOf("</");
  return `${div.slice(0, end)}${content}${div.slice(end)}`;
}
