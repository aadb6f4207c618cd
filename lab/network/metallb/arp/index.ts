export { parseLine, type ResponderLine } from './lines.ts';
export { ArpResponder, RESPONDER_PATH, type ResponderEvents } from './responder.ts';
