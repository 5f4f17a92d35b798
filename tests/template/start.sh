#!/usr/bin/env bash
# Whether what starts code_interpreter in Lambda replaces itself by the bootstrap beside it, without keys and with the rest.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
printf '#!/bin/sh\necho "$$"\nenv\n' >"$scratch/bootstrap"
chmod 755 "$scratch/bootstrap"

# Lambda gives the runtime's own program and its arguments; they are not wanted.
env -i PATH="$PATH" LAMBDA_TASK_ROOT="$scratch" AWS_LAMBDA_RUNTIME_API=127.0.0.1:9001 AWS_ACCESS_KEY_ID=id \
  AWS_SECRET_ACCESS_KEY=secret AWS_SESSION_TOKEN=token LD_LIBRARY_PATH=/var/lang/lib PYTHONPATH=/var/runtime \
  functions/code_interpreter/start /var/lang/bin/python3.13 /var/runtime/bootstrap.py >"$scratch/said" &
started=$!
wait "$started"

fail() {
  printf 'start: %s\n' "$1" >&2
  cat "$scratch/said" >&2
  exit 1
}
[[ $(head -n 1 "$scratch/said") == "$started" ]] || fail 'the bootstrap is another process'
grep -q '^AWS_LAMBDA_RUNTIME_API=127.0.0.1:9001$' "$scratch/said" || fail 'the address of the Runtime API is lost'
for name in AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN LD_LIBRARY_PATH PYTHONPATH; do
  if grep -q "^$name=" "$scratch/said"; then fail "$name is passed on"; fi
done
printf 'start: the process is replaced, without keys\n'
