/** What is known of GRML and of Debian's grml-rescueboot (0.5 to 0.6); no name of theirs stands anywhere else. */
export const GRML = {
  package: 'grml-rescueboot',
  /** Where it looks for images, and the file that configures it. */
  folder: '/boot/grml',
  settings: '/etc/default/grml-rescueboot',
  /** A file that only the live system has. */
  sign: '/etc/grml_version',
} as const;

export const LIVE_SIGN = GRML.sign;

/** Holds all that glusterctl puts on a node for the live system. */
export const OURS = `${GRML.folder}/glusterctl`;
