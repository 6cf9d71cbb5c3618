"""Activation as commands do it: the comparison is made on the spot, and the gate's refusal is exit code 3."""

from django.core.management import BaseCommand, CommandError

from predictions.errors import Refused
from predictions.models import ModelVersion
from predictions.services import gate, registry
from predictions.services.comparisons import compared

REFUSED = 3


def activate(command: BaseCommand, version: ModelVersion, *, reason: str, override: bool) -> None:
    if gate.judges(version):
        _print(command, compared(candidate=version).verdict)
    try:
        registry.activate(version_id=version.pk, by=None, reason=reason, override=override)
    except Refused as error:
        raise CommandError(f"{error} It stays a candidate.", returncode=REFUSED) from error
    command.stdout.write(command.style.SUCCESS(f"{version} is active."))


def _print(command: BaseCommand, verdict: dict[str, list[dict[str, str]]] | None) -> None:
    for check in verdict["checks"] if verdict else ():
        if check["outcome"] != "passed":
            command.stdout.write(command.style.WARNING(f"Gate, {check['outcome']}: {check['detail']}"))
