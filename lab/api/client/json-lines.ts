const NEWLINE = 0x0a;

/**
 * Values of a stream of JSON documents, one a line (the framing of a watch). The stream is read only as fast as the
 * values are taken, so a slow reader holds the sender back.
 *
 * @throws SyntaxError for a line that is not JSON
 */
export async function* jsonLines(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<unknown> {
  // Pieces of an unfinished line: joined once, so that a line of many chunks is not copied again for each.
  let rest: Buffer[] = [];
  for await (const chunk of chunks) {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    let start = 0;
    for (let end = bytes.indexOf(NEWLINE); end !== -1; end = bytes.indexOf(NEWLINE, start)) {
      const piece = bytes.subarray(start, end);
      const line = rest.length === 0 ? piece : Buffer.concat([...rest, piece]);
      rest = [];
      start = end + 1;
      if (line.length > 0) yield JSON.parse(line.toString('utf8'));
    }
    if (start < bytes.length) rest.push(bytes.subarray(start));
  }
}
