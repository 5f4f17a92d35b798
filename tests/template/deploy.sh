#!/usr/bin/env bash
# What deploy/run and deploy/secrets do in an account, with stand-ins for `aws` and `sam` (stand_in.py): the first deployment and a
# later one, the way back, and what fails. Building, the layer and the question are stand-ins, too.
#
#   deploy.sh PYTHON    a Python that has aws-sam-cli (deploy/tools)
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

python=$(realpath -s "${1:?usage: deploy.sh PYTHON}")
stand_in=$(realpath tests/template/stand_in.py)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
repository=$scratch/repository account=$scratch/account programs=$scratch/programs
export AWS_STAND_IN=$account BUILT=1
unset PYTHON_STANDALONE SMOKE
# Should one of the scripts find the real programs all the same, they reach no account.
export AWS_ENDPOINT_URL=http://127.0.0.1:9 AWS_ACCESS_KEY_ID=none AWS_SECRET_ACCESS_KEY=none AWS_REGION=none

fail() {
  printf 'deploy.sh, %s: %s\n' "$scenario" "$1" >&2
  if [[ -e $scratch/said ]]; then tail -n 20 "$scratch/said" >&2; fi
  exit 1
}

# A program at $1 that notes how it was called, and runs the lines $2.
program() {
  mkdir -p "$(dirname "$1")"
  printf '#!/usr/bin/env bash\nset -euo pipefail\n%s\n' "$2" >"$1"
  chmod 755 "$1"
}

# shellcheck disable=SC2016 # The stand-ins expand it.
lay_out() {
  local name
  for name in aws sam; do program "$programs/$name" "exec '$python' '$stand_in' $name \"\$@\""; done
  # One that is chosen by a version manager may put that manager's programs before these.
  program "$programs/python3" "exec '$python' \"\$@\""
  mkdir -p "$repository/deploy" "$repository/static"
  cp deploy/run deploy/secrets deploy/page "$repository/deploy"
  cp template.yaml "$repository"
  printf '<link href="/static/a.css">\n' >"$repository/static/index.html"
  printf 'a {}\n' >"$repository/static/a.css"
  for name in deploy/package deploy/inspect functions/code_interpreter/layer/check; do
    program "$repository/$name" "printf '%s\\n' \"$name \$*\" >>\"\$AWS_STAND_IN/calls\""
  done
  program "$repository/deploy/smoke" '
    printf "%s\n" "deploy/smoke $* key=$ACCESS_KEY" >>"$AWS_STAND_IN/calls"
    [[ ! -e $AWS_STAND_IN/smoke-fails ]]'
}

# A fresh account.
begin() {
  scenario=$1
  rm -rf "$account" "$scratch/said"
  mkdir -p "$account/bucket"
  printf '1000\n' >"$account/limit"
  lay_out
}

# An account with a stack, and a checkout that has gone on since.
begin_later() {
  begin "$1"
  cp -r "$scratch/deployed/." "$account"
  printf '# newer\n' >>"$repository/template.yaml"
  printf 'a { color: red }\n' >"$repository/static/a.css"
  cp "$account/stack.json" "$account/template.yaml" "$account/bucket/index.html" "$scratch"
}

run() { (cd "$repository" && PATH=$programs:$PATH "$@"); }

deploy() { run deploy/run stack "$@" >"$scratch/said" 2>&1 || fail 'it failed'; }

# It fails, and says $1.
refused() {
  local words=$1
  shift
  if run deploy/run stack "$@" >"$scratch/said" 2>&1; then fail "it went through, '$words' was expected"; fi
  grep -qF -- "$words" "$scratch/said" || fail "'$words' was not said"
}

called() { grep -qE -- "$1" "$account/calls" || fail "no call of $1"; }
not_called() { if [[ -e $account/calls ]] && grep -qE -- "$1" "$account/calls"; then fail "a call of $1"; fi; }
# The calls come in this order.
in_order() {
  local pattern line=0 next
  for pattern in "$@"; do
    next=$(tail -n "+$((line + 1))" "$account/calls" | grep -nE -m 1 -- "$pattern" | cut -d: -f1) || fail "no call of $pattern where it belongs"
    line=$((line + next))
  done
}
holds() {
  "$python" -c 'import json, sys; sys.exit(json.load(open(sys.argv[1]))["parameters"][sys.argv[2]] != sys.argv[3])' \
    "$account/stack.json" "$1" "$2" || fail "$1 is not '$2'"
}
as_before() {
  cmp -s "$scratch/stack.json" <(sed 's/UPDATE_COMPLETE/CREATE_COMPLETE/' "$account/stack.json") || fail 'the parameters are not as before'
  # But for the empty line that the command line puts at the end.
  [[ $(<"$scratch/template.yaml") == "$(<"$account/template.yaml")" ]] || fail 'the template is not as before'
  cmp -s "$scratch/index.html" "$account/bucket/index.html" || fail 'the page is not as before'
  cmp -s "$scratch/index.html" "$account/bucket/orchestrator" || fail 'the page is not as before under its second name'
  cmp -s "$scratch/index.html" "$account/bucket/orchestrator%2F" || fail 'the page is not as before under its third name'
}
key() { run deploy/secrets stack key; }

begin 'first deployment'
deploy QwenApiUrl=https://models.example/v1 LogLevel=info,metrics=off
in_order '^deploy/package --architecture arm64' '^sam build' '^functions/.*/check .*--architecture arm64$' '^deploy/inspect' \
  'create-secret --name stack/access-key' 'create-secret --name stack/origin' '^sam deploy .*--on-failure DELETE' 's3 cp .*a\.css' \
  's3 cp .*/index.html' 's3api put-object .*--key orchestrator/ ' 'create-invalidation .* /orchestrator/$' '^deploy/smoke --url https://page.example --function-url https://function.example/ key=..'
holds AccessKeySecret stack/access-key
holds AccessKeyVersion version-1
holds OriginVersion version-1
holds ModelKeysSecret ''
holds LogLevel info,metrics=off

cp -r "$account" "$scratch/deployed"
rm "$scratch/deployed/calls"

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

begin 'a small account'
printf '10\n' >"$account/limit"
refused 'may run 10 functions at once' QwenApiUrl=https://models.example/v1
not_called '^sam deploy'
deploy QwenApiUrl=https://models.example/v1 OrchestratorConcurrency=-1 DriverConcurrency=-1 SearchConcurrency=-1 CodeInterpreterConcurrency=-1

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
refused 'are as they were before' HourlyComputeUsd=7
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

for off in Orchestrator Driver Search CodeInterpreter; do
  begin_later "$off switched off"
  touch "$account/smoke-fails"
  deploy "${off}Concurrency=0"
  holds "${off}Concurrency" 0
  not_called '^deploy/smoke'
done
deploy
holds CodeInterpreterConcurrency 0
refused 'are as they were before' CodeInterpreterConcurrency=5
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

printf 'deploy.sh: the scripts do what they should in all scenarios\n'
