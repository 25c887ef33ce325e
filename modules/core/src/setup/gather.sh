at() { printf '@@cutover %s\n' "$1"; }
show() { [ -r "$1" ] && cat "$1" 2>/dev/null; }
tail_of() { at "$1"; show "$2"; }
at env
cat /proc/self/environ 2>/dev/null | tr '\000\n' '\n\001' || env
export LC_ALL=C
PATH=$PATH:/usr/sbin:/sbin
at user
id -un; id -u; id -ru; id -g; id -rg
at passwd
getent passwd "$(id -u)" 2>/dev/null || grep "^$(id -un):" /etc/passwd 2>/dev/null
at uname
uname -s; uname -n; uname -r; uname -v; uname -m
at bits
getconf LONG_BIT 2>/dev/null
at fqdn
hostname -f 2>/dev/null
tail_of os_release /etc/os-release
tail_of debian_version /etc/debian_version
tail_of redhat_release /etc/redhat-release
tail_of alpine_release /etc/alpine-release
at lsb
if command -v lsb_release >/dev/null 2>&1; then lsb_release -a 2>/dev/null; fi
tail_of lsb_file /etc/lsb-release
tail_of init /proc/1/comm
at init_hints
[ -d /run/systemd/system ] && echo systemd
[ -x /sbin/openrc-run ] && echo openrc
[ -x /sbin/initctl ] && [ -d /etc/init ] && echo upstart
[ -d /etc/init.d ] && echo sysvinit
at package_managers
for it in /usr/bin/dnf5 /usr/bin/dnf-3 /usr/bin/dnf /usr/bin/yum /usr/bin/apt-get /usr/bin/zypper \
    /sbin/apk /usr/bin/apk /usr/bin/pacman /bin/opkg /usr/bin/emerge /usr/sbin/pkg /usr/local/bin/brew; do
    [ -x "$it" ] && echo "$it"
done
at date
date '+%Y|%m|%d|%H|%M|%S|%A|%w|%W|%Z|%z|%s'
date -u '+%Y|%m|%d|%H|%M|%S'
date +%6N 2>/dev/null
tail_of resolv /etc/resolv.conf
tail_of cmdline /proc/cmdline
tail_of fips /proc/sys/crypto/fips_enabled
tail_of machine_id /etc/machine-id
at selinux
if [ -d /sys/fs/selinux ]; then getenforce 2>/dev/null; sed -n 's/^SELINUX\(TYPE\)\{0,1\}=//p' /etc/selinux/config 2>/dev/null; fi
at apparmor
[ -d /sys/kernel/security/apparmor ] && echo enabled
at python
for it in python3 python /usr/libexec/platform-python; do
    if command -v "$it" >/dev/null 2>&1; then
        "$it" -c 'import sys; print(sys.executable); print(" ".join(str(part) for part in sys.version_info)); print(sys.implementation.name)' 2>/dev/null && break
    fi
done
at host_keys
for it in /etc/ssh/ssh_host_*_key.pub; do show "$it"; done
if [ -n "$network" ]; then
    at interfaces
    for it in /sys/class/net/*; do
        [ -e "$it/mtu" ] || continue
        printf '%s|%s|%s|%s|%s|%s|%s\n' "${it##*/}" "$(show "$it/mtu")" "$(show "$it/address")" \
            "$(show "$it/flags")" "$(show "$it/type")" "$(show "$it/speed")" "$(readlink "$it/device" 2>/dev/null)"
    done
    at addresses
    ip -o addr show 2>/dev/null
    at route4
    ip -4 route get 8.8.8.8 2>/dev/null
    at route6
    ip -6 route get 2404:6800:400a:800::1012 2>/dev/null
fi
if [ -n "$hardware" ]; then
    tail_of meminfo /proc/meminfo
    tail_of cpuinfo /proc/cpuinfo
    at nproc
    nproc 2>/dev/null
    tail_of uptime /proc/uptime
    tail_of loadavg /proc/loadavg
    at dmi
    for it in bios_date bios_vendor bios_version board_name board_vendor board_version chassis_vendor form_factor \
        product_name product_serial product_uuid product_version sys_vendor; do
        printf '%s|%s\n' "$it" "$(show "/sys/class/dmi/id/$it")"
    done
    at uuids
    for it in /dev/disk/by-uuid/*; do
        [ -e "$it" ] && printf '%s|%s\n' "$(readlink -f "$it")" "${it##*/}"
    done
    at mounts
    grep -E '^(/|[^ ]*:/)' /proc/self/mounts 2>/dev/null | while read -r device mount type options dump pass; do
        printf '%s|%s|%s|%s|%s|%s|%s\n' "$device" "$mount" "$type" "$options" "$dump" "$pass" \
            "$(stat -f -c '%S %b %f %a %c %d' "$(printf %b "$mount")" 2>/dev/null)"
    done
fi
if [ -n "$virtual" ]; then
    at container
    [ -e /.dockerenv ] || [ -e /.dockerinit ] && echo docker
    [ -e /run/.containerenv ] && echo podman
    tr '\000' '\n' 2>/dev/null </proc/1/environ | sed -n 's/^container=//p'
    grep -Eo '(docker|lxc|kubepods|libpod)' /proc/1/cgroup 2>/dev/null | head -n 1
    at machine
    for it in product_name sys_vendor bios_vendor; do printf '%s|%s\n' "$it" "$(show "/sys/class/dmi/id/$it")"; done
    [ -d /proc/xen ] && echo 'xen|yes'
    [ -e /dev/kvm ] && echo 'kvm_device|yes'
    [ -e /dev/kvm ] && grep -q '^kvm ' /proc/modules 2>/dev/null && echo 'kvm_host|yes'
    grep -qi '^model name.*qemu' /proc/cpuinfo 2>/dev/null && echo 'qemu_cpu|yes'
fi
if [ -d "$fact_path" ]; then
    for it in "$fact_path"/*.fact; do
        [ -e "$it" ] || [ -h "$it" ] || continue
        name=${it##*/}
        at "local ${name%.fact}"
        if [ ! -e "$it" ]; then echo @@dangling
        elif [ -x "$it" ] && [ ! -d "$it" ]; then
            { said=$("$it" 2>&1 >&3) || printf '\n@@failed %s\n%s' "$?" "$said"; } 3>&1
        else cat "$it" 2>/dev/null || echo @@unread; fi
        echo
    done
fi
at end
