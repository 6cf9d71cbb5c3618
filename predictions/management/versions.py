"""The model version that an operator names."""

from django.core.management import BaseCommand, CommandError

from predictions.errors import GateRefused
from predictions.models import Comparison, ModelVersion
from predictions.services.versions import gate, registry
from predictions.services.versions.comparisons import get_or_make_comparison


def version_named(version_id: int) -> ModelVersion:
    try:
        return ModelVersion.objects.get(pk=version_id)
    except ModelVersion.DoesNotExist:
        known = ", ".join(map(str, ModelVersion.objects.values_list("pk", flat=True))) or "none"
        raise CommandError(f"There is no version {version_id}; known: {known}.") from None


REFUSED_EXIT_CODE = 3


def activate_from_command(
    command: BaseCommand, version: ModelVersion, *, reason: str, override: bool
) -> None:
    if gate.is_judged(version):
        print_verdict(command, get_or_make_comparison(candidate=version))
    try:
        registry.activate(version_id=version.pk, by=None, reason=reason, override=override)
    except GateRefused as error:
        raise CommandError(f"{error} It stays a candidate.", returncode=REFUSED_EXIT_CODE) from error
    command.stdout.write(command.style.SUCCESS(f"{version} is active."))


def print_verdict(command: BaseCommand, found: Comparison) -> None:
    """Print every check with its figures, or why there is none."""
    if found.error:
        command.stdout.write(command.style.WARNING(f"Gate: {found.error}"))
    for check in found.verdict["checks"] if found.verdict else ():
        style = str if check["outcome"] == "passed" else command.style.WARNING
        command.stdout.write(style(f"Gate, {check['outcome']}: {check['name']}. {check['detail']}"))
    if not gate.can_block(found.incumbent):
        why = "the active version learned from synthetic sample data" if found.incumbent else "none is active"
        command.stdout.write(f"Gate: nothing is refused, since {why}.")
