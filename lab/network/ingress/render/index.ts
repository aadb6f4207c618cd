export { renderDynamic } from './dynamic.ts';
export { type Rendered, renderConf } from './main.ts';
export {
  DEFAULT_GLOBAL,
  DEFAULT_PATHS,
  type GlobalSettings,
  type Paths,
  type RenderOptions,
} from './options.ts';
export { type Directive, parseDirectives } from './parse.ts';
