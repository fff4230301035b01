import type { Secret } from '../sh.ts';

export interface Question {
  kind: 'password' | 'passphrase' | 'sudo-password';
  node: string;
  text: string;
}

export interface UnknownKey {
  /** Such as `root@192.0.2.11`. */
  place: string;
  /** ED25519, ECDSA, RSA. */
  type: string;
  /** As ssh-keygen -l prints it. */
  fingerprint: string;
}

export interface ConnectOptions {
  /** The cluster's name; stands beside the host keys that were accepted for it. */
  cluster: string;
  /** glusterctl's own folder; `hostKeys: accept-new` writes known_hosts in it, and nowhere else. */
  stateDir: string;
  /** From GLUSTERCTL_SSH_PASSWORD, GLUSTERCTL_SUDO_PASSWORD and GLUSTERCTL_SSH_PASSPHRASE. */
  env: {
    password?: Secret | null | undefined;
    sudoPassword?: Secret | null | undefined;
    passphrase?: Secret | null | undefined;
  };
  home: string;
  /** SSH_AUTH_SOCK. */
  agentSocket: string | null;
  /** null: no terminal. What needs an answer is then refused, with the name of the variable that would give it. */
  ask: ((question: Question) => Promise<string>) | null;
  /** Told of a host key that is not known yet, with hostKeys: strict; true when a person has agreed to have it noted. */
  trust?: ((seen: UnknownKey) => boolean) | undefined;
  /** Told what -v shows. */
  log?: ((line: string) => void) | undefined;
  /** Milliseconds for each step of getting in touch; default 15 s. Time in which a question is open does not count. */
  connectTimeout?: number | undefined;
  /** Cuts everything. */
  signal?: AbortSignal | undefined;
}

export const CONNECT_TIMEOUT = 15_000;
