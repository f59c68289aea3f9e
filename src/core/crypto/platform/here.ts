/** The platform that this program runs on. Where it is bundled for a browser, `browser` of package.json puts here-in-browser.ts in the place of this file. */
export { nodePlatform as platform } from "./node.ts";
