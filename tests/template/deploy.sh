#!/usr/bin/env bash
# What deploy/run and deploy/secrets do in an account of stand-ins (kit.sh): the first deployment and a later one, the way back, and what
# fails.
#
#   deploy.sh PYTHON RECORD    a Python that has aws-sam-cli (deploy/tools); where to write what is called from GitHub, for rights.py
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

: "${2:?usage: deploy.sh PYTHON RECORD}"
record=$(realpath -m "$2")
rm -f "$record"
# shellcheck source=tests/template/kit.sh
source tests/template/kit.sh "$1"

deploy_first
in_order '^deploy/package --architecture arm64' '^sam build' '^functions/.*/check .*--architecture arm64$' '^deploy/inspect' \
  'create-secret --name stack/access-key' 'create-secret --name stack/origin' '^sam deploy .*--on-failure DELETE' 's3 cp .*a\.css' \
  's3 cp .*/index.html' 's3api put-object .*--key orchestrator/ ' 'create-invalidation .* /orchestrator/$' '^deploy/smoke --url https://page.example --function-url https://function.example/ key=..' \
  's3api put-object .*--key deployed/last-good.json' 'cloudformation deploy --region us-east-1 --stack-name stack-edge-eu-central-1'
holds AccessKeySecret stack/access-key
holds AccessKeyVersion version-1
holds OriginVersion version-1
holds ModelKeysSecret ''
holds LogLevel info,metrics=off

begin 'a first deployment that CloudFormation refuses'
touch "$account/sam-fails"
refused 'When the first deployment fails' QwenApiUrl=https://models.example/v1
not_called 's3 cp'
rm "$account/sam-fails"
deploy QwenApiUrl=https://models.example/v1

begin 'a stack that could not be made'
printf '{"status": "ROLLBACK_COMPLETE", "parameters": {}}' >"$account/stack.json"
refused 'When the first deployment fails' QwenApiUrl=https://models.example/v1
not_called '^sam deploy'

# What is left unreserved, what is given, and whether it is deployed.
small_accounts() {
  local unreserved expected given
  while IFS='|' read -r expected unreserved given; do
    begin "an account with $unreserved left: $given"
    printf '%s\n' "$unreserved" >"$account/limit"
    # shellcheck disable=SC2086 # Several parameters.
    if [[ $expected == deployed ]]; then
      deploy QwenApiUrl=https://models.example/v1 $given
    else
      refused "$expected" QwenApiUrl=https://models.example/v1 $given
      not_called '^sam deploy|create-secret'
    fi
  done <<'END'
would reserve 90 calls at once of the 10|10|
would reserve 90 calls at once of the 189|189|
deployed|190|
would reserve 70 calls|10|OrchestratorConcurrency=-1
would reserve 91 calls|190|SearchConcurrency=21
would reserve 70 calls|169|OrchestratorConcurrency=0
deployed|10|OrchestratorConcurrency=-1 DriverConcurrency=-1 SearchConcurrency=-1 ReadUrlConcurrency=-1 CodeInterpreterConcurrency=-1
deployed|101|OrchestratorConcurrency=1 DriverConcurrency=-1 SearchConcurrency=0 ReadUrlConcurrency=-1 CodeInterpreterConcurrency=-1
is not a whole number|1000|DriverConcurrency=many
is not a whole number|1000|DriverConcurrency=-2
is not a whole number|1000|DriverConcurrency=08
is not a whole number|1000|DriverConcurrency=
END
}
small_accounts

# The same of a stack that is there, where what its functions have reserved is taken from what is left already.
later_in_small_accounts() {
  local unreserved expected reserved given
  while IFS='|' read -r expected unreserved reserved given; do
    begin_later "a later deployment with $unreserved left: $given"
    printf '%s\n' "$unreserved" >"$account/limit"
    printf '%s\n' "$reserved" >"$account/reserved.json"
    # shellcheck disable=SC2086 # Several parameters.
    if [[ $expected == deployed ]]; then deploy $given; else refused "$expected" $given; fi
  done <<'END'
deployed|100|{"search": 20}|
deployed|10|{"search": 20}|
would reserve 1 calls at once of the 100|100|{"search": 20}|SearchConcurrency=21
deployed|101|{"search": 20}|SearchConcurrency=21
would reserve 21 calls|110|{"search": 0}|SearchConcurrency=21
would reserve 21 calls|110|{}|SearchConcurrency=21
deployed|100|{"search": 20, "stack-driver": 10}|SearchConcurrency=21 DriverConcurrency=9
deployed|100|{"search": 20}|SearchConcurrency=-1
END
}
later_in_small_accounts

