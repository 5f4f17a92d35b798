#!/usr/bin/env bash
# The way back to the version that last passed, in an account of stand-ins (kit.sh): wherever a deployment is killed, and wherever the way
# back itself fails.
#
#   back.sh PYTHON    a Python that has aws-sam-cli (deploy/tools)
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
# shellcheck source=tests/template/kit.sh
source tests/template/kit.sh "${1:?usage: back.sh PYTHON}"

# The stack and its page are those that are kept as the last that passed.
as_kept() {
  "$python" - "$account" <<'END' || fail 'the stack and its page are not those that last passed'
import json, pathlib, sys
account = pathlib.Path(sys.argv[1])
kept = json.loads((account / "bucket/deployed/last-good.json").read_text())
assert json.loads((account / "stack.json").read_text())["parameters"] == kept["parameters"], "parameters"
assert (account / "template.yaml").read_text().strip() == kept["template"].strip(), "template"
for name in ("index.html", "orchestrator", "orchestrator%2F"):
    assert (account / "bucket" / name).read_text() == kept["index"], name
END
}

# Kills a deployment behind each call that changes something, and deploys a version that does not pass: that must lead back. $1: whether
# the killed one would have passed; $2: how many calls there are; $3: the first one behind which it is killed.
killed_anywhere() {
  local calls=$(($3 - 1)) left passed
  while :; do
    calls=$((calls + 1))
    begin_later "a version that $1, killed behind change $calls"
    if [[ $1 == fails ]]; then touch "$account/smoke-fails"; fi
    printf '%s\n' "$calls" >"$account/kill-after"
    run deploy/run stack HourlyComputeUsd=7 >"$scratch/said" 2>&1 || true
    if [[ -e $account/kill-after ]]; then break; fi
    passed=$(cmp -s "$scratch/deployed/bucket/deployed/last-good.json" "$account/bucket/deployed/last-good.json" || echo passed)
    printf '# newest\n' >>"$repository/template.yaml"
    touch "$account/smoke-fails"
    refused 'those that last passed' HourlyModelUsd=9
    as_kept
    if [[ -z $passed ]]; then as_before; fi
  done
  left=$(<"$account/kill-after")
  # Stack, four files and an invalidation; then the version that passed and the alarm beside it, or five for the way back.
  ((calls - left == $2)) || fail "$((calls - left)) calls changed something, $2 were expected"
}

deploy_first
# Up to the question both do the same.
killed_anywhere passes 8 6
killed_anywhere fails 11 1

begin_later 'a deployment that was killed, and the way back by hand'
printf '1\n' >"$account/kill-after"
run deploy/run stack HourlyComputeUsd=7 >"$scratch/said" 2>&1 || true
holds HourlyComputeUsd 7
run deploy/back stack >"$scratch/said" 2>&1 || fail 'it failed'
as_before

begin 'nothing to go back to'
touch "$account/smoke-fails"
refused 'No version of this stack has passed' QwenApiUrl=https://models.example/v1
refused 'No version of this stack has passed'
not_called '^aws cloudformation deploy .*--template-file [^d]'
if run deploy/back stack >"$scratch/said" 2>&1; then fail 'it went back to nothing'; fi
said 'nothing to go back to'

begin_later 'a version that was not asked is none that passed'
SMOKE=0 deploy HourlyComputeUsd=7
touch "$account/smoke-fails"
refused 'those that last passed' HourlyComputeUsd=8
as_before

begin_later 'what is switched off stays off on the way back'
deploy DriverConcurrency=0
touch "$account/smoke-fails"
refused 'those that last passed' DriverConcurrency=10 HourlyComputeUsd=7
holds DriverConcurrency 0
holds HourlyComputeUsd 1

begin_later 'a key that was renewed without a question stays'
run deploy/secrets stack renew-key 2>/dev/null
SMOKE=0 deploy
holds AccessKeyVersion version-2
touch "$account/smoke-fails"
refused 'those that last passed' HourlyComputeUsd=7
not_said 'EARLIER'
holds AccessKeyVersion version-2
holds HourlyComputeUsd 1

