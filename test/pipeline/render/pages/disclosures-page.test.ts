/** An account of disclosures says that it is all only where that is known. */
import { expect, test } from "@jest/globals";
import type { Disclosures } from "../../../../src/pipeline/render/pages/audit-shown.ts";
import { openAssets } from "../../../../src/pipeline/render/pages/assets.ts";
import { renderDisclosuresPage } from "../../../../src/pipeline/render/pages/disclosures-page.ts";
import { localeFor } from "../../../../src/pipeline/render/locale-for.ts";

const NONE: Disclosures = {
  kind: "disclosures",
  patient: { id: "p-1", identifiers: [] },
  period: {},
  at: "2026-03-14T10:00:00.000Z",
  disclosures: [],
  isWhole: true,
  isWaiting: false,
  hasOthers: false,
  endedDays: [],
  isAuditor: true,
};
const ALL = "That is all of the period";

test.each<[string, Partial<Disclosures>, boolean, string]>([
  ["all of it", {}, true, "Account of disclosures"],
  ["a part that another follows", { next: "1" }, false, "This is not all"],
  ["the last part", { page: "1" }, false, "Disclosures in this part: 0"],
  ["documents that could not be looked at", { isWhole: false }, false, "Not all documents of this patient could be looked at"],
  ["days whose keys were destroyed", { endedDays: ["2025-01-01", "2025-01-02"] }, false, "can no longer be read"],
  ["other instances' events", { hasOthers: true }, false, "Other machines"],
  ["events that wait to be written", { isWaiting: true }, false, "waits to be written into the audit trail"],
])("%s", (_what, over, isAll, words) => {
  for (const medium of ["screen", "print"] as const) {
    const page = renderDisclosuresPage({ ...NONE, ...over }, { locale: localeFor(["en"]), isOpen: false, assets: openAssets(undefined), medium });
    expect([medium, page.includes(ALL)]).toEqual([medium, isAll]);
    expect(page).toContain(words);
  }
});
