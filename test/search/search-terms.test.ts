import { describe, expect, test } from "@jest/globals";
import { searchTerms } from "../../src/search/search-terms.ts";

describe("searchTerms", () => {
  test("are lower case, without diacritics, in words, each once", () => {
    expect(searchTerms(["Héloïse Ångström", "HELOISE"])).toEqual(["heloise", "angstrom"]);
  });

  test("write stroked letters and ligatures as people do who lack the key", () => {
    expect(searchTerms(["Sørensen", "Łukasz", "Strauß", "Æsa"])).toEqual(["sorensen", "lukasz", "strauss", "aesa"]);
  });

  test("find a name with an apostrophe in either way of writing it", () => {
    for (const name of ["O'Neil", "O’Neil"]) expect(searchTerms([name])).toEqual(["o", "neil", "oneil"]);
  });

  test("find an identifier whole and by its parts", () => {
    expect(searchTerms(["SB-0417-2296"])).toEqual(["sb", "0417", "2296", "sb04172296"]);
  });

  test("keep other scripts", () => {
    expect(searchTerms(["水無瀬 千鶴", "سلمى"])).toEqual(["水無瀬", "千鶴", "سلمى"]);
  });
});
