/** The script of the verifier, for a page and for the thread that the page starts with this same script: one file is all there is to hand on, and to name in a policy. */
import { answerInThread } from "./in-thread.ts";
import { openVerifier } from "./verifier-page.ts";

if (typeof document === "undefined") answerInThread();
else openVerifier();
