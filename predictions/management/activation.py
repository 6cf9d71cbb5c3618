"""Activation as commands do it: the comparison is made on the spot, and the gate's refusal is exit code 3."""

from django.core.management import BaseCommand, CommandError

from predictions.errors import Refused
from predictions.models import Comparison, ModelVersion
from predictions.services.versions import gate, registry
from predictions.services.versions.comparisons import compared

REFUSED = 3


def activate(command: BaseCommand, version: ModelVersion, *, reason: str, override: bool) -> None:
    if gate.judges(version):
        print_verdict(command, compared(candidate=version))
    try:
        registry.activate(version_id=version.pk, by=None, reason=reason, override=override)
    except Refused as error:
        raise CommandError(f"{error} It stays a candidate.", returncode=REFUSED) from error
    command.stdout.write(command.style.SUCCESS(f"{version} is active."))


def print_verdict(command: BaseCommand, found: Comparison) -> None:
    """Print every check with its figures, or why there is none."""
    if found.error:
        command.stdout.write(command.style.WARNING(f"Gate: {found.error}"))
    for check in found.verdict["checks"] if found.verdict else ():
        style = str if check["outcome"] == "passed" else command.style.WARNING
        command.stdout.write(style(f"Gate, {check['outcome']}: {check['name']}. {check['detail']}"))
    if not gate.blocks(found.incumbent):
        why = "the active version learned from synthetic sample data" if found.incumbent else "none is active"
        command.stdout.write(f"Gate: nothing is refused, since {why}.")
