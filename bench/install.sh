#!/bin/sh
# Installs artisan-tui from this folder, without a network, into a virtual environment of its own.
# usage: sh install.sh [--bin FOLDER] [TARGET]
set -u
PATH=$PATH:/usr/local/bin:/usr/bin:/bin
WANTED_PYTHON=@PYTHON@
WANTED_MACHINE=@MACHINE@
WANTED_GLIBC=@GLIBC@
NEEDED_KB=@KILOBYTES@
made=

say() { printf '%s\n' "$*"; }
refuse() {
    printf 'install.sh: %s\n' "$1" >&2
    [ -z "${2-}" ] || printf '  -> %s\n' "$2" >&2
    exit 1
}
tidy() {
    code=$?
    [ "$code" = 0 ] || [ -z "$made" ] || rm -rf "$made"
    exit "$code"
}
trap tidy EXIT
trap 'exit 130' INT TERM HUP

bin=$HOME/.local/bin
target=
while [ $# -gt 0 ]; do
    case $1 in
        --bin) [ $# -gt 1 ] || refuse "--bin needs a folder"; bin=$2; shift 2 ;;
        -h | --help) say "usage: sh install.sh [--bin FOLDER] [TARGET]"; exit 0 ;;
        -*) refuse "there is no option $1" "usage: sh install.sh [--bin FOLDER] [TARGET]" ;;
        *) [ -z "$target" ] || refuse "one target is enough: $target and $1"; target=$1; shift ;;
    esac
done
[ -n "$target" ] || target=${XDG_DATA_HOME:-$HOME/.local/share}/artisan-tui
case $target in /*) ;; *) target=$PWD/$target ;; esac
case $bin in /*) ;; *) bin=$PWD/$bin ;; esac

# What came with the archive, before anything of it is used.
here=$(cd "$(dirname "$0")" && pwd) || exit 1
cd "$here" || exit 1
command -v sha256sum >/dev/null || refuse "sha256sum is not installed" "install coreutils"
[ -f SHA256SUMS ] || refuse "SHA256SUMS is missing in $here" "unpack the whole archive again"
differs=$(sha256sum -c SHA256SUMS 2>/dev/null | sed -n 's/: FAILED.*//p' | tr '\n' ' ')
[ -z "$differs" ] || refuse "the hash differs or the file is missing: $differs" \
    "copy the archive again, compare its SHA-256 with the one you were told, and do not install this one"
listed=$(sed 's/^[0-9a-f]* [ *]//' SHA256SUMS | sort)
there=$(find . -type f ! -name SHA256SUMS | sed 's,^\./,,' | LC_ALL=C sort)
listed=$(printf '%s\n' "$listed" | LC_ALL=C sort)
[ "$listed" = "$there" ] || refuse "there are files here that SHA256SUMS does not name" "unpack the archive into an empty folder"

# The machine.
machine=$(uname -m)
[ "$machine" = "$WANTED_MACHINE" ] || refuse "this archive is for $WANTED_MACHINE, and this machine is $machine" \
    "make the archive on a machine of this kind: make bundle"
python=
seen=
for each in ${PYTHON:-} "python$WANTED_PYTHON" python3; do
    found=$(command -v "$each" 2>/dev/null) || continue
    version=$("$found" -I -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null) || continue
    seen="$seen $found is $version;"
    if [ "$version" = "$WANTED_PYTHON" ]; then python=$found; break; fi
done
[ -n "$python" ] || refuse "Python $WANTED_PYTHON is needed, as this archive was made for it:${seen:- none was found}" \
    "install Python $WANTED_PYTHON, or name it: PYTHON=/path/to/python$WANTED_PYTHON sh install.sh"
"$python" -I -c 'import venv, ensurepip' 2>/dev/null ||
    refuse "$python cannot make virtual environments" "on Debian: apt-get install python$WANTED_PYTHON-venv"
"$python" -I - "$WANTED_GLIBC" <<'PYTHON' || refuse "the C library of this machine is older than glibc $WANTED_GLIBC" "make the archive on a machine of this kind: make bundle"
import platform, sys
found = platform.libc_ver()[1] or "0"
number = lambda text: tuple(int(part) for part in text.split(".")[:2])
sys.exit(number(found) < number(sys.argv[1]))
PYTHON

# The place.
if [ -e "$target" ] || [ -L "$target" ]; then
    refuse "$target exists and is not touched" "move it away, or name another place: sh install.sh TARGET"
fi
above=$target
while [ ! -d "$above" ]; do above=$(dirname "$above"); done
free=$(df -Pk "$above" | awk 'NR == 2 { print $4 }')
[ "${free:-0}" -ge "$NEEDED_KB" ] || refuse "the disk of $above has $((${free:-0} / 1024)) MB left, and $((NEEDED_KB / 1024)) MB are needed" \
    "make room, or name a place on another disk: sh install.sh TARGET"
mkdir -p "$(dirname "$target")" 2>/dev/null && [ -w "$(dirname "$target")" ] ||
    refuse "$(dirname "$target") cannot be written by $(id -un)" "name a place that belongs to you: sh install.sh TARGET"

# pip gets nothing from the environment or from a configuration: only what is in this folder.
for name in $(env | sed -n 's/^\(PIP_[A-Z_]*\)=.*/\1/p'); do unset "$name"; done
export PIP_CONFIG_FILE=/dev/null PIP_DISABLE_PIP_VERSION_CHECK=1 PYTHONDONTWRITEBYTECODE=
unset PYTHONPATH PYTHONHOME
made=$target
log=$(mktemp) || refuse "no temporary file can be made" "make room in ${TMPDIR:-/tmp}"
step() {
    "$@" >"$log" 2>&1 && return 0
    if grep -q 'No space left' "$log"; then
        refuse "the disk became full" "make room, or name a place on another disk: sh install.sh TARGET"
    elif grep -q 'DO NOT MATCH THE HASHES' "$log"; then
        refuse "a wheel differs from its hash" "copy the archive again"
    fi
    tail -n 5 "$log" >&2
    refuse "this failed: $*"
}
say "installing into $target"
step "$python" -I -m venv "$target"
step "$target/bin/python" -I -m pip install --quiet --no-index --no-cache-dir --no-deps --find-links "$here/wheels" \
    --require-hashes -r "$here/requirements.txt"
step "$target/bin/artisan-tui" --version
version=$(cat "$log")
rm -f "$log"
made=
say "$version is installed: $target/bin/artisan-tui"
if mkdir -p "$bin" 2>/dev/null && ln -sfn "$target/bin/artisan-tui" "$bin/artisan-tui" 2>/dev/null; then
    say "a link is in $bin"
    case :$PATH: in *":$bin:"*) ;; *) say "$bin is not in PATH: export PATH=\"$bin:\$PATH\"" ;; esac
else
    say "no link was made in $bin: it cannot be written"
fi
say "next: artisan-tui config init, artisan-tui doctor, artisan-tui help"
