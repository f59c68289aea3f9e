/** Raised whenever the same document gives other rows (describe-resources.ts): indexes that were made by another are made anew. */
export const RESOURCES_VERSION = 9;
