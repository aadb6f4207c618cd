export { FakeApi, type FakeWrite } from '../../../api/client/fake.ts';
export * from '../../../api/client/index.ts';