# What the last version that passed does not know of, it does not bring back: a key that was revoked, a secret that CloudFront no longer
# sends.
begin_later 'secrets that were renewed without a question stay'
run env QWEN_API_KEY=before deploy/secrets stack model-keys 2>/dev/null
deploy
holds ModelKeysVersion version-1
run env QWEN_API_KEY=after deploy/secrets stack model-keys 2>/dev/null
run deploy/secrets stack renew-origin 2>/dev/null
SMOKE=0 deploy
touch "$account/smoke-fails"
refused 'those that last passed' HourlyComputeUsd=7
not_said 'EARLIER'
for way in run back; do
  holds ModelKeysSecret stack/model-keys
  holds ModelKeysVersion version-2
  holds OriginSecret stack/origin
  holds OriginVersion version-2
  holds HourlyComputeUsd 1
  if [[ $way == back ]]; then break; fi
  run deploy/back stack >"$scratch/said" 2>&1 || fail 'it failed'
done

begin_later 'keys of model servers that the failing deployment itself brings'
run env QWEN_API_KEY=before deploy/secrets stack model-keys 2>/dev/null
deploy
run env QWEN_API_KEY=after deploy/secrets stack model-keys 2>/dev/null
touch "$account/smoke-fails"
refused "The model servers' keys were renewed before: the EARLIER ones"
not_said 'access key was renewed'
holds ModelKeysVersion version-1

begin_later 'keys of search providers that the failing deployment itself brings'
run env TAVILY_API_KEY=before deploy/secrets stack search-keys 2>/dev/null
deploy
run env TAVILY_API_KEY=after deploy/secrets stack search-keys 2>/dev/null
touch "$account/smoke-fails"
refused "The search providers' keys were renewed before: the EARLIER ones"
not_said 'servers'
holds SearchKeysVersion version-1

begin_later 'a function URL that was opened without a question stays open'
SMOKE=0 deploy OriginSecret=
touch "$account/smoke-fails"
refused 'those that last passed' HourlyComputeUsd=7
holds OriginSecret ''

begin_later 'a stack whose template knows of no keys of model servers'
run env QWEN_API_KEY=before deploy/secrets stack model-keys 2>/dev/null
deploy
sed -i 's/"ModelKeys[A-Za-z]*": "[^"]*", //g' "$account/stack.json"
touch "$account/smoke-fails"
refused 'those that last passed' HourlyComputeUsd=7
not_said 'EARLIER'
as_kept
holds ModelKeysVersion version-1

begin_later 'what passed cannot be kept'
printf 'cloudformation get-template (Throttling)\n' >"$account/refuse"
refused 'could not be kept' HourlyComputeUsd=7
rm "$account/refuse"
deploy
touch "$account/smoke-fails"
refused 'those that last passed' HourlyComputeUsd=8
holds HourlyComputeUsd 7

# The way back fails at each of its steps, and leads there once that is mended.
for call in 'cloudformation deploy' 's3api put-object' 'cloudfront create-invalidation'; do
  begin_later "a way back whose $call fails"
  touch "$account/smoke-fails"
  printf '%s (AccessDenied): not now\n' "$call" >"$account/refuse"
  refused 'THE WAY BACK HAS FAILED, TOO' HourlyComputeUsd=7
  said 'aws cloudformation describe-stack-events --stack-name stack'
  said 'deploy/back stack'
  if run deploy/back stack >"$scratch/said" 2>&1; then fail 'it went through'; fi
  said 'THE WAY BACK HAS FAILED, TOO'
  rm "$account/refuse"
  run deploy/back stack >"$scratch/said" 2>&1 || fail 'it failed'
  as_before
done

begin_later 'a way back that CloudFormation gives up'
touch "$account/smoke-fails" "$account/gives-up"
refused 'THE WAY BACK HAS FAILED, TOO' HourlyComputeUsd=7
said 'aws cloudformation continue-update-rollback --stack-name stack'
said 'deploy/back stack'

for arguments in '' 'Stack' 'stack more' '-h'; do
  begin "deploy/back $arguments"
  # shellcheck disable=SC2086 # Several arguments.
  if run deploy/back $arguments >"$scratch/said" 2>&1; then fail 'it went through'; fi
  said 'deploy/back STACK'
  not_called .
done
begin 'no stack'
if run deploy/back stack >"$scratch/said" 2>&1; then fail 'it went through'; fi
said 'there is no stack stack'

printf 'back.sh: every way leads back to what last passed, or says what remains\n'
