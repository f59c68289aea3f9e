/** How PDFs were had since the start, for whoever operates the service. */
export class PdfCounts {
  /** Made anew. */
  made = 0;
  /** Given as they were kept. */
  kept = 0;
  /** Made without a time-stamp, though an authority is configured. */
  unstamped = 0;

  /** As data. */
  get told(): { readonly made: number; readonly kept: number; readonly unstamped: number } {
    return { made: this.made, kept: this.kept, unstamped: this.unstamped };
  }
}
