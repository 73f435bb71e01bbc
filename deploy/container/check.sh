#!/usr/bin/env bash
# Builds the image and tries it as it is meant to run: not root, nothing writable, 64 MiB.
#
# usage: deploy/container/check.sh
#
# Takes docker, else podman, whichever works; without the base images it says so and ends. Where neither can build by itself:
#   IMAGE_ENV    file of variables for podman, read first
#   IMAGE_BUILD  program that builds, called with a tag, a folder and further options of `build`
#   IMAGE_RUN    program that runs an image, tried besides: called with a tag, a port and arguments; $PROBE is what
#                it calls against the port
# Needs Python 3 with venv for the client. Exit code: 0 if all is well or nothing can be built here (it says so).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

TAG=localhost/demarche:check
MOST_MB=40      # unpacked
MEMORY=64m      # of the server
TRAINING=1g     # of the training, which has a corpus in memory
# Without a health check of its own accord: the check calls it, and podman without systemd cannot.
HARDENED=(--no-healthcheck --read-only --cap-drop ALL --security-opt no-new-privileges --network host)

scratch="$(mktemp -d)"
server=
fail() {
    printf 'deploy/container/check.sh: %s\n' "$*" >&2
    exit 1
}
clean_up() {
    if [ -n "$server" ]; then
        "$cli" rm -f "$server" >/dev/null 2>&1 || true
    fi
    # What the container wrote belongs to its user.
    rm -rf "$scratch" 2>/dev/null || true
}
trap clean_up EXIT

# Sets `cli`. An installed docker without a daemon is no docker.
find_cli() {
    if [ -n "${IMAGE_ENV:-}" ]; then
        # shellcheck source=/dev/null
        . "$IMAGE_ENV"
        cli=podman
    elif docker info --format '{{.ServerVersion}}' 2>/dev/null | grep -q .; then
        cli=docker
    elif podman info >/dev/null 2>&1; then
        cli=podman
    else
        echo "skipped: neither docker nor podman works here; the image is not built and not tried"
        exit 0
    fi
    if [ -z "${IMAGE_BUILD:-}" ] && ! has_bases; then
        echo "skipped: $cli cannot have the base images here; the image is not built and not tried"
        exit 0
    fi
}

# Whether every image of the Dockerfile is here, or can be had.
has_bases() {
    local base
    while read -r base; do
        "$cli" image inspect "$base" >/dev/null 2>&1 || timeout 300 "$cli" pull --quiet "$base" >/dev/null 2>&1 || return 1
    done < <(sed -n 's/^FROM \([^ ]*[:/][^ ]*\).*/\1/p' Dockerfile)
}

build() {
    local started=$SECONDS
    if [ -n "${IMAGE_BUILD:-}" ]; then
        "$IMAGE_BUILD" "$TAG" . --format docker
    elif [ "$cli" = podman ]; then
        podman build --format docker --tag "$TAG" .
    else
        docker build --tag "$TAG" .
    fi
    echo "built in $((SECONDS - started)) s"
}

check_image() {
    local bytes user version
    bytes="$("$cli" image inspect --format '{{.Size}}' "$TAG")"
    echo "size: $((bytes / 1000000)) MB unpacked, $("$cli" save "$TAG" | gzip -c | wc -c | awk '{printf "%d", $1 / 1e6}') MB packed"
    [ "$bytes" -le $((MOST_MB * 1000000)) ] || fail "the image has more than $MOST_MB MB"
    user="$("$cli" image inspect --format '{{.Config.User}}' "$TAG")"
    [[ "$user" =~ ^[1-9][0-9]*(:[1-9][0-9]*)?$ ]] || fail "the user of the image is \"$user\", not a number above 0"
    version="$("$cli" image inspect --format '{{index .Config.Labels "org.opencontainers.image.version"}}' "$TAG")"
    grep -q "^version = \"$version\"$" Cargo.toml || fail "the label says version $version, Cargo.toml another one"
    if "$cli" run --rm --network host --entrypoint /bin/sh "$TAG" -c true >/dev/null 2>&1; then
        fail "the image has a shell"
    fi
    echo "user $user, version $version, no shell"
}

