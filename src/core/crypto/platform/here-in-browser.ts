/** The platform of a program that was bundled for a browser: it stands in the place of here.ts there. */
export { webPlatform as platform } from "./web.ts";
