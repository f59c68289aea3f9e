/**
 * Every fetch of a test has a connection of its own. A kept one may be closed by its server while the test's thread stands still, under load or while it waits for a program: then a request that was just begun
 * fails ("other side closed"), and nobody did anything wrong.
 */
const plain = globalThis.fetch;

globalThis.fetch = (input, init = {}) => {
  if (input instanceof Request) return plain(input, init);
  const headers = new Headers(init.headers);
  if (!headers.has("connection")) headers.set("connection", "close");
  return plain(input, { ...init, headers });
};
