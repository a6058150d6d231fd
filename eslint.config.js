import js from "@eslint/js";
import tseslint from "typescript-eslint";

export default tseslint.config(
	{
		ignores: [
			"build/",
			"src/iot-api/guest/",
			"test/iot/modules/",
			"node_modules/",
			"test/spec/**/*.js",
			"examples/**/build/",
		],
	},
	js.configs.recommended,
	...tseslint.configs.recommended,
	{
		rules: {
			"@typescript-eslint/no-explicit-any": "error",
			// XS pays for each closure and iterator; loops with an index are wanted there.
			"@typescript-eslint/prefer-for-of": "off",
			"@typescript-eslint/no-duplicate-enum-values": "off",
			// Portable sources are AssemblyScript too: its casts and literals are not for this rule.
			"@typescript-eslint/no-inferrable-types": "off",
			// What prettier leaves alone: comments. Strings, templates and regular expressions are not broken.
			"max-len": [
				"error",
				{
					code: 120,
					tabWidth: 4,
					ignoreStrings: true,
					ignoreTemplateLiterals: true,
					ignoreRegExpLiterals: true,
					ignoreUrls: true,
				},
			],
			"@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_", caughtErrors: "none" }],
		},
	},
	{
		files: ["**/*.js", "**/*.mjs", "**/*.cjs"],
		languageOptions: {
			globals: {
				process: "readonly",
				console: "readonly",
				Buffer: "readonly",
				URL: "readonly",
				setTimeout: "readonly",
				clearTimeout: "readonly",
				setInterval: "readonly",
				clearInterval: "readonly",
				setImmediate: "readonly",
				WebAssembly: "readonly",
				performance: "readonly",
				TextEncoder: "readonly",
				TextDecoder: "readonly",
				require: "readonly",
				module: "writable",
				files: "readonly",
				device: "readonly",
				native: "readonly",
				Native: "readonly",
				Compartment: "readonly",
				ModuleSource: "readonly",
			},
		},
	},
	{
		files: ["src/host/**/*.ts", "src/iot-api/**/*.ts", "boards/simulated/*.ts"],
		rules: {
			"no-restricted-syntax": [
				"error",
				{
					selector: "MethodDefinition[key.type='PrivateIdentifier']",
					message: "XS keeps the last instance of a class with private methods: docs/HOST.md.",
				},
			],
		},
	},
	{ files: ["**/*.cjs"], rules: { "@typescript-eslint/no-require-imports": "off" } },
);