begin_later 'later deployment'
run deploy/secrets stack renew-origin 2>/dev/null
deploy Architecture=x86_64
not_called '--on-failure|create-secret'
called '^deploy/package --architecture x86_64'
holds QwenApiUrl https://models.example/v1
holds OriginVersion version-2
if cmp -s "$scratch/index.html" "$account/bucket/index.html"; then fail 'the page is the earlier one'; fi

begin_later 'a question that is not answered'
touch "$account/smoke-fails"
refused 'those that last passed' HourlyComputeUsd=7
as_before
in_order '^sam deploy' '^deploy/smoke' '^aws cloudformation deploy' 'create-invalidation'

begin_later 'a question that is not answered, after the key was renewed'
before=$(key)
run deploy/secrets stack renew-key 2>/dev/null
[[ $(key) == "$before" ]] || fail 'a key that does not count yet is printed'
touch "$account/smoke-fails"
refused 'the EARLIER one counts again'
as_before
[[ $(key) == "$before" ]] || fail 'a key that does not count is printed'
rm "$account/smoke-fails"
deploy
[[ $(key) != "$before" ]] || fail 'the earlier key still counts'
called "^deploy/smoke .*key=$(key)\$"

begin_later 'a page that cannot be stored'
printf 'cloudfront create-invalidation (AccessDenied)\n' >"$account/refuse"
if run deploy/run stack >"$scratch/said" 2>&1; then fail 'it went through'; fi
called '^aws cloudformation deploy'

for call in 'cloudformation describe-stacks' 'secretsmanager describe-secret' 'secretsmanager list-secret-version-ids' 's3 cp'; do
  begin_later "$call is throttled"
  cp "$account/secrets.json" "$scratch"
  printf '%s (ThrottlingException): Rate exceeded\n' "$call" >"$account/refuse"
  refused 'Rate exceeded' Architecture=x86_64
  not_called '^sam deploy|create-secret|put-secret-value'
  cmp -s "$scratch/secrets.json" "$account/secrets.json" || fail 'a secret was changed'
done

begin_later 'a deployment that CloudFormation refuses'
touch "$account/sam-fails"
refused 'CloudFormation has put the stack back'
not_called 's3 cp .*a\.css|^deploy/smoke|^aws cloudformation deploy'

for off in Orchestrator Driver Search ReadUrl CodeInterpreter; do
  begin_later "$off switched off"
  touch "$account/smoke-fails"
  deploy "${off}Concurrency=0"
  holds "${off}Concurrency" 0
  not_called '^deploy/smoke'
done
deploy
holds CodeInterpreterConcurrency 0
refused 'those that last passed' CodeInterpreterConcurrency=5
holds CodeInterpreterConcurrency 0

begin_later 'a function URL that is opened'
deploy OriginSecret=
holds OriginSecret ''
called '^deploy/smoke --url https://page.example key='
deploy
holds OriginSecret ''
deploy OriginSecret=stack/origin
holds OriginSecret stack/origin
holds OriginVersion version-1

begin_later 'keys of model servers'
run env QWEN_API_KEY=of-qwen deploy/secrets stack model-keys 2>/dev/null
deploy
holds ModelKeysSecret stack/model-keys
not_called of-qwen

begin_later 'keys of search providers'
run env TAVILY_API_KEY=of-tavily deploy/secrets stack search-keys 2>/dev/null
deploy
holds SearchKeysSecret stack/search-keys
holds SearchKeysVersion version-1
not_called of-tavily

for status in UPDATE_IN_PROGRESS UPDATE_COMPLETE_CLEANUP_IN_PROGRESS UPDATE_ROLLBACK_FAILED DELETE_FAILED; do
  begin_later "a stack in $status"
  sed -i "s/CREATE_COMPLETE/$status/" "$account/stack.json"
  refused "$status"
  not_called '^sam deploy'
done

