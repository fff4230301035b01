/** The last minor release with the built-in glusterfs volume plugin and Heketi's provisioner (kubernetes#112015 took them out). */
export const LAST_WITH_PLUGIN = 25;

/** The minor releases whose published schemas the manifests are tested against. */
export const TESTED = { first: 20, last: 34 } as const;

/** The minor number in `1.25`, `v1.27.3+rke2r1` or `1.25+`; null when it is no release of Kubernetes 1. */
export const minorOf = (text: string): number | null => {
  const found = /^v?1\.([0-9]{1,3})(?![0-9])/.exec(text);
  return found ? Number(found[1]) : null;
};

interface VersionAnswer {
  serverVersion?: { gitVersion?: string };
}

/** The minor number of the server in what `kubectl version -o json` prints; null when it names none. */
export const serverMinor = (json: string): number | null => {
  try {
    return minorOf((JSON.parse(json) as VersionAnswer).serverVersion?.gitVersion ?? '');
  } catch {
    return null;
  }
};
