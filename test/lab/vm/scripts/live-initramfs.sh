#!/bin/sh
# Two things in which the rescue system's initramfs differs from Debian's live-boot, after its documentation:
# a medium counts only when conf/bootid.txt on it holds what bootid= says, and ip= is the kernel's option
# (ADDRESS:SERVER:GATEWAY:NETMASK:HOSTNAME:DEVICE:AUTOCONF), carried out before the system starts.

matches_uuid ()
{
	for _WORD in $(cat /proc/cmdline)
	do
		case "${_WORD}" in
			ignore_bootid)
				return 0
				;;
			bootid=*)
				_BOOTID="${_WORD#bootid=}"
				;;
		esac
	done
	[ "$(cat "${1}/conf/bootid.txt" 2>/dev/null)" = "${_BOOTID}" ]
}

Netbase ()
{
	[ -z "${NONETWORKING}" ] || return 0
	. /scripts/functions
	udevadm trigger
	udevadm settle
	if [ -n "${IP}" ]
	then
		configure_networking
	fi
	_IFFILE="${rootmnt:-/root}/etc/network/interfaces"
	printf 'auto lo\niface lo inet loopback\n' >"${_IFFILE}"
	for _DEVICE in /sys/class/net/eth*
	do
		[ -e "${_DEVICE}" ] || continue
		_DEVICE="${_DEVICE##*/}"
		_METHOD=dhcp
		if [ -n "${NODHCP}" ] || [ -e "/run/net-${_DEVICE}.conf" ]
		then
			_METHOD=manual
		fi
		printf '\nallow-hotplug %s\niface %s inet %s\n' "${_DEVICE}" "${_DEVICE}" "${_METHOD}" >>"${_IFFILE}"
	done
	for _SERVER in ${DNSSERVERS}
	do
		echo "nameserver ${_SERVER}" >>"${rootmnt:-/root}/etc/resolv.conf"
	done
}
