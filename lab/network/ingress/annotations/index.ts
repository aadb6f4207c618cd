export {
  ANNOTATION_PREFIX,
  type AnnotationProblem,
  type ParsedAnnotations,
  parseAnnotations,
} from './parse.ts';
export {
  type Auth,
  type Canary,
  DEFAULT_SETTINGS,
  type Redirect,
  type Settings,
  type Sticky,
} from './settings.ts';
export { ANNOTATIONS, type AnnotationContext } from './table.ts';
export { bool, cidr, host, integer, line, list, regex, seconds, size } from './values.ts';
