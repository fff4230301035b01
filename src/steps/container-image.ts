import { z } from 'zod';
import { ENGINES, type Engine, programOf, STAMP } from '../container/paths.ts';
import { imageState } from '../facts/container.ts';
import { isOf, isRelease } from '../gluster/release.ts';
import { CannotPlan, defineStep } from '../model/step.ts';
import { KEPT } from '../run/script.ts';
import { type Sh, sh } from '../sh.ts';
import { runOnce } from './container/run-once.ts';
import { serversWith } from './container/servers.ts';
import { forget, nextRecord, RECORDS } from './package/records.ts';

/** Seconds for an image to come, less than a change may take. */
const PULL_SECONDS = 1500;

const Want = z.strictObject({
  engine: z.enum(ENGINES),
  image: z.string().describe('The image that has glusterd, with its registry'),
  version: z.string().describe('The release or series of GlusterFS that has to be in it'),
});
type Want = z.infer<typeof Want>;

const idOf = (engine: Engine, image: string): Sh => sh`${programOf(engine)} image inspect --format '{{.Id}}' ${image}`;

/** What the start of the container needs of it. */
const PROGRAMS = ['glusterd', 'gluster', 'umount', 'ln', 'cp'];

const fetch = ({ engine, image, version }: Want, record: string): Sh => sh`
  set -eu
  fail() { printf '%s\n' "$@" >&2; exit 1; }
  record=${record}
  mkdir -p -- "$record"
  if ! id=$(${idOf(engine, image)} 2>/dev/null); then
    # An attempt that failed leaves its record to the next, which may be about another image.
    echo ${image} >>"$record/pulled"
    timeout ${PULL_SECONDS} ${programOf(engine)} pull -q ${image} >/dev/null 2>"$record/said" ||
      fail ${`${engine} cannot fetch ${image}:`} "$(tail -n 4 "$record/said")" ${`Does the node reach the registry, and may it read there (${engine} login)? An image that is on the node is not fetched: ${engine} load <FILE`}
    id=$(${idOf(engine, image)})
  fi
  said=$(${runOnce(engine, image, `for p in ${PROGRAMS.join(' ')}; do command -v $p >/dev/null || echo "lacks $p"; done; glusterd --version`)} 2>"$record/said") ||
    fail ${`${image} does not run here:`} "$(tail -n 4 "$record/said")"
  lacks=$(printf '%s\n' "$said" | sed -n 's/^lacks //p' | tr '\n' ' ')
  [ -z "$lacks" ] || fail ${`${image} cannot be used; it lacks: `}"$lacks"
  release=$(printf '%s\n' "$said" | sed -n 's/^glusterfs \([0-9][0-9.]*\).*/\1/p' | sed q)
  case $release in
    ${isRelease(version) ? sh`${version}` : sh`${version}.*`}) ;;
    *) fail ${`${image} has GlusterFS `}"\${release:-of no version}"${`, and cluster.yaml wants ${version}`} ;;
  esac
  mkdir -p -- "$(dirname ${STAMP})"
  printf '%s\n' "$id" "$release" >${`${STAMP}.new`}
  mv -f -- ${`${STAMP}.new`} ${STAMP}
  rm -f -- "$record/said"
  : >"$record/done"`;

const drop = ({ engine }: Want, record: string, was: { id: string; release: string } | null): Sh => sh`
  set -eu
  record=${record}
  ${was === null ? sh`rm -f -- ${STAMP} ${`${STAMP}.new`}` : sh`printf '%s\n' ${was.id} ${was.release} >${STAMP}`}
  kept=
  for image in $(cat "$record/pulled" 2>/dev/null || :); do
    ! ${programOf(engine)} image inspect "$image" >/dev/null 2>&1 || ${programOf(engine)} rmi "$image" >/dev/null 2>"$record/said" ||
      kept="$kept$image stays on the node: $(tail -n 1 "$record/said")"
  done
  ${forget}
  if [ -n "$kept" ]; then
    echo "$kept" >&2
    exit ${KEPT}
  fi`;

export const containerImage = defineStep({
  id: 'container-image',
  title: 'Fetch the image of GlusterFS',
  about: 'Has the engine fetch the image that glusterd runs from, where it is not there, and looks whether it holds the wanted version.',
  want: Want,

  jobs: (cluster) => serversWith(cluster, ({ engine, image }) => ({ engine, image, version: cluster.gluster.version })),

  facts: ({ engine, image }: Want) => ({ image: imageState(engine, image), record: nextRecord('image') }),

  plan(want, is) {
    const { id, seen } = is.image;
    if (id !== null && seen?.id === id) {
      if (isOf(want.version, seen.release)) return [];
      throw new CannotPlan({
        check: 'container-version',
        what: `${want.image} has GlusterFS ${seen.release}, and cluster.yaml wants ${want.version}`,
        next: 'name an image that has it in gluster.image, or write its version into gluster.version',
      });
    }
    const record = `${RECORDS}/${is.record}`;
    return [
      {
        id: 'image',
        title: `have ${want.image}, which has to hold GlusterFS ${want.version}`,
        risk: 'safe',
        do: fetch(want, record),
        undo: drop(want, record, seen),
        verify: sh`
          id=$(${idOf(want.engine, want.image)} 2>/dev/null) && [ "$(sed q ${STAMP})" = "$id" ]`,
      },
    ];
  },
});
