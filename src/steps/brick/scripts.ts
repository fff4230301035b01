import { sh } from '../../sh.ts';

/**
 * Shell functions about one brick directory; all take it as $1.
 *
 * volume_id   the id of the volume it is marked for, as a UUID; nothing when it is not marked
 * as_uuid     the same, out of what getfattr says on stdin of one file: its name, perhaps its gfid, its id
 * volume_of   the volume of this node's glusterd that has the UUID $1
 * vol_in      the volume that the file $1 of glusterd's belongs to
 * member_of   the volume of which this node's glusterd takes it for a brick
 * data_in     names of what is in it and not Gluster's own, at most five: everything but .glusterfs and the empty folders
 *             of self-heal, shards and trash (glusterfs 10.3 makes them; .remove_me lists shards of deleted files), and
 *             files that only .glusterfs still knows: every other one has a second link
 * hollow      removes what is no file of a user's from a brick that was taken out of its volume, from which all files have moved:
 *             empty folders, which are on every brick, and pointers to where a file is (mode 1000, empty, dht.linkto). Such a
 *             brick is known by its layout, which holds no file any more (trusted.glusterfs.dht)
 * strip       removes Gluster's marks and its metadata; folders first, so that a cut-off strip is still known by its mark
 */
export const brickFunctions = sh`
  volume_id() {
    getfattr --absolute-names -e hex -n trusted.glusterfs.volume-id -- "$1" 2>/dev/null | as_uuid
  }
  as_uuid() {
    sed -n '1,3s/^trusted.glusterfs.volume-id=0x\(........\)\(....\)\(....\)\(....\)\(............\)$/\1-\2-\3-\4-\5/p'
  }
  volume_of() {
    [ -n "$1" ] || return 0
    f=$(grep -ls "^volume-id=$1\$" /var/lib/glusterd/vols/*/info) || return 0
    vol_in "$f"
  }
  vol_in() {
    f=\${1#/var/lib/glusterd/vols/}
    printf '%s\n' "\${f%%/*}"
  }
  member_of() {
    u=
    while IFS== read -r k f; do [ "$k" != UUID ] || u=$f; done 2>/dev/null </var/lib/glusterd/glusterd.info || :
    [ -n "$u" ] || return 0
    # Both lines in one file: how many a file has of them is one question for all.
    grep -cHsFx -e "path=$1" -e "uuid=$u" /var/lib/glusterd/vols/*/bricks/* | while read -r f; do
      case $f in *:2) vol_in "$f"; break ;; esac
    done
  }
  data_in() {
    {
      find "$1" -mindepth 1 -maxdepth 1 ! -name .glusterfs ! -name '.glusterfs-anonymous-inode-*' ! -name .shard ! -name .trashcan -print
      find "$1"/.glusterfs-anonymous-inode-* "$1/.shard" "$1/.trashcan" -mindepth 1 ! -path '*/.shard/.remove_me*' ! -name internal_op -print
      find "$1" -mindepth 4 -maxdepth 4 -type f -links 1 -path '*/.glusterfs/[0-9a-f][0-9a-f]/[0-9a-f][0-9a-f]/*' -print
    } 2>/dev/null | head -n 5 | sed "s|^$1/||"
  }
  hollow() {
    case $(getfattr --absolute-names -e hex -n trusted.glusterfs.dht -- "$1" 2>/dev/null) in *=0x????????000000000000000000000000*) ;; *) return 0 ;; esac
    find "$1" -type f -perm 1000 -size 0 -exec sh -c \
      'for f; do ! getfattr --absolute-names -n trusted.glusterfs.dht.linkto -- "$f" >/dev/null 2>&1 || rm -f -- "$f"; done' sh {} +
    find "$1" -mindepth 1 -depth -type d ! -path "$1/.glusterfs*" -exec rmdir -- {} + 2>/dev/null || :
  }
  strip() {
    rm -rf -- "$1"/.glusterfs "$1"/.glusterfs-anonymous-inode-* "$1"/.shard "$1"/.trashcan
    command -v getfattr >/dev/null || return 0
    getfattr --absolute-names -m '^trusted\.(gfid|glusterfs|afr|ec|pgfid|bit-rot)' -- "$1" 2>/dev/null | grep '^trusted\.' |
      while read -r x; do setfattr -x "$x" -- "$1"; done
  }`;
