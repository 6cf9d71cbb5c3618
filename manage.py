#!/usr/bin/env python
"""Django's command line for this project."""

import gc
import os
import sys

from django.core.management import execute_from_command_line

if __name__ == "__main__":
    gc.set_threshold(20_000)  # imports make many objects and no garbage; 700 are the default
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "loansite.settings")
    execute_from_command_line(sys.argv)
