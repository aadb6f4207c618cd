export { type Scheduler, type SchedulerContext, scheduler } from './scheduler.ts';
