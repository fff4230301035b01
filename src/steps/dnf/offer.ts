import type { Fact } from '../../model/fact.ts';
import { sh } from '../../sh.ts';
import { nothingToAsk, type Offer, parseOffer } from '../package/offer.ts';
import type { PackageSource } from '../package/source.ts';
import { onlyOnEl, privateConf } from './shell.ts';
import { KEY_FILE, REPO_FILE, setUris } from './source.ts';

/**
 * Asks the repository by dnf or yum itself, which every such node has (curl, wget and Python may be missing), in a
 * folder of its own that is gone afterwards. Each address has 7 s. A node that has the repository already needs no network.
 */
export const offer = (source: PackageSource): Fact<Offer> => {
  const { key } = source;
  if ((source.source !== 'centos-sig' && source.base === '') || key === null) return nothingToAsk;
  return {
    id: `dnf-offer:${source.source}:${source.base}:${source.version}:${key.fingerprint}`,
    read: sh`
      ${onlyOnEl}
      ${setUris(source)}
      now=$(sed -n 's/^baseurl=//p' ${REPO_FILE} | sed q)
      if printf %s ${key.text} | cmp -s - ${KEY_FILE}; then
        for uri in "$@"; do [ "$uri" != "$now" ] || exit 0; done
      fi
      t=$(mktemp -d) || exit 1
      trap 'rm -rf -- "$t"' EXIT
      mkdir -p "$t/repos" "$t/persist"
      ${privateConf}
      private_conf "$t/conf"
      ask() {
        rm -rf "$t/cache"
        printf '[probe]\nname=probe\nbaseurl=%s\nenabled=1\ngpgcheck=1\nskip_if_unavailable=0\n' "$1" >"$t/repos/probe.repo"
        timeout 7 "$pm" -c "$t/conf" --showduplicates list glusterfs >"$t/out" 2>"$t/err" || grep -q '^Error: No matching Packages' "$t/err"
      }
      # NAME.ARCH VERSION REPOSITORY, which are wrapped where they are long. Not told to be quiet, dnf also says why it cannot.
      versions() { sed '1,/^Available Packages/d' "$t/out" | tr -s ' \n' '\n' | paste -d ' ' - - - | awk '$3 == "probe" { print "offers " $2 }'; }
      for uri in "$@"; do
        if ask "$uri"; then
          echo "found $uri"
          versions
          if [ -n "$now" ] && [ "$now" != "$uri" ] && ask "$now"; then echo "keep $now"; fi
          exit 0
        fi
        echo "tried $uri"
        if [ -s "$t/err" ]; then grep -v -e '^$' -e '^Last metadata' "$t/err" | sed 's/^ */why /'; else echo 'why no answer within 7 s'; fi
      done`,
    parse: parseOffer,
  };
};
