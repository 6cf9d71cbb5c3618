#!/bin/sh
# Run every test of the product, then print a table: part, result, seconds; and what was left out.
set -u
pytest=${BIN:-.venv/bin}/pytest
postgres=${LOANSITE_TEST_POSTGRES:-}
table=""
status=0

part() { # a title, then the command
    title=$1
    shift
    echo "== $title"
    began=$(date +%s)
    if "$@"; then result=passed; else result=FAILED status=1; fi
    table="$table$(printf '%-42s %-9s %6s s' "$title" "$result" $(($(date +%s) - began)))
"
}

left_out() {
    table="$table$(printf '%-42s LEFT OUT: %s' "$1" "$2")
"
}

sh deploy/install_clients.sh || left_out "generated clients" "pip or npm cannot install their generators"
part "all tests on SQLite" env -u DATABASE_URL "$pytest" -n 2 --dist loadfile
part "faults on SQLite" env -u DATABASE_URL "$pytest" predictions/tests/faults
if [ -n "$postgres" ]; then
    part "all tests on PostgreSQL" env DATABASE_URL="$postgres" "$pytest" -n 2 --dist loadfile
    part "faults on PostgreSQL" env DATABASE_URL="$postgres" "$pytest" predictions/tests/faults
else
    left_out "all tests and faults on PostgreSQL" "LOANSITE_TEST_POSTGRES names no server"
fi
[ -n "${LOANSITE_TEST_MYSQL:-}" ] || left_out "exports and sources on MariaDB" "LOANSITE_TEST_MYSQL names no server"
[ -x /usr/bin/chromium ] || left_out "browser walks" "no /usr/bin/chromium (apt-get install chromium)"
printf '\n%s' "$table"
exit $status
