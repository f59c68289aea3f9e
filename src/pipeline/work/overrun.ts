import type { Tasks } from "./tasks.ts";

/**
 * What a task's overrun comes to. Where a sender's content is looked at for the first time, the sender is told that it costs too much; what is kept here was accepted once, so that its readers
 * are told to try again.
 */
export const OVERRUN: Readonly<Record<keyof Tasks, "too-costly" | "unavailable">> = {
  admit: "too-costly",
  recognise: "too-costly",
  unpack: "too-costly",
  unpackParameter: "too-costly",
  unpackPublished: "too-costly",
  unpackMessage: "too-costly",
  unpackVerification: "too-costly",
  examine: "too-costly",
  validate: "too-costly",
  open: "unavailable",
  write: "unavailable",
  view: "unavailable",
  viewSent: "too-costly",
  judge: "unavailable",
  file: "unavailable",
  xmlDigest: "unavailable",
  audit: "unavailable",
  extract: "unavailable",
  project: "unavailable",
  introspect: "too-costly",
  finish: "unavailable",
  verify: "unavailable",
};
