export { LeaderElection, type LeaderElectionOptions } from './election.ts';
