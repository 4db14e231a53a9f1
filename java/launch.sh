# What the launchers share; sourced by leanspike and bench/run.

# Prints the major version of the JDK in $1; fails when there is none.
jdk_version() {
    [ -x "$1/bin/java" ] && [ -x "$1/bin/javac" ] && [ -r "$1/release" ] || return 1
    sed -n 's/^JAVA_VERSION="\([0-9]*\).*/\1/p' "$1/release"
}

# Prints the home of the first JDK 25 or newer of this machine; fails when there is none.
find_jdk() {
    on_path=$(command -v java || true)
    [ -z "$on_path" ] || on_path=$(cd "$(dirname "$(readlink -f "$on_path" 2>/dev/null || echo "$on_path")")/.." && pwd)
    for home in "${JAVA_HOME:-}" "$on_path" /usr/lib/jvm/* /opt/java/* "${HOME:-}"/.sdkman/candidates/java/* "${HOME:-}"/.jdks/* \
            /Library/Java/JavaVirtualMachines/*/Contents/Home; do
        [ -n "$home" ] || continue
        version=$(jdk_version "$home") || continue
        if [ "${version:-0}" -ge 25 ]; then
            echo "$home"
            return
        fi
    done
    return 1
}

# up_to_date JAR SOURCE...: true when the jar is there and no source (a file, or a folder's files) is newer; tests do not count.
up_to_date() {
    built=$1
    shift
    [ -f "$built" ] && [ -z "$(find "$@" -name target -prune -o -path '*/src/test' -prune -o -path '*/results' -prune \
        -o -type f -newer "$built" -print 2>/dev/null | head -n 1)" ]
}

# What the build found to compile with: a build made without a compiler is out of date once there is one.
build_tools() {
    for tool in cmake c++ g++ clang++ nvcc; do
        command -v "$tool" || true
    done
}

# locked COMMAND...: one build of this checkout at a time, where the system has flock.
locked() {
    mkdir -p "$root/java/cli/target"
    if command -v flock >/dev/null; then
        ( flock 9 && "$@" ) 9>"$root/java/cli/target/build.lock"
    else
        "$@"
    fi
}
