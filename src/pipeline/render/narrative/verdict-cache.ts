/**
 * Remembers what was found about a narrative, so that no reader waits twice for the same judgement.
 *
 * - `digest` names the narrative and the rules that judged it (`sha256:` + hex); the same digest always means the same value.
 * - `value` is a verdict, not content: erasing a document does not reach here, so it must hold no word of a narrative.
 * - Derived data: it may be lost or emptied at any time, and neither method ever throws. A cache that cannot answer says undefined.
 */
export interface VerdictCache {
  get(digest: string): string | undefined | Promise<string | undefined>;
  put(digest: string, value: string): void;
}
