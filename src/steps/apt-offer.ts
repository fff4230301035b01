import type { Fact } from '../model/fact.ts';
import { sh } from '../sh.ts';
import { KEY_FILE, SOURCE_FILE, uriWords } from './apt-source.ts';
import { nothingToAsk, type Offer, parseOffer } from './package/offer.ts';
import type { PackageSource } from './package/source.ts';

/** For all addresses together; less than what a fact has. */
const SECONDS = 15;

/**
 * Asks the repository by apt itself, signature included, in a folder of its own that is gone afterwards: with lists,
 * cache and hooks elsewhere nothing of the node's apt is touched. All addresses together have 15 s. A node that has
 * the repository already needs no network.
 */
export const offer = (source: PackageSource): Fact<Offer> => {
  const { key } = source;
  if (source.source === 'distro' || source.source === 'centos-sig' || key === null) {
    return nothingToAsk;
  }
  return {
    id: `apt-offer:${source.source}:${source.base}:${source.version}:${key.fingerprint}`,
    read: sh`
      command -v apt-get >/dev/null || exit 0
      . /etc/os-release
      codename=\${VERSION_CODENAME:-\${UBUNTU_CODENAME:-}}
      now=
      [ ! -f ${SOURCE_FILE} ] || while read -r field uri _; do [ "$field" != URIs: ] || now=$uri; done <${SOURCE_FILE}
      if [ -n "$now" ] && printf %s ${key.text} | cmp -s - ${KEY_FILE}; then
        # Whatever its architecture: the plan writes down the right one.
        arch='*'
        set -- ${uriWords(source)}
        for uri in "$@"; do case $now in $uri) exit 0 ;; esac; done
      fi
      arch=$(dpkg --print-architecture)
      set -- ${uriWords(source)}
      t=$(mktemp -d) || exit 1
      trap 'rm -rf -- "$t"' EXIT
      mkdir -p "$t/lists/partial" "$t/cache"
      printf %s ${key.text} >"$t/key.asc"
      cat >"$t/conf" <<END
      #clear APT::Update::Pre-Invoke;
      #clear APT::Update::Post-Invoke;
      #clear APT::Update::Post-Invoke-Success;
      Dir::State::lists "$t/lists";
      Dir::Cache "$t/cache";
      Dir::Etc::sourcelist "$t/x.sources";
      Dir::Etc::sourceparts "-";
      APT::Sandbox::User "root";
      APT::Update::Error-Mode "any";
      Acquire::Languages "none";
      Acquire::Retries "0";
      Acquire::http::Timeout "5";
      Acquire::https::Timeout "5";
      END
      end=$(($(date +%s) + ${SECONDS}))
      ask() {
        printf 'Types: deb\nURIs: %s\nSuites: %s\nComponents: main\nSigned-By: %s\n' "$1" "$codename" "$t/key.asc" >"$t/x.sources"
        left=$((end - $(date +%s)))
        [ "$left" -gt 0 ] || { : >"$t/err"; return 1; }
        timeout "$left" apt-get -c "$t/conf" update -qq >/dev/null 2>"$t/err" && ! grep -q '^W: .*Failed to fetch' "$t/err"
      }
      for uri in "$@"; do
        if ask "$uri"; then
          echo "found $uri"
          apt-cache -c "$t/conf" madison glusterfs-common | awk '{ print "offers " $3 }'
          if [ -n "$now" ] && ask "$now"; then echo "keep $now"; fi
          exit 0
        fi
        echo "tried $uri"
        if [ -s "$t/err" ]; then sed 's/^/why /' "$t/err"; else echo ${`why no answer within ${SECONDS} s`}; fi
      done`,
    parse: parseOffer,
  };
};
