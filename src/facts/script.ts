import { ConnectError } from '../errors.ts';
import type { Fact, FactOutput } from '../model/fact.ts';
import { quote } from '../sh.ts';
import { frames } from './frames.ts';

/**
 * Seconds after which a fragment is given up, so that a dead disk or name server cannot hold up all others. An emulated
 * machine that shares its processors took 25 for its disks: one that is only slow must not be taken for one that hangs.
 */
export const FACT_SECONDS = 60;

/** Exit code of a fragment that was given up; only seen where `partial` answers are asked for. As timeout(1) has it. */
export const TIMED_OUT = 124;

/** Each costs a node five processes; two keep it busy while a question waits. */
const LANES = 2;
const LONGEST_ARGUMENT = 120_000; // Linux allows 128 KiB for one argument: MAX_ARG_STRLEN, execve(2)

type Question = Fact<unknown>;

const unique = (facts: readonly Question[]): Question[] => [...new Map(facts.map((f) => [f.id, f])).values()];

/** A fragment is an argument of a shell, so that `ps` shows it: nothing secret may be in it. */
const fragment = (fact: Question): string => {
  if (fact.read.text !== fact.read.shown) throw new TypeError(`fact ${fact.id} must not hold a secret`);
  if (Buffer.byteLength(fact.read.text) > LONGEST_ARGUMENT) throw new TypeError(`fact ${fact.id} is too long to be asked`);
  return quote(fact.read.text);
};

const checkNonce = (nonce: string): string => {
  if (!/^[A-Za-z0-9]{16,}$/.test(nonce)) throw new TypeError('the nonce of a fact script needs 16 letters or digits, picked at random');
  return nonce;
};

/*
 * Each fragment has a frame (frames.ts) whose mark is the nonce, and its index as its name.
 *
 * A lane runs its fragments one after the other in one shell, each in a sub-shell, all under one timeout. When that
 * shell does not live to its end (something hangs, or kills its parent), the lane is run again, each fragment under a
 * timeout of its own: of two whole frames the last one counts. One process for many fragments is what keeps this
 * quick: 2 ms for each were measured with `timeout sh -c` around every one.
 *
 * Lanes run side by side, joined by pipes that are read to the lane's last line, not to the end of file: a child in
 * uninterruptible sleep keeps its pipe open for ever.
 */
const lane = (indices: readonly number[], facts: readonly Question[]): string =>
  `lane ${indices.map((i) => `${i} ${fragment(facts[i] as Question)}`).join(' ')}`;

/**
 * One script that asks all facts; ids that come twice are asked once. `nonce`: at least 16 random letters and digits.
 * `seconds`: after which a fragment is given up.
 */
export const factScript = (facts: readonly Question[], nonce: string, seconds = FACT_SECONDS): string => {
  checkNonce(nonce);
  const asked = unique(facts);
  const lanes = Array.from({ length: Math.min(LANES, Math.max(1, asked.length)) }, (_, n) =>
    lane(
      asked.map((_f, i) => i).filter((i) => i % LANES === n),
      asked,
    ),
  );
  // From inside out: the first lane writes straight through sed, every other is read when those before it are done.
  const nested = lanes.reduceRight<string>((inner, call, n) => {
    const drain = `sed "/^$N END$/q"`;
    return inner === '' ? `${call} | ${drain}` : `${call} | { exec ${n + 3}<&0 </dev/null\n${inner}\n${drain} <&${n + 3}; }`;
  }, '');
  return `PATH="$PATH:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
LC_ALL=C
export PATH LC_ALL
unset LANGUAGE N
N=${nonce}
each='n=$1; shift
while [ $# -gt 0 ]; do
  printf "\\n%s B %s\\n" "$n" "$1"
  (unset n; eval "
$2") </dev/null 2>/dev/null
  c=$?
  kill -0 "$PPID" 2>/dev/null || exit
  printf "\\n%s E %s %s\\n" "$n" "$1" "$c"
  shift 2
done'
limit='timeout -k 2 ${seconds}'
lane() {
  if ! $limit sh -c "$each" sh "$N" "$@"; then
    # It hangs, or this timeout is none that knows -k.
    $limit true || limit=
    while [ $# -gt 0 ]; do
      printf '\\n%s B %s\\n' "$N" "$1"
      $limit sh -c "$2"
      c=$? e=E
      case $limit:$c in ?*:124 | ?*:137) e=T ;; esac
      printf '\\n%s %s %s %s\\n' "$N" "$e" "$1" "$c"
      shift 2
    done
  fi
  printf '\\n%s END\\n' "$N"
} </dev/null 2>/dev/null
${nested}
`;
};

/**
 * What each fact's fragment said, by id. Throws ConnectError naming the facts that have no whole answer: the connection was
 * cut, or the fragment was given up when its time was over. With `partial`, those that were given up are there, empty, with code TIMED_OUT.
 */
export const factAnswers = (
  facts: readonly Question[],
  stdout: string,
  nonce: string,
  options: { node?: string | undefined; partial?: boolean; seconds?: number | undefined } = {},
): Map<string, FactOutput> => {
  const asked = unique(facts);
  const answers = new Map<string, FactOutput>();
  const late = new Set<string>();
  for (const { name, end, text, code } of frames(stdout, checkNonce(nonce))) {
    const fact = asked[Number(name)];
    if (fact === undefined) continue;
    answers.set(fact.id, end === 'E' ? { stdout: text, code } : { stdout: '', code: TIMED_OUT });
    if (end === 'T') late.add(fact.id);
    else late.delete(fact.id);
  }
  const tardy = asked.filter((f) => late.has(f.id)).map((f) => f.id);
  const lost = asked.filter((f) => !answers.has(f.id)).map((f) => f.id);
  if (lost.length > 0) {
    throw new ConnectError({
      what: `the node did not answer ${list(lost)}`,
      node: options.node,
      why: `${answers.size} of ${asked.length} answers came back whole`,
      next: 'look whether the connection was cut, or whether the login shell or sudo prints something of its own, and try again',
    });
  }
  if (tardy.length > 0 && options.partial !== true) {
    throw new ConnectError({
      what: `the node did not answer ${list(tardy)} within ${options.seconds ?? FACT_SECONDS} s`,
      node: options.node,
      why: 'a command on the node hangs: a disk, a mount or a name server does not answer',
      next: 'see `glusterctl facts` for the rest, and mend what hangs',
    });
  }
  return answers;
};

const list = (ids: readonly string[]): string =>
  ids.length > 4 ? `${ids.slice(0, 3).join(', ')} and ${ids.length - 3} more` : ids.join(', ');
