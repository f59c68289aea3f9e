/** A file that pages link to. Its path names its content or its version, so it may be kept by browsers for ever. */
export interface Asset {
  /** Text, or bytes that are read when they are asked for. */
  readonly body: string | (() => Promise<Uint8Array>);
  readonly contentType: string;
}

/** A stylesheet; that of fonts holds `@font-face` rules alone. */
export interface FontSheet {
  readonly css: string;
  /** Only pages link to it that have one of these in their text: rules for Han characters are 150 KB. Absent: every page does. */
  readonly characters?: RegExp;
}

/** Fonts that pages offer to browsers which have none for some script. */
export interface WebFonts {
  readonly sheets: readonly FontSheet[];
  /** By the path of their URL, which the sheets name. */
  readonly files: ReadonlyMap<string, Asset>;
}
