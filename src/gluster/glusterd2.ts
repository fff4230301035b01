import { sh } from '../sh.ts';

/**
 * `is_gd2`: GlusterD 2 is installed, has left its state, or answers by REST where nothing of it is installed, as from a container.
 * `gd2 PATH`: what it answers (endpoints of glusterd2's doc/endpoints.md). A glusterd of today is never spoken to: it has the same
 * port, another protocol, and would note down what it does not understand.
 */
export const glusterd2Sh = sh`
  gd2() {
    timeout 10 bash -c 'exec 3<>/dev/tcp/127.0.0.1/24007 && printf "GET %s HTTP/1.0\r\nHost: localhost\r\n\r\n" "$0" >&3 && cat <&3' "$1" 2>/dev/null | sed '1,/^\r*$/d'
  }
  is_gd2() {
    [ ! -d /var/lib/glusterd2 ] && ! command -v glusterd2 >/dev/null && ! command -v glustercli >/dev/null || return 0
    # The usual case first, without a process.
    { read -r gd </run/glusterd.pid && read -r gd <"/proc/$gd/comm"; } 2>/dev/null && [ "$gd" = glusterd ] && return 1
    grep -qs ':5DC7 [0-9A-F]*:0000 0A ' /proc/net/tcp /proc/net/tcp6 || return 1
    ! grep -qsx glusterd /proc/[0-9]*/comm || return 1
    gd2 /version | grep -q '"glusterd-version"'
  }`;
