import { defineConfig } from 'vitest/config';

const minutes = (n: number) => n * 60_000;
/** One tier after the other, the fastest first: what differs in workers may not share a group. */
const order = (n: number) => ({ groupOrder: n });
/** Two at a time: vitest leaves one of two cores idle by itself. */
const shared = { environment: 'node' as const, restoreMocks: true, maxWorkers: 2 };
const real = {
  ...shared,
  globalSetup: ['test/setup/programs.ts', 'test/setup/build.ts'],
  testTimeout: minutes(5),
  hookTimeout: minutes(10),
};

/** A file may have to wait until the machines of another are gone. */
const machines = { ...real, testTimeout: minutes(30), hookTimeout: minutes(90) };

/** unit: no root, no network. cli: the built command line. lab: real nodes in namespaces. faults: the kill matrix. vm: disks on virtual machines. shrink: a root shrunk by way of GRML, with power cuts, on such machines. */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          ...shared,
          globalSetup: ['test/setup/programs.ts'],
          name: 'unit',
          sequence: order(0),
          include: ['test/**/*.test.ts'],
          exclude: ['test/**/*.{cli,lab,faults,vm,shrink}.test.ts'],
          testTimeout: minutes(1),
        },
      },
      { test: { ...real, name: 'cli', sequence: order(1), include: ['test/**/*.cli.test.ts'] } },
      { test: { ...real, name: 'lab', sequence: order(2), include: ['test/**/*.lab.test.ts'], maxWorkers: 3 } },
      {
        test: {
          ...real,
          name: 'faults',
          sequence: order(3),
          include: ['test/**/*.faults.test.ts'],
          testTimeout: minutes(25),
        },
      },
      { test: { ...machines, name: 'vm', sequence: order(4), include: ['test/**/*.vm.test.ts'] } },
      { test: { ...machines, name: 'shrink', sequence: order(5), include: ['test/**/*.shrink.test.ts'] } },
    ],
  },
});