begin_later 'a Python of the layer'
refused 'set PYTHON_STANDALONE' PythonFrom=layer
PYTHON_STANDALONE=python.tar.gz refused 'give PythonFrom=layer'
PYTHON_STANDALONE=python.tar.gz deploy PythonFrom=layer
called '^functions/.*/check .*--max-bytes 240000000'
refused 'set PYTHON_STANDALONE'

begin_later 'tenant isolation that is switched'
refused 'cannot be changed of a stack that is there' TenantIsolation=off
not_called '^sam deploy'
deploy TenantIsolation=on

begin 'an account without tenant isolation'
printf 'Tenancy configuration is not supported\n' >"$account/sam-fails"
refused 'TenantIsolation=off does without' QwenApiUrl=https://models.example/v1
rm "$account/sam-fails"
deploy QwenApiUrl=https://models.example/v1 TenantIsolation=off
holds TenantIsolation off
deploy
holds TenantIsolation off

# What stands in the list of subscriptions, and what is said of it.
told() {
  local words=$1 subscription
  shift
  begin_later "alarms: $words"
  for subscription in "$@"; do printf '%s\n' "$subscription" >>"$account/subscriptions"; done
  deploy AlarmEmail=me@example.org
}
begin_later 'nobody is told of alarms'
deploy
said 'nobody is told'
readonly ARN=arn:aws:sns:eu-central-1:123456789012:stack-alarms:id
told 'not confirmed' 'me@example.org PendingConfirmation'
said 'me@example.org is told of NO alarm'
told 'forgotten'
said 'me@example.org is told of NO alarm'
told 'taken back' 'me@example.org Deleted'
said 'me@example.org is told of NO alarm'
told 'of another' "you@example.org $ARN"
said 'me@example.org is told of NO alarm'
told 'confirmed' 'me@example.org PendingConfirmation' "me@example.org $ARN"
not_said 'NO alarm'
begin_later 'subscriptions that cannot be looked at'
printf 'sns list-subscriptions-by-topic (AccessDenied)\n' >"$account/refuse"
deploy AlarmEmail=me@example.org
said 'me@example.org is told of NO alarm'

begin_later 'a stack beside it that could not be made'
printf 'cloudformation deploy (ValidationError): stack-edge-eu-central-1 is in ROLLBACK_COMPLETE state\n' >"$account/refuse"
deploy
said "CloudFront's failures set off no alarm"
said 'aws cloudformation delete-stack --region us-east-1 --stack-name stack-edge-eu-central-1, then run this again'

begin_later 'a stack where CloudFront is'
printf 'us-east-1\n' >"$account/region"
deploy
not_called stack-edge

for name in Stack a_b a.b -a "$(printf 'a%.0s' {1..31})" a-sitebucket-b a-github-staging a-edge; do
  begin "a stack that is called $name"
  if run deploy/run "$name" QwenApiUrl=https://models.example/v1 >"$scratch/said" 2>&1; then fail 'it went through'; fi
  not_called .
done

# From here on as the workflow deploys: what is called must be within the rights of its role.
export GITHUB_ACTIONS=true
begin 'from GitHub, without what its role needs'
refused 'lacks the variable ARTIFACTS_BUCKET' QwenApiUrl=https://models.example/v1
export ARTIFACTS_BUCKET=artifacts
refused 'or PermissionsBoundary in PARAMETERS' QwenApiUrl=https://models.example/v1
not_called '^sam deploy'
export AWS_RECORD=$record
begin 'from GitHub, the first time'
parameters=(QwenApiUrl=https://models.example/v1 PermissionsBoundary=arn:aws:iam::123456789012:policy/boundary AlarmEmail=me@example.org)
deploy "${parameters[@]}"
called '^sam deploy .*--s3-bucket artifacts --s3-prefix stack '
called 'create-secret'
deploy "${parameters[@]}" SearchConcurrency=5 ReadUrlConcurrency=5 DriverConcurrency=5 OrchestratorConcurrency=5 CodeInterpreterConcurrency=5
touch "$account/smoke-fails"
refused 'those that last passed' "${parameters[@]}"
called '^aws cloudformation deploy .*--s3-bucket artifacts --s3-prefix stack '
said '::error::the question was not answered'
not_called aws-sam-cli-managed-default

printf 'deploy.sh: the scripts do what they should in all scenarios\n'
