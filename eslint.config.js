import tseslint from "typescript-eslint";

/**
 * What oxlint (.oxlintrc.json) does not have of typescript-eslint's strict rules. Everything is read anew for it, which takes a minute: `.ci/run` asks it, `npm run check` does not.
 */
export default tseslint.config(
  { ignores: ["dist/", "coverage/", "data/", "fixtures/", "node_modules/", "**/*.json"] },
  {
    files: ["src/**/*.ts", "test/**/*.ts", "bench/**/*.ts", "fuzz/**/*.ts", "scripts/**/*.ts"],
    plugins: { "@typescript-eslint": tseslint.plugin },
    languageOptions: { parser: tseslint.parser, parserOptions: { project: "./tsconfig.json", tsconfigRootDir: import.meta.dirname } },
    linterOptions: { reportUnusedDisableDirectives: "off" },
    rules: { "@typescript-eslint/no-unsafe-class-instance-assignment": "error" },
  },
);
