declare module "@alexaltea/capstone-js" {
	const start: () => Promise<unknown>;
	export default start;
}
