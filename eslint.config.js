import tseslint from "typescript-eslint";

/**
 * Types are checked by tsc and layout by Prettier; what stands here are the mistakes that neither sees. Rules about taste are left out.
 */
export default tseslint.config(
  { ignores: ["dist/", "coverage/", "data/", "fixtures/", "node_modules/", "**/*.json"] },
  {
    files: ["src/**/*.ts", "test/**/*.ts", "bench/**/*.ts", "fuzz/**/*.ts", "scripts/**/*.ts"],
    extends: [...tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { project: "./tsconfig.json", tsconfigRootDir: import.meta.dirname } },
    linterOptions: { reportUnusedDisableDirectives: "error" },
    rules: {
      "@typescript-eslint/consistent-type-imports": ["error", { fixStyle: "separate-type-imports", prefer: "type-imports" }],
      "@typescript-eslint/no-floating-promises": "error",
      "@typescript-eslint/no-misused-promises": "error",
      "@typescript-eslint/switch-exhaustiveness-check": ["error", { considerDefaultExhaustiveForUnions: true }],
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true, allowBoolean: false }],
      // An index that was checked a line above is no reason for a second check.
      "@typescript-eslint/no-non-null-assertion": "error",
      // `while (true)` and the like are how loops that end inside are written.
      "@typescript-eslint/no-unnecessary-condition": ["error", { allowConstantLoopConditions: "only-allowed-literals" }],
      // `return next(error)` is how Express is written, and ports are closures, which need no `this`.
      "@typescript-eslint/no-confusing-void-expression": "off",
      "@typescript-eslint/unbound-method": "off",
      // Code points are what we mean when we take a string apart.
      "@typescript-eslint/no-misused-spread": ["error", { allow: ["string"] }],
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_", varsIgnorePattern: "^_", ignoreRestSiblings: true }],
      // noPropertyAccessFromIndexSignature asks for the brackets.
      "@typescript-eslint/dot-notation": "off",
      eqeqeq: "error",
      "no-console": "error",
      "no-control-regex": "off",
      "no-restricted-syntax": [
        "error",
        { selector: "ExportDefaultDeclaration", message: "Names are exported, so that they are the same wherever they are used." },
        { selector: "TSEnumDeclaration", message: "Node strips types only: a union of strings or a table instead." },
      ],
      "max-lines": ["error", { max: 300, skipBlankLines: true, skipComments: true }],
    },
  },
  {
    files: ["bench/**/*.ts", "fuzz/**/*.ts", "scripts/**/*.ts"],
    rules: { "no-console": "off" },
  },
  {
    files: ["test/**/*.ts"],
    rules: {
      // What a test reads from outside is compared, not narrowed.
      "@typescript-eslint/no-unsafe-assignment": "off",
      "@typescript-eslint/no-unsafe-member-access": "off",
      "@typescript-eslint/no-non-null-assertion": "off",
      "max-lines": "off",
    },
  },
);
