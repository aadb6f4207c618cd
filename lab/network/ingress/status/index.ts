export { type PublishService, publishedAddresses } from './addresses.ts';
export { type StatusSource, StatusWriter } from './writer.ts';
