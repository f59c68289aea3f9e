/** Whether a style would take words away from whoever reads. None of this is ever written; that it was there is told. */

/** Properties whose values hide, and which do. */
const HIDING: Readonly<Record<string, RegExp>> = {
  display: /^none\b/,
  visibility: /^(?:hidden|collapse)\b/,
  "content-visibility": /^hidden\b/,
  opacity: /^(?:0|0?\.[0-4]\d*|[0-4]?\d(?:\.\d+)?%)$/,
  color: /^(?:transparent|(?:rgb|hsl)a?\([^)]*[,/] ?(?:0|0?\.[0-4]\d*|[0-4]?\d%) ?\))$/,
  position: /^(?:absolute|fixed)\b/,
  "text-indent": /^-/,
  "margin-left": /^-\d{3}/,
  "margin-top": /^-\d{3}/,
  "letter-spacing": /^-/,
  clip: /^rect\b/,
  "clip-path": /^(?!none\b)/,
  transform: /^(?!none\b)/,
  filter: /^(?!none\b)/,
  mask: /^(?!none\b)/,
  height: /^0(?![.\d])/,
  "max-height": /^0(?![.\d])/,
  width: /^0(?![.\d])/,
  "max-width": /^0(?![.\d])/,
  "font-size": /^(?:0|0?\.[0-2]\d*)(?:[a-z%]|$)|^[1-4](?:\.\d+)?(?:px|pt)$/,
  font: /(?:^| )0(?:[a-z%/ ]|$)/,
};

/** Longer values are no value of these properties. */
const MOST_CHARACTERS = 200;

/** @param style the value of a style attribute, as it was sent */
export function hides(style: string): boolean {
  return style.split(";").some((declaration) => {
    const colon = declaration.indexOf(":");
    if (colon < 1 || declaration.length > MOST_CHARACTERS) return false;
    const property = declaration.slice(0, colon).trim().toLowerCase();
    const value = declaration
      .slice(colon + 1)
      .trim()
      .toLowerCase()
      .replace(/\s+/g, " ");
    return value !== "" && Object.hasOwn(HIDING, property) && (HIDING[property]?.test(value) ?? false);
  });
}
