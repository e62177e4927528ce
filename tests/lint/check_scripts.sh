#!/usr/bin/env bash
# Every shell script says where it fails (deploy/errors.sh), and shellcheck has nothing to say.
# usage: tests/lint/check_scripts.sh
set -euo pipefail
. "$(dirname "$0")/../../deploy/errors.sh"
cd "$(dirname "$0")/../.."

mapfile -t scripts < <(git ls-files | while read -r file; do
  [[ -f $file && ! -L $file ]] || continue
  case $file in *.sh) ;; *) head -c 64 "$file" | grep -aqE '^#!.*\b(ba)?sh$' || continue ;; esac
  echo "$file"
done)

findings=0
for script in "${scripts[@]}"; do
  [[ $script == deploy/errors.sh ]] && continue
  head -n 20 "$script" | grep -A 1 '^set -euo pipefail$' |
    grep -q '^\. "\$(dirname "\$0")/[./a-z]*errors\.sh"$' && continue
  echo "$script:1: \`set -euo pipefail\` must be followed by: . \"\$(dirname \"\$0\")/...deploy/errors.sh\""
  findings=$((findings + 1))
done
# SC1091: it is told of each script by itself. SC2016: text for another shell stands in single quotes.
shellcheck --exclude=SC1091,SC2016 "${scripts[@]}" || findings=$((findings + 1))
echo "${#scripts[@]} scripts checked, $findings findings"
((findings == 0)) || exit 1
