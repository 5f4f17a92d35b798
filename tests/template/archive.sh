#!/usr/bin/env bash
# What deploy/archive and deploy/tools do with the programs that Linux has, and with those that macOS has, what stands in a bill of
# materials, and what .ci/archive says of an archive. Compiler, linker and the program itself are stand-ins.
#
#   archive.sh PYTHON    a Python that has aws-sam-cli (deploy/tools)
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
# shellcheck source=tests/template/kit.sh
source tests/template/kit.sh "${1:?usage: archive.sh PYTHON}"
unset CARGO_TARGET_DIR
readonly FOR_ALL=(bash cat chmod cut dirname env git mkdir rm setsid touch)

# A checkout on a system that is called $1, which has no other programs than those of both systems and, on Linux, its own.
begin_on() {
  begin "$2"
  rm -rf "$repository/target" "$repository/other" "$programs/realpath"
  cp deploy/archive deploy/tools deploy/paths "$repository/deploy"
  only "${FOR_ALL[@]}"
  # shellcheck disable=SC2016 # The stand-in expands it.
  program "$programs/cargo" 'printf "%s\n" "cargo $*" >>"$AWS_STAND_IN/calls"'
  program "$repository/deploy/pack" ''
  # shellcheck disable=SC2016 # The stand-in expands it.
  program "$programs/python3" '
    case "$1 ${2:-}" in
      deploy/pack\ *) printf "%s\n" "$*" >>"$AWS_STAND_IN/calls" ;;
      -m\ venv)
        mkdir -p "${4:?}/bin"
        printf "#!/usr/bin/env bash\nprintf \"pip\\\\n\" >>\"\$AWS_STAND_IN/calls\"\n" >"$4/bin/pip"
        chmod 755 "$4/bin/pip"
        ;;
      *) exec '"'$python'"' "$@" ;;
    esac'
  if [[ $1 == macOS ]]; then
    program "$programs/realpath" 'printf "realpath: illegal option -- m\nusage: realpath [-q] [path ...]\n" >&2; exit 1'
  else
    only "${FOR_ALL[@]}" realpath sha256sum
  fi
}

for system in Linux macOS; do
  for target in x86_64-unknown-linux-gnu aarch64-unknown-linux-gnu x86_64-apple-darwin aarch64-apple-darwin; do
    begin_on "$system" "an archive for $target, packed on $system"
    run deploy/archive "$target" >"$scratch/said" 2>&1 || fail 'it failed'
    case $target in
      *-linux-gnu) in_order '^pip$' "^cargo zigbuild --target $target\.2\.31 --release --locked -p local$" "^deploy/pack $target$" ;;
      *)
        in_order "^cargo build --target $target --release --locked -p local$" "^deploy/pack $target$"
        not_called '^pip$'
        ;;
    esac
  done
  begin_on "$system" "tools on $system"
  for folder in '' other/target; do
    where=$(run env ${folder:+"CARGO_TARGET_DIR=$folder"} deploy/tools) || fail 'it failed'
    [[ $where == "$(realpath "$repository/${folder:-target}")/deploy-venv/bin" ]] || fail "it says $where"
    run env ${folder:+"CARGO_TARGET_DIR=$folder"} deploy/tools >/dev/null || fail 'it failed the second time'
  done
  [[ $(grep -c '^pip$' "$account/calls") == 2 ]] || fail 'what is there is installed again'
done
for target in '' x86_64-pc-windows-msvc; do
  begin_on Linux "an archive for '$target'"
  # shellcheck disable=SC2086 # No argument.
  if run deploy/archive $target >"$scratch/said" 2>&1; then fail 'it went through'; fi
  said 'usage: deploy/archive'
  not_called .
done

# A bill for archives of all systems names what stands in any of them; that of a function is for what is deployed.
begin 'bills of materials'
cp deploy/sbom "$repository/deploy"
mkdir -p "$repository"/{functions/driver,local,shared,tests}
program "$repository/target/sbom-tools/bin/cargo-cyclonedx" ''
# shellcheck disable=SC2016 # The stand-in expands it.
program "$programs/cargo" '
  printf "%s\n" "cargo $*" >>"$AWS_STAND_IN/calls"
  printf "{\"components\": []}" >"$(dirname "${!#}")/written.cdx.json"'
run env SOURCE_DATE_EPOCH=0 deploy/sbom serverless-llm driver >"$scratch/said" 2>&1 || fail 'it failed'
called '^cargo cyclonedx .*--target all .*--manifest-path local/Cargo.toml$'
called '^cargo cyclonedx .*--target aarch64-unknown-linux-gnu .*--manifest-path functions/driver/Cargo.toml$'
said 'dist/serverless-llm.cdx.json: 0 components'

# An archive with a program that says it is ready, a page of two files, and $2 as the stream of a question that runs a program.
packed() {
  begin "an archive on $1: $2"
  mkdir -p "$repository/.ci" "$repository/dist/serverless-llm"
  cp .ci/archive "$repository/.ci"
  program "$repository/deploy/smoke" ''
  # Its folder is made where it runs, as the table's is. A shell could not catch the signal, which it is started without.
  cat >"$repository/dist/serverless-llm/serverless-llm" <<'END'
#!/usr/bin/env python3
import os, signal
signal.signal(signal.SIGINT, lambda *_: os._exit(0))
os.mkdir(".local")
print("serverless-llm is ready: http://127.0.0.1:1/orchestrator", flush=True)
while True:
    signal.pause()
END
  chmod 755 "$repository/dist/serverless-llm/serverless-llm"
  tar --create --gzip --file "$repository/dist/a.tar.gz" --directory "$repository/dist" serverless-llm
  (cd "$repository/dist" && sha256sum a.tar.gz >a.tar.gz.sha256)
  printf '%s\n' "$2" >"$account/told"
  program "$programs/uname" "printf '%s\\n' '$1'"
  # shellcheck disable=SC2016 # The stand-in expands it.
  program "$programs/curl" '
    case $* in
      */api/chat/orchestrator/stream) cat "$AWS_STAND_IN/told" ;;
      */orchestrator) printf "<link href=\"/static/a.css\"><script src=\"/static/a.js\"></script>\n" ;;
    esac'
}
readonly HELD='data: {"isolation":"strict"}' REFUSED='data: {"code":"isolation_missing"}' NOTHING='data: {"type":"complete"}'
# The system, what the stream tells, whether the archive is good, and what is said of it.
while IFS='|' read -r system told good words; do
  packed "$system" "$told"
  result=0
  run .ci/archive dist/a.tar.gz >"$scratch/said" 2>&1 || result=$?
  [[ $good == "$result" ]] || fail "it ended with $result"
  said "$words"
done <<END
Linux|$HELD|0|a page of 2 files, "isolation":"strict"
Linux|$HELD $HELD|0|"isolation":"strict"
Linux|$HELD data: {"isolation":"none"}|1|not under strict
Linux|$NOTHING|1|archive: programs run with no isolation, not under strict
Linux|$REFUSED|1|archive: programs run with no isolation, not under strict
Darwin|$REFUSED|0|programs are refused
Darwin|$NOTHING|1|archive: a program ran where nothing holds it
Darwin||1|archive: a program ran where nothing holds it
END

printf 'archive.sh: archives are packed on both systems, and one that does not hold programs is told of\n'
