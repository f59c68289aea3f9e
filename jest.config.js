/** Tests are ES modules in TypeScript; SWC strips the types (tsc checks them in `npm run check`). */
export default {
  testEnvironment: "node",
  roots: ["<rootDir>/test"],
  globalSetup: "<rootDir>/test/run-begins.js",
  globalTeardown: "<rootDir>/test/run-ends.js",
  testSequencer: "<rootDir>/test/run-order.js",
  testMatch: ["**/*.test.ts"],
  // Tests wait for events, never for time: this only ends what hangs, also on a machine that has much else to do. Hence no test sets a shorter limit of its own (test/architecture).
  testTimeout: 300_000,
  // What Jest keeps of each suite's modules is never let go of: a process that has run two hundred holds gigabytes, which cost each collection of garbage, and takes longer to end than Jest waits for it.
  workerIdleMemoryLimit: "1GB",
  extensionsToTreatAsEsm: [".ts"],
  transform: {
    "^.+\\.ts$": ["@swc/jest", { jsc: { target: "es2024", parser: { syntax: "typescript" } }, module: { type: "es6" } }],
  },
};
