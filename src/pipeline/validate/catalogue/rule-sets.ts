/**
 * Each version of the set of rules, with the digest of what it judges by (catalogue and definitions, `scripts/docs/rule-set-digest.ts`). A version stands in every deposit record, so none is ever
 * changed: other rules are a new one, the last here. `npm run docs` tells the digest.
 */
export const RULE_SETS: Readonly<Record<string, string>> = {
  "r4-documents/3": "327a18b021f0c25c1543d2effa725ec1d56969f2cd1285b40f5be6530acbd30d",
  "r4-documents/4": "7e569c296c6b6be4488508ce76e2011200bb58759c944873b2cc7ef86e016257",
  "r4-documents/5": "6b2202f0963c4c674b32bc59294cdc39d81d15798260edd4596bff4c51c0e49d",
  "r4-documents/6": "8b5966dec414eeb1ba9d9511da4689aa499059c795493b2575b8591c34a9c89b",
  "r4-documents/7": "531a6afa319532015437edea015c2bc857b1aab73c8ebfbbafebc4c167608ac6",
  "r4-documents/8": "c733bcfb43fff83815488b1c6bf9cfedbeb1a82e801a931ba63dd0dcc1573bab",
};

/** The version in force: raised whenever a rule is added, removed or judges otherwise. */
export const RULES_VERSION = "r4-documents/8";
