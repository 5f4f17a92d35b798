#!/usr/bin/env bash
# Whether the bootstrap of code_interpreter in Lambda replaces itself by the function beside it, without keys and with the rest: as
# the Python runtime starts it, which names its own program, and as provided.al2023 does, without arguments.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
printf '#!/bin/sh\necho "$$"\nenv\n' >"$scratch/function"
chmod 755 "$scratch/function"

fail() {
  printf 'start: %s\n' "$1" >&2
  cat "$scratch/said" >&2
  exit 1
}

try() {
  local started name
  env -i PATH="$PATH" LAMBDA_TASK_ROOT="$scratch" AWS_LAMBDA_RUNTIME_API=127.0.0.1:9001 AWS_ACCESS_KEY_ID=id \
    AWS_SECRET_ACCESS_KEY=secret AWS_SESSION_TOKEN=token LD_LIBRARY_PATH=/var/lang/lib PYTHONPATH=/var/runtime \
    functions/code_interpreter/start "$@" >"$scratch/said" &
  started=$!
  wait "$started"
  [[ $(head -n 1 "$scratch/said") == "$started" ]] || fail 'the function is another process'
  grep -q '^AWS_LAMBDA_RUNTIME_API=127.0.0.1:9001$' "$scratch/said" || fail 'the address of the Runtime API is lost'
  for name in AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN LD_LIBRARY_PATH PYTHONPATH; do
    if grep -q "^$name=" "$scratch/said"; then fail "$name is passed on"; fi
  done
}

try /var/lang/bin/python3.13 /var/runtime/bootstrap.py
try
printf 'start: the process is replaced, without keys\n'
