#!/bin/sh
# The web processes and, beside them, the worker that trains; they end together.
set -u
bin=${BIN:-.venv/bin}
"$bin/python" manage.py db_worker --no-startup-delay &
worker=$!
"$bin/gunicorn" --config deploy/gunicorn.conf.py loansite.wsgi &
web=$!
trap 'kill $web 2>/dev/null' INT TERM
wait $web
wait $web 2>/dev/null # the first wait ends when the signal comes, this one when the last reply is out
status=$?
kill $worker 2>/dev/null
wait $worker 2>/dev/null
exit $status
