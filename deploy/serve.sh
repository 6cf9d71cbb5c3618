#!/bin/sh
# The web processes and, beside them, the worker that trains and scores batches; they end together.
set -u
bin=${BIN:-.venv/bin}
web='' ending=''
# A closed terminal sends HUP, which gunicorn by itself takes as the wish to be loaded anew.
trap 'ending=1; [ -z "$web" ] || kill "$web" 2>/dev/null' HUP INT TERM
"$bin/python" manage.py worker &
worker=$!
"$bin/gunicorn" --config deploy/gunicorn.conf.py loansite.wsgi &
web=$!
[ -z "$ending" ] || kill "$web" # the signal came before there was anything to end
echo "Open http://127.0.0.1:${PORT:-8000}/ in a browser. Ctrl+C ends the site."
while kill -0 $web 2>/dev/null; do # a signal ends the waiting: go on until the last reply is given
    wait $web
    status=$?
done
kill $worker 2>/dev/null
wait $worker 2>/dev/null
exit $status
