#!/usr/bin/env bash
# What deploy/github-role and deploy/allowed do, with stand-ins for `aws` and `gh`.
#
#   github.sh PYTHON    a Python that has aws-sam-cli (deploy/tools)
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
# shellcheck source=tests/template/kit.sh
source tests/template/kit.sh "${1:?usage: github.sh PYTHON}"
unset OWNER_ID REPOSITORY_ID

# An account, and a GitHub that says $2 of the repository and $3 of its subjects; exit codes stand in front of both.
begin_github() {
  begin "$1"
  cp deploy/github-role deploy/github-role.yaml "$repository/deploy"
  printf '%s\n' "$2" >"$account/repository"
  printf '%s\n' "$3" >"$account/customization"
  # shellcheck disable=SC2016 # The stand-in expands it.
  program "$programs/gh" '
    printf "%s\n" "gh $*" >>"$AWS_STAND_IN/calls"
    case $2 in
      repos/*/actions/oidc/customization/sub) said=customization ;;
      repos/*/compare/*) said=place ;;
      repos/*/actions/workflows/*) said=passed ;;
      repos/*) said=repository ;;
    esac
    read -r code words <"$AWS_STAND_IN/$said"
    if ((code != 0)); then printf "gh: %s\n" "$words" >&2; exit "$code"; fi
    printf "%b\n" "$words"'
}
makes() { run deploy/github-role "$@" >"$scratch/said" 2>&1 || fail 'it failed'; }
does_not_make() {
  local words=$1
  shift
  if run deploy/github-role "$@" >"$scratch/said" 2>&1; then fail "it went through, '$words' was expected"; fi
  said "$words"
  not_called '^aws cloudformation deploy'
}

begin_github 'both forms of the subject' '0 Owner/Name\t7\t42' '0 true'
makes owner/name staging stack
called '^gh api repos/owner/name --jq'
called '^gh api repos/Owner/Name/actions/oidc/customization/sub '
called '^aws cloudformation deploy --stack-name stack-github-staging .*Repository=Owner/Name OwnerId=7 RepositoryId=42 Environment=staging StackName=stack ProviderArn=$'
said 'AWS_ROLE_ARN       arn:aws:iam::123456789012:role/made'
said 'ARTIFACTS_BUCKET   artifacts'
said 'PermissionsBoundary=arn:aws:iam::123456789012:policy/boundary'

begin_github 'a provider that the account has' '0 Owner/Name\t7\t42' '0 true'
printf 'arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com\n' >"$account/providers"
makes owner/name staging stack
called 'ProviderArn=arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com$'
printf 'made here\n' >"$account/made-here"
makes owner/name staging stack
[[ $(grep -c 'ProviderArn=$' "$account/calls") == 1 ]] || fail 'the provider is not left where it was made'

begin_github 'numbers that are given' '1 HTTP 404' '1 HTTP 404'
OWNER_ID=7 REPOSITORY_ID=42 makes Owner/Name staging stack
not_called '^gh'
called 'Repository=Owner/Name OwnerId=7 RepositoryId=42'

begin_github 'subjects that cannot be looked at' '0 Owner/Name\t7\t42' '1 HTTP 403'
makes owner/name staging stack
said 'HTTP 403'

begin_github 'a subject of its own form' '0 Owner/Name\t7\t42' '0 false'
does_not_make 'sends a subject of its own form' owner/name staging stack
begin_github 'no such repository' '1 Not Found (HTTP 404)' '0 true'
does_not_make 'GitHub cannot be asked for owner/name' owner/name staging stack
for answer in 'Owner/Name\t7\t' 'Owner/Name\tnull\t42' 'Owner/Name\t7\t*' 'Owner\t7\t42' '' 'Owner/Na me\t7\t42' 'Owner/Name:x\t7\t42'; do
  begin_github "GitHub says $answer" "0 $answer" '0 true'
  does_not_make 'not understood' owner/name staging stack
done
for name in Stack stack-github-x a-sitebucket a_b; do
  begin_github "a stack $name" '0 Owner/Name\t7\t42' '0 true'
  does_not_make 'is no name of a stack' owner/name staging "$name"
done
begin_github 'no gh' '0 Owner/Name\t7\t42' '0 true'
rm "$programs/gh"
# The machine may have it.
only bash dirname mktemp rm sed setsid
does_not_make 'gh is missing' owner/name staging stack
OWNER_ID=7 does_not_make 'gh is missing' owner/name staging stack
begin_github 'the account cannot be looked at' '0 Owner/Name\t7\t42' '0 true'
printf 'cloudformation describe-stack-resources (ThrottlingException): Rate exceeded\n' >"$account/refuse"
does_not_make 'Rate exceeded' owner/name staging stack

# The environment's variable PARAMETERS, and what the workflow makes of it.
parameters_of() {
  begin "PARAMETERS: $1"
  # shellcheck disable=SC2016 # The stand-in expands it.
  program "$repository/deploy/run" 'printf "<%s>" "$@" >"$AWS_STAND_IN/given"'
  "$python" -c 'import yaml; print(yaml.safe_load(open(".github/workflows/deploy-environment.yml"))["jobs"]["deploy"]["steps"][-1]["run"])' >"$scratch/step"
  PARAMETERS=$1 STACK_NAME=stack run bash -eo pipefail "$scratch/step"
  [[ $(<"$account/given") == "$2" ]] || fail "deploy/run was given $(<"$account/given")"
}
parameters_of '' '<stack>'
parameters_of $'A=1\nB=2' '<stack><A=1><B=2>'
parameters_of $'    A=1\r\n\r\n  B=two words \t\n\n   \nC=\r\n' '<stack><A=1><B=two words><C=>'
parameters_of 'A=$(touch x);*' '<stack><A=$(touch x);*>'

# Which checks end which: a commit of main that has none that succeeded cannot be gone back to.
scenario='checks that are ended'
"$python" - <<'END' || fail 'see above'
import re, types, yaml

concurrency = yaml.safe_load(open(".github/workflows/ci.yml"))["concurrency"]


def of(event_name, workflow, ref, sha):
    github = types.SimpleNamespace(event_name=event_name, workflow=workflow, ref=ref, sha=sha)
    value = lambda text: eval(text.replace("&&", " and ").replace("||", " or ").strip(), {"github": github})
    whole = re.fullmatch(r"\$\{\{(.*)\}\}", cancels := str(concurrency["cancel-in-progress"]))
    group = re.sub(r"\$\{\{(.*?)\}\}", lambda found: value(found.group(1)), concurrency["group"])
    return group, value(whole.group(1)) if whole else cancels == "True"


def ends(later, earlier):
    return of(*later)[0] == of(*earlier)[0] and of(*later)[1]


main, pull = "refs/heads/main", "refs/pull/1/merge"
cases = [
    (("push", "ci", main, "b"), ("push", "ci", main, "a"), False),
    (("push", "ci", main, "a"), ("push", "ci", main, "a"), False),
    (("push", "deploy", main, "b"), ("push", "deploy", main, "a"), False),
    (("push", "deploy", main, "a"), ("push", "ci", main, "a"), False),
    (("workflow_dispatch", "deploy", main, "a"), ("push", "ci", main, "a"), False),
    (("push", "release", "refs/tags/v1.0.0", "a"), ("push", "ci", main, "a"), False),
    (("pull_request", "ci", pull, "b"), ("pull_request", "ci", pull, "a"), True),
    (("pull_request", "ci", pull, "b"), ("pull_request", "ci", "refs/pull/2/merge", "a"), False),
    (("pull_request", "ci", pull, "b"), ("push", "ci", main, "a"), False),
]
for later, earlier, expected in cases:
    assert ends(later, earlier) == expected, f"{later} ends {earlier}: {not expected}"
# Pending checks are ended by those that come after them in the same group, whatever it says.
assert of("push", "ci", main, "a")[0] != of("push", "ci", main, "b")[0], "pushes share a group"
END

# What GitHub says of the place of a commit and of its checks, how deploy/allowed is called, and what it says.
commits() {
  local place passed arguments words
  local -r sha=0123456789abcdef0123456789abcdef01234567
  while IFS='|' read -r place passed arguments words; do
    begin_github "$place, $passed: deploy/allowed $arguments" '1 not asked' '1 not asked'
    cp deploy/allowed "$repository/deploy"
    printf '%s\n' "$place" >"$account/place"
    printf '%s\n' "$passed" >"$account/passed"
    # shellcheck disable=SC2086 # Several arguments.
    if run env GITHUB_REPOSITORY=Owner/Name deploy/allowed ${arguments/SHA/$sha} >"$scratch/said" 2>&1; then
      [[ $words == is\ on\ main* ]] || fail 'it is allowed'
    elif [[ $words == is\ on\ main* ]]; then
      fail 'it is not allowed'
    fi
    said "$words"
  done <<'END'
0 identical|1 not asked|SHA|is on main
0 behind|1 not asked|SHA|is on main
0 behind|0 1|SHA passed|is on main and has passed
0 behind|0 0|SHA passed|has not passed its checks
0 behind|0 null|SHA passed|has not passed its checks
0 behind|1 HTTP 403|SHA passed|cannot be asked whether
0 ahead|0 1|SHA|is not on main: GitHub calls it ahead
0 diverged|0 1|SHA passed|is not on main: GitHub calls it diverged
1 HTTP 404|0 1|SHA|cannot be asked where
0 |0 1|SHA|is not on main
0 behind|0 1|main|is no whole SHA
0 behind|0 1|0123456|is no whole SHA
0 behind|0 1|../SHA|is no whole SHA
0 behind|0 1|SHA otherwise|deploy/allowed COMMIT
0 behind|0 1||deploy/allowed COMMIT
END
}
commits

printf 'github.sh: the role is made for the repository that GitHub names\n'
