export { CLASS, className, OPCODE_QUERY, RCODE, rcodeName, TYPE, typeName } from './codes.ts';
export { decodeHeader, decodeMessage, type Header } from './decode.ts';
export { encodeMessage, sameQuestion } from './encode.ts';
export { FormatError } from './format-error.ts';
export { FrameReader, frame } from './frames.ts';
export {
  type Edns,
  MAX_MESSAGE_BYTES,
  type Message,
  PLAIN_UDP_BYTES,
  type Question,
  type ResourceRecord,
} from './message.ts';
export { absolute, canonical, isWithin, labelsOf } from './name.ts';
export * from './records.ts';
