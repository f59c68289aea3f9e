/** What the repository does that may be served by itself, without anything that is kept (`chartulary serve --only NAME`). */
export const SERVICE_NAMES = ["validate", "render", "verify"] as const;

export type ServiceName = (typeof SERVICE_NAMES)[number];
