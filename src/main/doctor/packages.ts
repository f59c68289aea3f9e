/** The packages that documents are held against. */
import { openHeldArchives } from "../held-packages.ts";
import { notice, wordsOf, wrong, type Check } from "./examination.ts";

const ADVICE = "chartulary packages check tells more";

export const PACKAGE_CHECKS: readonly Check[] = [
  {
    what: "packages",
    remedy: "mend the folder of PACKAGES_DIR or its packages.json, or unset it: profiles are not checked then",
    look: async (config, tell) => {
      if (config.packagesFolder === undefined) return;
      try {
        const archives = await openHeldArchives(config, () => undefined);
        const { packages, sets, broken } = await archives.list();
        for (const { file, why } of broken) tell(wrong(`${file} in PACKAGES_DIR can't be used, and the service does not start: ${why}`, "remove it, or get it anew where its publisher offers it")); // prettier-ignore
        if (packages.length === 0 && broken.length === 0) tell(notice(`PACKAGES_DIR ${config.packagesFolder} holds no package: documents are held against R4 alone`, "chartulary packages add FILE")); // prettier-ignore
        else if (sets.length > 0 && !sets.some(({ isInForce }) => isInForce)) tell(notice("no set of packages.json is in force today: documents of today are held against R4 alone", "add the set that follows, with its packages")); // prettier-ignore
        for (const { name, lacks } of sets) if (lacks > 0) tell(notice(`set ${name} lacks ${lacks} of the packages that its own depend on: what they define is not checked`, ADVICE)); // prettier-ignore
      } catch (error) {
        tell(wrong(wordsOf(error), ADVICE));
      }
    },
  },
];
