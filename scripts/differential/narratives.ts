/** Narratives of every construct: each element in each, attributes, links, entities, comments. */
const ELEMENTS =
  "a abbr acronym address b bdo big blockquote br caption center cite code col colgroup dd del dfn div dl dt em fieldset font form h1 h2 h6 head hr html i iframe img input ins kbd label li map ol p pre q s samp script section small span strike strong style sub sup table tbody td tfoot th thead title tr tt u ul var video".split(
    " ",
  );
const PARENTS = "div p span a ul ol li dl dt dd table tbody tr td th caption pre h1 blockquote b address colgroup q".split(" ");

/** What must stand around an element for it to be where it belongs. */
const AROUND: Readonly<Record<string, readonly [before: string, after: string]>> = {
  li: ["<ul>", "</ul>"],
  dt: ["<dl>", "</dl>"],
  dd: ["<dl>", "</dl>"],
  tbody: ["<table>", "</table>"],
  tr: ["<table><tbody>", "</tbody></table>"],
  td: ["<table><tr>", "</tr></table>"],
  th: ["<table><tr>", "</tr></table>"],
  caption: ["<table>", "<tr><td>x</td></tr></table>"],
  colgroup: ["<table>", "<tr><td>x</td></tr></table>"],
};
const EMPTY: ReadonlySet<string> = new Set(["br", "hr", "img", "col", "input"]);

const ATTRIBUTES =
  'id="x1" class="x" style="color:red" title="x" lang="en" xml:lang="en" xml:space="preserve" xml:base="http://example.org" dir="rtl" align="left" border="1" width="10" height="10" colspan="2" rowspan="2" nowrap="nowrap" valign="top" bgcolor="red" color="red" name="x" href="#x1" href="http://example.org" href="javascript:x()" href="data:text/html,x" href="mailto:a@example.org" href="Patient/1" href="" src="#x1" src="http://example.org/x.png" src="data:image/png;base64,YQ==" src="data:text/html,x" src="x.png" alt="x" target="_blank" rel="x" type="circle" start="2" value="3" cite="http://example.org" onclick="x()" data-x="y" aria-label="x" role="note" tabindex="1" accesskey="a" summary="x" scope="row" headers="x" axis="x" span="2" cellpadding="1" cellspacing="1" frame="box" rules="all" char="." charoff="1" datetime="2026" compact="compact" clear="all" size="1" noshade="noshade" idref="x1" idrefs="x1" longdesc="x" usemap="#x" hspace="1" vspace="1" abbr="x" xmlns:x="http://example.org" x="y" ID="x" Class="x"'.match(
    /\S+="[^"]*"/g,
  ) ?? [];

const BITS = [
  "&nbsp;",
  "&amp;",
  "&lt;",
  "&quot;",
  "&apos;",
  "&copy;",
  "&#160;",
  "&#xa0;",
  "&#0;",
  "&nosuch;",
  "&",
  "<",
  ">",
  "]]>",
  "<![CDATA[x]]>",
  "<!-- x -->",
  "<!-- x -- y -->",
  "<?x y?>",
  "<p>x",
  "</p>",
  "<p>x<p>y</p></p>",
  '<p id="a"/><p id="a"/>',
  '<a name="a"/><a href="#a">x</a>',
  '<a href="#none">x</a>',
  '<img src="#none" alt="x"/>',
  "\u00a0",
  "\u200b",
  "\u202e",
  '<p xmlns="">x</p>',
  '<svg xmlns="http://www.w3.org/2000/svg"/>',
  '<x:p xmlns:x="http://www.w3.org/1999/xhtml">x</x:p>',
  "<P>x</P>",
  "<p class=x>y</p>",
  "<br>",
  "<br></br>",
  "<p title='a<b'>x</p>",
  '<p title="a&b">x</p>',
  '<p title="a" title="b">x</p>',
];

const XHTML = "http://www.w3.org/1999/xhtml";
const WHOLE: readonly (readonly [name: string, div: string])[] = [
  ["empty", `<div xmlns="${XHTML}"/>`],
  ["blank", `<div xmlns="${XHTML}"> \n </div>`],
  ["nbsp", `<div xmlns="${XHTML}">\u00a0</div>`],
  ["br alone", `<div xmlns="${XHTML}"><br/></div>`],
  ["hr alone", `<div xmlns="${XHTML}"><hr/></div>`],
  ["img alone", `<div xmlns="${XHTML}"><img src="http://example.org/x.png" alt="x"/></div>`],
  ["img without alt", `<div xmlns="${XHTML}"><img src="http://example.org/x.png"/></div>`],
  ["empty table", `<div xmlns="${XHTML}"><table/></div>`],
  ["comment alone", `<div xmlns="${XHTML}"><!-- x --></div>`],
  ["no namespace", "<div>x</div>"],
  ["another namespace", '<div xmlns="http://example.org">x</div>'],
  ["prefix", `<h:div xmlns:h="${XHTML}">x</h:div>`],
  ["another element", `<p xmlns="${XHTML}">x</p>`],
  ["text", "x"],
  ["declaration", `<?xml version="1.0"?><div xmlns="${XHTML}">x</div>`],
  ["doctype", `<!DOCTYPE html><div xmlns="${XHTML}">x</div>`],
  ["white space around", ` \n<div xmlns="${XHTML}">x</div>\n`],
  ["text behind", `<div xmlns="${XHTML}">x</div>y`],
  ["two", `<div xmlns="${XHTML}">x</div><div xmlns="${XHTML}">x</div>`],
  ["comment before", `<!-- x --><div xmlns="${XHTML}">x</div>`],
  ["unclosed", `<div xmlns="${XHTML}">x`],
];

/** Each with a name. */
export function narrativeInputs(): (readonly [name: string, div: string])[] {
  const inside = (name: string, content: string): readonly [string, string] => [name, `<div xmlns="${XHTML}"><p>x</p>${content}</div>`];
  const pairs = PARENTS.flatMap((parent) =>
    ELEMENTS.map((element) => inside(`${element} in ${parent}`, placed(parent, ` ${written(element, "", "x")} `))),
  );
  const attributes = ELEMENTS.flatMap((element) =>
    ATTRIBUTES.map((attribute) => inside(`${attribute} on ${element}`, around(element, written(element, ` ${attribute}`, inner(element))))),
  );
  const bits = BITS.flatMap((bit) => ["p", "td", "pre", "a"].map((parent) => inside(`${bit} in ${parent}`, placed(parent, bit))));
  return [...WHOLE, ...pairs, ...attributes, ...bits];
}

function placed(parent: string, content: string): string {
  return parent === "div" ? content : around(parent, written(parent, "", content));
}

function around(element: string, text: string): string {
  const [before, after] = AROUND[element] ?? ["", ""];
  return `${before}${text}${after}`;
}

/** What an element must hold so that only the attribute may be wrong. */
function inner(element: string): string {
  if (element === "ul" || element === "ol") return "<li>x</li>";
  if (element === "dl") return "<dt>x</dt>";
  if (element === "table") return "<tr><td>x</td></tr>";
  if (element === "tbody" || element === "thead" || element === "tfoot") return "<tr><td>x</td></tr>";
  if (element === "tr") return "<td>x</td>";
  if (element === "colgroup") return "<col/>";
  return "x";
}

function written(element: string, attributes: string, content: string): string {
  const needed = element === "img" && !/ src=| alt=/.test(attributes) ? ' src="http://example.org/x.png" alt="x"' : "";
  return EMPTY.has(element) ? `<${element}${attributes}${needed}/>` : `<${element}${attributes}>${content}</${element}>`;
}
