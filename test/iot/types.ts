/* Imports of the device API that say another type than the API's. */

import { encodeModule, op, VALUE_TYPES, type FunctionType, type ValueType } from "../support/wasm";
import { iotFunctions, wasiFunctions, type Imported } from "./raw-module";

export interface WrongImport extends Imported {
	/** What the module says. */
	readonly said: FunctionType;
}

const valueTypes = Object.keys(VALUE_TYPES) as ValueType[];

/** Each list that differs by one: another type in one place, one less, one more. */
function* others(types: readonly ValueType[]): Generator<ValueType[]> {
	for (let at = 0; at <= types.length; at++) {
		for (const type of valueTypes) if (at < types.length && type !== types[at]) yield types.with(at, type);
		if (at < types.length) yield types.toSpliced(at, 1);
		yield types.toSpliced(at, 0, valueTypes[at % valueTypes.length]!);
	}
}

/** Without those that come twice, as one less of "i32 i32" does. */
function wrongTypes({ params, results }: FunctionType): FunctionType[] {
	const wrong = [
		...[...others(params)].map((said) => ({ params: said, results })),
		...[...others(results)].map((said) => ({ params, results: said })),
	];
	return [...new Map(wrong.map((type) => [typeText(type), type])).values()];
}

export const wrongImports: readonly WrongImport[] = [...iotFunctions, ...wasiFunctions].flatMap((imported) =>
	wrongTypes(imported.type).map((said) => ({ ...imported, said })),
);

export function typeText({ params, results }: FunctionType): string {
	return `(${params.join(" ")}) -> (${results.join(" ")})`;
}

/** A module that calls it by that type. */
export function importer({ module, name, said }: WrongImport): Uint8Array {
	return encodeModule({
		types: [said],
		imports: [{ module, name, kind: "func", type: 0 }],
		functions: [
			{
				type: 0,
				export: "call",
				code: [...said.params.map((_, parameter) => op("local.get", parameter)), op("call", 0)],
			},
		],
	});
}

/** Why it is refused. */
export function refusalOf({ module, name, type, said }: WrongImport): string {
	return `import "${module}" "${name}": expected function ${typeText(said)}, got function ${typeText(type)}`;
}
