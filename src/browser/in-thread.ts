/** A verification in a thread of its own, so that the page stays alive under a large file. Each has a fresh one: whatever it took is given back, and it can be given up. */
import { verifyHere, type Answer, type Files } from "./verify-here.ts";

/** What the thread says first: from then on it is there to be asked. */
const READY = "ready";

/** Whether there is what everything is calculated by (WebCrypto): pages over https, from this machine or of a file are given it, and their threads with them. */
export function canCalculate(): boolean {
  return (globalThis.crypto as Crypto | undefined)?.subtle !== undefined;
}

/** The side of the thread: one question, one answer. One that can't calculate ends, and the page verifies by itself. */
export function answerInThread(): void {
  if (!canCalculate()) throw new Error("this thread is given no cryptography");
  const thread = globalThis as unknown as Pick<Worker, "postMessage" | "onmessage">;
  thread.onmessage = ({ data }: MessageEvent<Files>) => void verifyHere(data).then((answer) => thread.postMessage(answer));
  thread.postMessage(READY);
}

/** A verification that is under way. */
export interface Verifying {
  readonly answer: Promise<Answer>;
  /** Ends it; its answer never comes. */
  giveUp(): void;
}

/** @param source address of this very script; where the browser gives no thread for it, the page itself verifies */
export function verifyInThread(files: Files, source: string): Verifying {
  let thread: Worker | undefined;
  const answer = new Promise<Answer>((resolve) => {
    const here = (): void => void verifyHere(files).then(resolve);
    let isReady = false;
    try {
      thread = new Worker(source);
    } catch {
      return here();
    }
    thread.onmessage = ({ data }: MessageEvent<typeof READY | Answer>) => {
      if (data !== READY) return resolve(data);
      isReady = true;
      thread?.postMessage(files);
    };
    thread.onerror = (event) => {
      event.preventDefault();
      if (isReady) resolve({ fault: event.message });
      else here();
    };
  });
  void answer.then(() => thread?.terminate());
  return { answer, giveUp: () => thread?.terminate() };
}
