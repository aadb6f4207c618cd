/** A message, a name or a record breaks the rules of the wire format. */
export class FormatError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'FormatError';
  }
}