# Sets `server` and `address`.
start_server() {
    server="$("$cli" run --detach "${HARDENED[@]}" --memory "$MEMORY" "$@" "$TAG" serve --listen 127.0.0.1:0)"
    for _ in $(seq 200); do
        address="$("$cli" logs "$server" 2>/dev/null | sed -n 's/^demarche is listening on //p')"
        if [ -n "$address" ]; then
            return
        fi
        sleep 0.1
    done
    "$cli" logs "$server" >&2
    fail "the server did not say where it listens"
}

# SIGTERM must end the server with exit code 0.
stop_server() {
    local code
    "$cli" stop --time 20 "$server" >/dev/null
    code="$("$cli" inspect --format '{{.State.ExitCode}}' "$server")"
    [ "$code" = 0 ] || { "$cli" logs "$server" >&2; fail "after SIGTERM the server ended with exit code $code"; }
    "$cli" rm "$server" >/dev/null
    server=
}

python_client() {
    python3 -m venv "$scratch/venv"
    "$scratch/venv/bin/pip" install --quiet --disable-pip-version-check --prefer-binary \
        grpcio grpcio-reflection grpcio-health-checking grpcio-status
    client=("$scratch/venv/bin/python" -B "$PWD/clients/python/check.py")
}

check_serve() {
    start_server
    "$cli" exec "$server" /usr/local/bin/demarche health "$address" || fail "the health check of the image fails"
    "${client[@]}" "$address" --expect-rows 1
    local pid
    pid="$("$cli" inspect --format '{{.State.Pid}}' "$server")"
    echo "memory: $(awk '/^VmHWM/{print int($2 / 1024)}' "/proc/$pid/status" 2>/dev/null || echo '?') MiB at most of $MEMORY"
    stop_server
    echo "served as user 65532 with nothing writable; stopped by SIGTERM with exit code 0"
}

# As the CronJob does: begin with the model built in, train, and refuse a model of too few articles.
check_train() {
    local models="$scratch/models" corpus="$scratch/corpus" code=0
    mkdir -p "$models" "$corpus"
    chmod 0777 "$models"
    chmod 0755 "$scratch" "$corpus"
    cp data/corpus/mixed.jsonl data/corpus/neutral.jsonl "$corpus"
    local run=("$cli" run --rm "${HARDENED[@]}" --memory "$TRAINING" -v "$models:/models" -v "$corpus:/corpus:ro")
    "${run[@]}" "$TAG" model init /models/versions
    "${run[@]}" "$TAG" train --corpus /corpus --output /models/trained
    local before
    before="$(readlink "$models/versions/current")"
    "${run[@]}" -v "$PWD/data/corpus:/all:ro" "$TAG" \
        model promote /models/trained --models /models/versions --corpus /all || code=$?
    [ "$code" = 1 ] || fail "a model of few articles is worse, and model promote ended with exit code $code"
    [ "$(readlink "$models/versions/current")" = "$before" ] || fail "the model was refused and the link has changed"
    start_server -v "$models:/models:ro" -e DEMARCHE_MODELS=/models/versions
    "$cli" exec "$server" /usr/local/bin/demarche health "$address" || fail "the models of the volume do not serve"
    stop_server
    echo "trained into a volume; the worse model was refused; served from the volume"
}

check_with_run() {
    local port
    port="$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')"
    PROBE="${client[*]} 127.0.0.1:$port --expect-rows 1" "$IMAGE_RUN" "$TAG" "$port" serve --listen "127.0.0.1:$port"
}

find_cli
build
check_image
python_client
check_serve
check_train
if [ -n "${IMAGE_RUN:-}" ]; then
    check_with_run
fi
echo "the image is well"
