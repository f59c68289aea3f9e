/** What a thread says once, when it has loaded what it needs: its start is no fault of what it is given to do, and does not count. */
export const READY = "ready";
