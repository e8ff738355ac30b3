#!/bin/sh
# Installs the system libraries that Qt needs on a bare Debian or Ubuntu, where they are missing and we can.
# On a desktop, and on other systems, it does nothing.
# usage: system-deps.sh "LIBRARIES" "TEST PROGRAMS"
set -e
[ "$(uname)" = Linux ] || exit 0
command -v dpkg-query >/dev/null 2>&1 || exit 0
missing=""
for package in $1 $2; do
    # libglib2.0-0 is libglib2.0-0t64 on newer systems; either will do.
    dpkg-query -W -f '${Status}\n' "$package" "${package}t64" 2>/dev/null | grep -q "install ok installed" ||
        missing="$missing $package"
done
[ -n "$missing" ] || exit 0
if [ "$(id -u)" = 0 ]; then
    as_root=""
elif command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then
    as_root="sudo"
else
    echo "These system packages are missing; a window may not open without them. Install them with:"
    echo "  sudo apt-get install --no-install-recommends$missing"
    exit 0
fi
echo "Installing system packages:$missing"
$as_root apt-get update -qq
# shellcheck disable=SC2086 # words are packages
DEBIAN_FRONTEND=noninteractive $as_root apt-get install -y -qq --no-install-recommends $missing >/dev/null
