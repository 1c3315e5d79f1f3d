#!/bin/sh
# Install the system packages that Qt and the tests need; without root, print the one command.
set -eu
wanted=$(tr '\n' ' ' < "$(dirname "$0")/system-packages.txt")
command -v dpkg-query >/dev/null 2>&1 || exit 0 # not Debian or Ubuntu: README says what is needed
missing=""
for package in $wanted python3-venv; do
    # Ubuntu 24.04 renamed some packages with a t64 suffix; either will do.
    dpkg-query -W -f='${Status}\n' "$package" "${package}t64" 2>/dev/null | grep -q "ok installed" ||
        missing="$missing $package"
done
[ -n "$missing" ] || exit 0
if [ "$(id -u)" = 0 ]; then
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq
    # shellcheck disable=SC2086
    apt-get install -y -qq --no-install-recommends $missing >/dev/null
else
    echo "System packages are missing. Install them, then run make again:"
    echo "  sudo apt-get update && sudo apt-get install -y --no-install-recommends$missing"
    exit 1
fi
