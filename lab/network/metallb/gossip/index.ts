export { Ballot, type BallotOptions, type Step } from './ballot.ts';
export { type ClaimState, decode, encode, type Message } from './message.ts';
export { Gossip, type GossipOptions } from './transport.ts';
