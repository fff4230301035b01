import { expect, it } from 'vitest';
import { explain, explainSh } from '../../src/heketi/problem.ts';
import { sh } from '../../src/sh.ts';
import { run } from '../steps/answers.ts';

/** As they stand in threads of Heketi's tracker. */
const SAID: readonly [string, RegExp][] = [
  ["Creating node masternode.engr ... Unable to create node: New Node doesn't have glusterd running", /did not find glusterd/],
  [
    'Unable to add device: Setup of device /dev/sda failed (already initialized or contains data?): ssh: handshake failed: ssh: unable to authenticate, attempted methods [none publickey], no supported methods remain',
    /cannot log in/,
  ],
  [
    'Unable to add device: Initializing device /dev/sdc failed (already initialized or contains data?):   Size requires number argument.\n  Invalid argument for --dataalignment: Optional:\n  Error during parsing of command line.',
    /a setting in heketi.json/,
  ],
  [
    'Initializing device /dev/vdd failed (already initialized or contains data?): \nWe trust you have received the usual lecture\nsudo: a terminal is required to read the password',
    /sudo without a password/,
  ],
  ['Setup of device /dev/sda failed (already initialized or contains data?):   Device /dev/sda excluded by a filter.', /LVM does not take/],
  [
    'Unable to execute command on glusterfs-sgkv5:   Can\'t initialize physical volume "/dev/xvdd" of volume group "vg_a4" without -ff',
    /something is on it/,
  ],
  [
    'Unable to create node: Unable to execute command on gluster-1: peer probe: failed: Probe returned with Transport endpoint is not connected',
    /a peer was not reached/,
  ],
  ['Error: Failed to allocate new volume: No space', /room for every copy/],
  ['Error: Invalid JWT token: signature is invalid (client and server secrets may not match)', /the key is not the one/],
  ['Error: Get http://127.0.0.1:8080/clusters: dial tcp 127.0.0.1:8080: connect: connection refused', /no Heketi answers/],
];

it.each(SAID)('explains: %s', (text, cause) => {
  expect(explain(text)?.cause).toMatch(cause);
});

it('guesses nothing about what it does not know (voice 11)', () => {
  expect(explain('Error: strconv.ParseUint: parsing "5000000K": invalid syntax')).toBe(null);
});

it('says the same on a node', () => {
  for (const [text] of [...SAID, ['nothing of the kind', /./] as const]) {
    const meant = explain(text);
    const { stdout, code } = run(sh`
      set -eu
      ${explainSh}
      explain ${text}`);
    expect([code, stdout]).toEqual([0, meant === null ? '' : `${meant.cause}; ${meant.remedy}\n`]);
  }
});
