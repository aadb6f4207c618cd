import { sideBySide } from './diff.ts';
import { type Observation, screen } from './match.ts';
import { StepFailure } from './record.ts';

/** What a step saw, for the steps after it. */
export interface Seen extends Observation {
  /** stdout, then stderr. */
  readonly text: string;
  /**
   * The first group of the expression (or all that it matched), e.g. an interface's name that the next command needs.
   * @throws StepFailure when nothing matches
   */
  pick(pattern: RegExp): string;
}

export function asSeen(observation: Observation): Seen {
  const text = screen(observation);
  return {
    ...observation,
    text,
    pick(pattern) {
      const multiline = new RegExp(pattern.source, `${pattern.flags.replace(/[mgy]/g, '')}m`);
      const found = multiline.exec(text);
      if (!found) {
        throw new StepFailure(
          'E_PICK',
          `the story needs /${pattern.source}/ from the output, and it is not there`,
          sideBySide(`/${pattern.source}/`, text),
        );
      }
      return found[1] ?? found[0];
    },
  };
}
