# shellcheck shell=bash
# An account that stand-ins play (stand_in.py), and a checkout that is deployed to it: for deploy.sh, back.sh, github.sh and archive.sh. Building, the
# layer and the question are stand-ins, too. Sourced with the path of a Python that has aws-sam-cli (deploy/tools).
python=$(realpath -s "${1:?usage: deploy.sh PYTHON}")
me=$(basename "$0")
stand_in=$(realpath tests/template/stand_in.py)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
repository=$scratch/repository account=$scratch/account programs=$scratch/programs
export AWS_STAND_IN=$account BUILT=1
unset PYTHON_STANDALONE SMOKE ARTIFACTS_BUCKET GITHUB_ACTIONS AWS_RECORD
# Should one of the scripts find the real programs all the same, they reach no account.
export AWS_ENDPOINT_URL=http://127.0.0.1:9 AWS_ACCESS_KEY_ID=none AWS_SECRET_ACCESS_KEY=none AWS_REGION=none

fail() {
  printf '%s, %s: %s\n' "$me" "$scenario" "$1" >&2
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
  cp deploy/run deploy/back deploy/stack deploy/secrets deploy/page deploy/edge.yaml "$repository/deploy"
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
  scenario=$1 others=$PATH
  rm -rf "$account" "$scratch/said"
  mkdir -p "$account/bucket"
  printf '1000\n' >"$account/limit"
  lay_out
}

# What an account holds after a first deployment that has passed.
deploy_first() {
  begin 'first deployment'
  deploy QwenApiUrl=https://models.example/v1 LogLevel=info,metrics=off
  cp -r "$account" "$scratch/deployed"
  rm "$scratch/deployed/calls"
}

# An account with a stack, and a checkout that has gone on since.
begin_later() {
  begin "$1"
  cp -r "$scratch/deployed/." "$account"
  printf '# newer\n' >>"$repository/template.yaml"
  printf 'a { color: red }\n' >"$repository/static/a.css"
  cp "$account/stack.json" "$account/template.yaml" "$account/bucket/index.html" "$scratch"
}

# From here to the next `begin` what runs has no other programs than the stand-ins and these.
only() {
  local name
  others=$scratch/others
  rm -rf "$others"
  mkdir "$others"
  for name in "$@"; do ln -s "$(command -v "$name")" "$others/$name"; done
}

# In a process group of its own, which a stand-in can kill.
run() { (cd "$repository" && PATH=$programs:$others exec setsid --wait "$@"); }

deploy() { run deploy/run stack "$@" >"$scratch/said" 2>&1 || fail 'it failed'; }

# It fails, and says $1.
refused() {
  local words=$1
  shift
  if run deploy/run stack "$@" >"$scratch/said" 2>&1; then fail "it went through, '$words' was expected"; fi
  said "$words"
}

called() { grep -qE -- "$1" "$account/calls" || fail "no call of $1"; }
not_called() { if [[ -e $account/calls ]] && grep -qE -- "$1" "$account/calls"; then fail "a call of $1"; fi; }
# The calls come in this order.
in_order() {
  local pattern line=0
  for pattern in "$@"; do
    line=$(grep -nE -- "$pattern" "$account/calls" | awk -F: -v after="$line" '$1 > after && !found { found = $1 } END { print found; exit !found }') ||
      fail "no call of $pattern where it belongs"
  done
}
holds() {
  "$python" -c 'import json, sys; sys.exit(json.load(open(sys.argv[1]))["parameters"][sys.argv[2]] != sys.argv[3])' \
    "$account/stack.json" "$1" "$2" || fail "$1 is not '$2'"
}
# The stack and its page are those that the first deployment has made.
as_before() {
  cmp -s "$scratch/stack.json" <(sed 's/UPDATE_COMPLETE/CREATE_COMPLETE/' "$account/stack.json") || fail 'the parameters are not as before'
  # But for the empty line that the command line puts at the end.
  [[ $(<"$scratch/template.yaml") == "$(<"$account/template.yaml")" ]] || fail 'the template is not as before'
  cmp -s "$scratch/index.html" "$account/bucket/index.html" || fail 'the page is not as before'
  cmp -s "$scratch/index.html" "$account/bucket/orchestrator" || fail 'the page is not as before under its second name'
  cmp -s "$scratch/index.html" "$account/bucket/orchestrator%2F" || fail 'the page is not as before under its third name'
}
said() { grep -qF -- "$1" "$scratch/said" || fail "'$1' was not said"; }
not_said() { if grep -qF -- "$1" "$scratch/said"; then fail "'$1' was said"; fi; }
key() { run deploy/secrets stack key; }
