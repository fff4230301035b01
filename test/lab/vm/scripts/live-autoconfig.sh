#!/bin/sh
# Stands in for grml-autoconfig, after its documentation: the boot options ssh, myconfig, noautoconfig, config, scripts,
# services and hostname, in that order of effect. sshd started by ssh= is therefore up before config= was copied.
option() {
  for word in $(cat /proc/cmdline); do
    case $word in "$1" | "$1"=*) found=$word ;; esac
  done
  [ -n "${found:-}" ] || return 1
  case $found in *=*) value=${found#*=} ;; *) value= ;; esac
  found=
}

if option hostname; then hostname "${value:-grml}"; fi

if option ssh; then
  password=${value:-$(head -c 9 /dev/urandom | base64)}
  printf 'root:%s\ngrml:%s\n' "$password" "$password" | chpasswd
  systemctl start ssh.service
fi

folder=/run/live/medium mounted=
if ! option noautoconfig; then
  if option myconfig; then device=$value; else device=$(blkid -t LABEL=GRMLCFG -o device | head -n 1); fi
  if [ -n "$device" ]; then
    folder=/mnt/grml
    mkdir -p "$folder"
    if mount -o ro -t auto "$device" "$folder"; then mounted=yes; else echo "mounting $device to $folder (readonly) failed"; fi
  fi
fi

if option config; then
  if [ -d "$folder/$value" ]; then
    cp -a "$folder/$value"/* /
  elif [ -f "$folder/$value" ]; then
    tar -C / -xf "$folder/$value"
  else
    echo "could not find configuration file or directory $folder/$value"
  fi
fi
if option scripts; then
  file=${value:-grml.sh}
  case $file in */*) ;; *) file=scripts/$file ;; esac
  sh -c "$folder/$file"
fi
[ -z "$mounted" ] || umount "$folder"

if option services; then
  for service in $(echo "$value" | tr , ' '); do systemctl start "$service"; done
fi
exit 0
