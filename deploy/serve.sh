#!/bin/sh
# The web processes and, beside them, the worker that trains and scores batches; they end together.
set -u
bin=${BIN:-.venv/bin}
"$bin/python" manage.py worker &
worker=$!
"$bin/gunicorn" --config deploy/gunicorn.conf.py loansite.wsgi &
web=$!
trap 'kill $web 2>/dev/null' INT TERM
wait $web
status=$?
if [ $status -gt 128 ]; then # a signal ended the waiting; what it ends now is the last reply
    wait $web
    status=$?
fi
kill $worker 2>/dev/null
wait $worker 2>/dev/null
exit $status
