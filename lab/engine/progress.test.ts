import { describe, expect, it } from 'vitest';
import {
  type EngineMessage,
  INITIAL_BUILD_STATE,
  jsonMessages,
  readBuildMessage,
  stepLine,
} from './progress.ts';

// As engine 20.10 streamed them.
const messages: EngineMessage[] = [
  { stream: 'Step 2/3 : FROM hoplab/base' },
  { stream: '\n' },
  { stream: ' ---> 6b8959fec4e7\n' },
  { stream: 'Step 3/3 : RUN apt-get update -q  && make' },
  { stream: '\n' },
  { stream: ' ---> Running in 644815f91b5a\n' },
  { stream: "\u001b[91mmake: *** No rule to make target 'x'.  Stop.\n\u001b[0m" },
  {
    errorDetail: { code: 2, message: "The command '/bin/sh -c make' returned a non-zero code: 2" } as never,
    error: "The command '/bin/sh -c make' returned a non-zero code: 2",
  },
];

describe('readBuildMessage', () => {
  const state = messages.reduce(readBuildMessage, INITIAL_BUILD_STATE);
  it('knows the step, the last good image, the output without colours, and the error', () => {
    expect(state).toEqual({
      step: '3/3',
      instruction: 'RUN apt-get update -q && make',
      lastImage: '6b8959fec4e7',
      tail: [' ---> Running in 644815f91b5a', "make: *** No rule to make target 'x'.  Stop."],
      error: "The command '/bin/sh -c make' returned a non-zero code: 2",
    });
  });
  it('cuts the step to a line', () => expect(stepLine(state, 20)).toBe('3/3 RUN apt-get upd…'));
});

describe('jsonMessages', () => {
  it('joins what arrives in pieces, also inside a character', async () => {
    const bytes = Buffer.from('{"stream":"ä"}\r\n{"status":"b"}\n');
    async function* pieces() {
      for (const byte of bytes) yield Buffer.from([byte]);
    }
    const read: EngineMessage[] = [];
    for await (const message of jsonMessages(pieces())) read.push(message);
    expect(read).toEqual([{ stream: 'ä' }, { status: 'b' }]);
  });
});
