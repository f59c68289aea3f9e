import type { Archive } from "../../../src/pipeline/backup/write-backup.ts";

/** An archive in memory. */
export class MemoryArchive implements Archive {
  members: { name: string; at: number; bytes: number; content: Uint8Array }[] = [];
  /** How many members are written before the power goes. */
  room = Infinity;

  read({ at }: { readonly at: number }): Promise<Uint8Array> {
    return Promise.resolve(this.members[at]?.content ?? new Uint8Array());
  }

  add(members: readonly { readonly name: string; readonly bytes: Uint8Array }[]): Promise<void> {
    for (const { name, bytes } of members) {
      if (this.room-- <= 0) return Promise.reject(new Error("the power went"));
      this.members.push({ name, at: this.members.length, bytes: bytes.length, content: new Uint8Array(bytes) });
    }
    return Promise.resolve();
  }

  cut(from: number): void {
    this.members = this.members.slice(0, from);
  }
}
