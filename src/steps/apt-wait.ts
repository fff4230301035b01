import { waitFor } from './package/wait.ts';

/**
 * Waits until nobody holds apt's and dpkg's locks, and says who does when that takes too long. apt's own
 * DPkg::Lock::Timeout (apt 1.9.11) knows neither the name of the holder nor the lock of the lists.
 */
export const waitForLocks = waitFor({
  of: 'apt or dpkg',
  files: ['/var/lib/dpkg/lock-frontend', '/var/lib/dpkg/lock', '/var/lib/apt/lists/lock', '/var/cache/apt/archives/lock'],
});
