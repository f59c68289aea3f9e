/** What the independent judge says of a written narrative. It never edits: only its verdict is used. */
export type Verdict =
  /** It would remove nothing, and reads the same words in the same order. */
  | { readonly kind: "clean" }
  /** It would remove something, or HTML's parser would move words. */
  | { readonly kind: "rejected"; readonly reason: string }
  /** It could not be asked: too slow, crashed, or stopping. Says nothing about the narrative. */
  | { readonly kind: "unavailable"; readonly reason: string };

export interface NarrativeJudge {
  /** Names the judge and its version: a verdict holds as long as this is the same. */
  readonly rules: string;
  /** `text`: the words that a browser must find in `html`, white space aside. Never throws. */
  judge(html: string, text: string): Promise<Verdict>;
  close(): Promise<void>;
}
