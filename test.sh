#!/usr/bin/env bash
# Installs what the tests need (Debian packages, when run as root), builds everything, runs every test, and prints the totals.
#
#   ./test.sh                    everything
#   ./test.sh --unit             the unit tests alone: no packages, under a minute
#   ./test.sh --no-install       everything, with the programs that are there; tests of missing ones are skipped by name
#
# The last line is "N passed, N failed, N skipped"; the exit code is 0 when nothing failed.
set -uo pipefail
cd "$(dirname "$0")"

packages=(glusterfs-server glusterfs-client qemu-utils qemu-block-extra libnbd-bin fuse3 python3-libnbd nbdkit nbd-client fio attr acl
  iproute2 util-linux procps e2fsprogs tcpdump python3 linux-image-amd64 qemu-system-x86 busybox-static kmod cpio)
install=yes
projects=(UnitTests IntegrationTests)
for argument in "$@"; do
  case $argument in
    --unit) projects=(UnitTests) install=no ;;
    --no-install) install=no ;;
    *) sed -n '2,8p' "$0" >&2; exit 2 ;;
  esac
done

if [ "$install" = yes ] && command -v apt-get >/dev/null && [ "$(id -u)" = 0 ]; then
  missing=()
  for package in "${packages[@]}"; do
    [ "$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || missing+=("$package")
  done
  if [ ${#missing[@]} -gt 0 ]; then
    echo "installing ${missing[*]}"
    apt-get update -qq
    for package in "${missing[@]}"; do # one by one: a name that this release lacks must not keep the others away
      DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$package" >/dev/null || echo "cannot install $package: its tests are skipped"
    done
  fi
fi

export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
dotnet build BlockProxy.sln -c Release -v quiet -nodereuse:false || { echo "0 passed, 1 failed"; exit 1; }

passed=0 failed=0 skipped=0
output=$(mktemp)
trap 'rm -f "$output"' EXIT
for project in "${projects[@]}"; do
  dotnet test "$project" -c Release --no-build --logger "console;verbosity=normal" 2>&1 | tee "$output"
  status=${PIPESTATUS[0]}
  count() { sed -nE "s/^ *$1: +([0-9]+)$/\1/p" "$output" | tail -n 1; }
  passed=$((passed + $(count Passed || true) + 0))
  project_failed=$(count Failed)
  # A run that broke without naming a failed test has failed all the same.
  [ "$status" = 0 ] || [ "${project_failed:-0}" != 0 ] || project_failed=1
  failed=$((failed + ${project_failed:-0}))
  skipped=$((skipped + $(count Skipped || true) + 0))
done

echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ]
