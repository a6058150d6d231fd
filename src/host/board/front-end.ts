/** The front end as TypeScript that XS interprets: a module of its own, loaded only where there is no native one. */

export * from "../../aot/front-end";
export { bytes } from "../../aot/base/memory";
