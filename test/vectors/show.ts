import { argv, stdout } from 'node:process';
import { loadVectors } from './load.ts';

// tsx test/vectors/show.ts NAME…: prints vectors; without a name, or with a part of one, lists the names.
const vectors = loadVectors();
for (const wanted of argv.length > 2 ? argv.slice(2) : ['']) {
  const vector = vectors.get(wanted);
  if (vector)
    stdout.write(`${vector.cmd}\n--\n${vector.out}\n${vector.err ? `-- stderr\n${vector.err}\n` : ''}`);
  else
    stdout.write(
      [...vectors.keys()]
        .filter((name) => name.includes(wanted))
        .map((name) => `${name}\n`)
        .join(''),
    );
}
