/** The tables by which resources are found; they stand once for each generation of the index (index-schema.ts). */

/** The names of one generation's tables. */
export interface ResourceTables {
  readonly resources: string;
  readonly names: string;
  readonly texts: string;
  readonly words: string;
  readonly spans: string;
  readonly links: string;
  readonly documentWords: string;
}

export function resourceTablesOf(generation: number): ResourceTables {
  return {
    resources: `resources_${generation}`,
    names: `names_${generation}`,
    texts: `texts_${generation}`,
    words: `words_${generation}`,
    spans: `spans_${generation}`,
    links: `links_${generation}`,
    documentWords: `document_words_${generation}`,
  };
}

/**
 * `names` and `texts` are dictionaries: of parameters with their type, and of code systems and scales, which stand in many rows. Each table is ordered for finding, and has an index by resource for
 * everything else. A system or scale of 0 is none. `places`: of resources in the document, with commas between them.
 */
export function createResourceTables(generation: number): string {
  const { resources, names, texts, words, spans, links, documentWords } = resourceTablesOf(generation);
  return `
CREATE TABLE ${resources} (
  number INTEGER PRIMARY KEY,
  type TEXT NOT NULL,
  path TEXT NOT NULL
) STRICT;
CREATE INDEX ${resources}_by_type ON ${resources} (type, number);
CREATE TABLE ${names} (
  id INTEGER PRIMARY KEY,
  type TEXT NOT NULL,
  name TEXT NOT NULL,
  UNIQUE (type, name)
) STRICT;
CREATE TABLE ${texts} (
  id INTEGER PRIMARY KEY,
  text TEXT NOT NULL UNIQUE
) STRICT;
CREATE TABLE ${words} (
  name INTEGER NOT NULL,
  value TEXT NOT NULL,
  resource INTEGER NOT NULL,
  system INTEGER NOT NULL,
  part INTEGER NOT NULL,
  PRIMARY KEY (name, value, resource, system, part)
) STRICT, WITHOUT ROWID;
CREATE INDEX ${words}_by_resource ON ${words} (resource, name);
CREATE TABLE ${spans} (
  name INTEGER NOT NULL,
  scale INTEGER NOT NULL,
  low ANY NOT NULL,
  high ANY NOT NULL,
  resource INTEGER NOT NULL,
  part INTEGER NOT NULL,
  PRIMARY KEY (name, scale, low, high, resource, part)
) STRICT, WITHOUT ROWID;
CREATE INDEX ${spans}_by_resource ON ${spans} (resource, name);
CREATE TABLE ${links} (
  name INTEGER NOT NULL,
  target INTEGER NOT NULL,
  resource INTEGER NOT NULL,
  part INTEGER NOT NULL,
  PRIMARY KEY (target, name, resource, part)
) STRICT, WITHOUT ROWID;
CREATE INDEX ${links}_by_resource ON ${links} (resource, name);
CREATE TABLE ${documentWords} (
  name INTEGER NOT NULL,
  value TEXT NOT NULL,
  position INTEGER NOT NULL,
  places TEXT NOT NULL,
  PRIMARY KEY (name, value, position)
) STRICT, WITHOUT ROWID;
CREATE INDEX ${documentWords}_by_document ON ${documentWords} (position, name, value);
`;
}
