import { copySettings, type Settings } from './settings.ts';
import { ANNOTATIONS, type AnnotationContext } from './table.ts';

export const ANNOTATION_PREFIX = 'nginx.ingress.kubernetes.io/';

export interface AnnotationProblem {
  readonly annotation: string;
  readonly message: string;
  readonly reason: 'UnknownAnnotation' | 'InvalidAnnotation';
}

export interface ParsedAnnotations {
  readonly settings: Settings;
  readonly problems: readonly AnnotationProblem[];
}

/**
 * Reads the annotations of an Ingress. One that is not known or makes no sense is left out and reported; the others hold.
 *
 * @param defaults what is not annotated
 */
export function parseAnnotations(
  annotations: Readonly<Record<string, string>>,
  defaults: Settings,
  context: AnnotationContext,
): ParsedAnnotations {
  const ours = Object.keys(annotations).filter((annotation) => annotation.startsWith(ANNOTATION_PREFIX));
  // Most have none: they share one object, and what is rendered of it.
  if (ours.length === 0) return { settings: defaults, problems: [] };
  const settings = copySettings(defaults);
  const problems: AnnotationProblem[] = [];
  for (const annotation of ours.sort()) {
    const name = annotation.slice(ANNOTATION_PREFIX.length);
    const rule = Object.hasOwn(ANNOTATIONS, name) ? ANNOTATIONS[name] : undefined;
    if (!rule) {
      const message = `annotation ${JSON.stringify(annotation)} is not known here and has no effect`;
      problems.push({ annotation, message, reason: 'UnknownAnnotation' });
      continue;
    }
    try {
      rule(String(annotations[annotation]).trim(), settings, context);
    } catch (error) {
      const message = `annotation ${JSON.stringify(annotation)} has no effect: ${(error as Error).message}`;
      problems.push({ annotation, message, reason: 'InvalidAnnotation' });
    }
  }
  return { settings, problems };
}
