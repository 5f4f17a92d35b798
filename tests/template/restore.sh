#!/usr/bin/env bash
# Whether the commands under "Backup and restore" in docs/operate.md can be pasted and work: as they stand there, in an account of
# stand-ins (kit.sh), whole and with each of their calls failing.
#
#   restore.sh PYTHON    a Python that has aws-sam-cli (deploy/tools)
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
# shellcheck source=tests/template/kit.sh
source tests/template/kit.sh "${1:?usage: restore.sh PYTHON}"
export DRAIN_SECONDS=0
readonly RESTORED=serverless-llm-Table-restored-20261122120000

awk '/^## / { on = /^## Backup and restore/ } on && /^```/ { code = !code; next } on && code' docs/operate.md >"$scratch/block"
grep -q '^restore </dev/null$' "$scratch/block" || { printf 'restore.sh: docs/operate.md holds no such commands\n' >&2; exit 1; }

# As a terminal has it: without `set -e`, and it goes on with the next line whatever the one before did.
paste() { run bash --norc -c 'set +e; source "$1"' paste "$scratch/block" >"$scratch/said" 2>&1; }
pasted() { paste || fail 'it failed'; }
table() { "$python" -c 'import json, sys; print(json.load(open(sys.argv[1]))[sys.argv[2]].get(sys.argv[3]))' "$account/tables.json" "$RESTORED" "$1"; }
concurrency() {
  "$python" -c 'import json, sys; print(json.load(open(sys.argv[1])).get("serverless-llm-" + sys.argv[2]))' "$account/reserved.json" "$1"
}

export AWS_STAND_IN_STACK=serverless-llm
begin 'first deployment'
run deploy/run serverless-llm QwenApiUrl=https://models.example/v1 >"$scratch/said" 2>&1 || fail 'it failed'
rm "$account/calls"
cp -r "$account" "$scratch/deployed"

begin_restore() {
  begin "$1"
  cp -r "$scratch/deployed/." "$account"
  printf '{"own-table": {"protected": true, "expiry": true, "recovery": true}}' >"$account/tables.json"
  printf '{"serverless-llm-orchestrator": 20, "serverless-llm-driver": 10}' >"$account/reserved.json"
}
is_restored() {
  local quality
  for quality in protected expiry recovery; do [[ $(table $quality) == True ]] || fail "the table that is restored has no $quality"; done
  holds TableInUse "$RESTORED"
  [[ $(concurrency orchestrator) == "$1" && $(concurrency driver) == 10 ]] || fail 'the functions may not run as before'
}

begin_restore 'a restored table'
# The wait of the command line gives up twice.
printf '2\n' >"$account/waits"
pasted
is_restored 20
in_order 'put-function-concurrency .*-orchestrator .*executions 0' 'put-function-concurrency .*-driver .*executions 0' 'restore-table-to-point-in-time .*--source-table-name own-table' \
  'wait table-exists' 'wait table-exists' 'wait table-exists' 'update-time-to-live' 'deletion-protection-enabled' '^sam deploy' \
  'put-function-concurrency .*-orchestrator .*executions 20' 'put-function-concurrency .*-driver .*executions 10' '^sam deploy' '^deploy/smoke'

begin_restore 'without bounds of its own'
run deploy/run serverless-llm OrchestratorConcurrency=-1 >"$scratch/said" 2>&1 || fail 'it failed'
pasted
is_restored None

# It fails at each of its calls; nothing behind that is done, and pasted again it ends well.
for call in 'cloudformation describe-stacks' 'lambda put-function-concurrency' 'dynamodb restore-table-to-point-in-time' 'dynamodb update-time-to-live' \
  'dynamodb update-continuous-backups' 'dynamodb update-table' 's3 cp'; do
  begin_restore "restoring, while $call fails"
  printf '%s (ThrottlingException): not now\n' "$call" >"$account/refuse"
  if paste; then fail 'it went through'; fi
  holds TableInUse ''
  not_called '^sam deploy'
  rm "$account/refuse"
  pasted
  is_restored 20
done

begin_restore 'a table that is never there'
printf '1000\n' >"$account/waits"
if paste; then fail 'it went through'; fi
holds TableInUse ''
[[ $(grep -c 'wait table-exists' "$account/calls") == 61 ]] || fail 'it does not wait for long'

begin_restore 'pasted again when it was done'
pasted
pasted
is_restored 20
[[ $(grep -c restore-table-to-point-in-time "$account/calls") == 1 ]] || fail 'it was restored twice'

printf 'restore.sh: the commands restore the table, and stop where they cannot\n'
