/** Exit codes. They are a contract: pipelines branch on them. */
export const EXIT = {
  ok: 0,
  declined: 1,
  usage: 2,
  config: 3,
  connect: 4,
  failed: 5,
  rollbackIncomplete: 6,
  refused: 7,
  locked: 8,
  unhealthy: 9,
  pending: 10,
  bug: 70,
  interrupted: 130,
  terminated: 143,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** What an error says, in this order: what failed and on which node, why, what to do next. */
export interface Report {
  /** Which named fault it is, as docs/checks.md lists them. */
  check?: string | undefined;
  what: string;
  node?: string | undefined;
  why?: string | undefined;
  next?: string | undefined;
}

/** Every failure that is somebody's to mend. Anything else that is thrown is a bug (exit 70). */
export class GlusterctlError extends Error {
  readonly exit: ExitCode;
  readonly report: Report;
  constructor(exit: ExitCode, report: Report, options?: ErrorOptions) {
    super([report.node === undefined ? report.what : `${report.node}: ${report.what}`, report.why].filter(Boolean).join(': '), options);
    this.name = new.target.name;
    this.exit = exit;
    this.report = report;
  }
}

const kind = (exit: ExitCode) =>
  class extends GlusterctlError {
    constructor(report: Report, options?: ErrorOptions) {
      super(exit, report, options);
    }
  };

export class Declined extends kind(EXIT.declined) {}
export class UsageError extends kind(EXIT.usage) {}
export class ConfigError extends kind(EXIT.config) {}
export class ConnectError extends kind(EXIT.connect) {}
export class ApplyFailed extends kind(EXIT.failed) {}
export class Locked extends kind(EXIT.locked) {}

/** Something that must not be done, or not without an answer that nobody can give here. Holds all reasons at once. */
export class Refused extends GlusterctlError {
  readonly reasons: readonly Report[];
  constructor(reasons: Report | readonly Report[]) {
    const list: readonly Report[] = 'what' in reasons ? [reasons] : reasons;
    super(EXIT.refused, list.length === 1 && list[0] ? list[0] : { what: `${list.length} things stand in the way` });
    this.reasons = list;
  }
}

export class Interrupted extends GlusterctlError {
  constructor(signal: 'SIGINT' | 'SIGTERM', report: Report) {
    super(signal === 'SIGINT' ? EXIT.interrupted : EXIT.terminated, report);
  }
}
