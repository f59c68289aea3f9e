/**
 * One opening of a document for all who follow the log: decrypting and parsing is what costs. What was opened last is kept for a moment, so that followers which stand
 * at about the same place share it. A failure is shared too, and forgotten.
 *
 * @param open opens the document of an entry, by the entry's id
 * @param keep how many openings are held on to
 */
export function shareOpenings<Opened>(open: (id: string) => Promise<Opened>, keep = 2): (id: string) => Promise<Opened> {
  const kept = new Map<string, Promise<Opened>>();
  return (id) => {
    const known = kept.get(id);
    if (known) return known;
    const opening = open(id);
    kept.set(id, opening);
    opening.catch(() => kept.delete(id));
    for (const oldest of kept.keys()) {
      if (kept.size <= keep) break;
      kept.delete(oldest);
    }
    return opening;
  };
}
