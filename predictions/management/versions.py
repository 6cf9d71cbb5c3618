"""Find, activate and report on model versions in commands."""

from django.core.management import BaseCommand, CommandError

from predictions.errors import GateRefused
from predictions.models import Comparison, ModelVersion
from predictions.services.versions import gate, registry
from predictions.services.versions.comparisons import get_or_make_comparison


def version_named(version_id: int) -> ModelVersion:
    """Return a version. Raises `CommandError` with the known ids if there is none."""
    try:
        return ModelVersion.objects.get(pk=version_id)
    except ModelVersion.DoesNotExist:
        known = ", ".join(map(str, ModelVersion.objects.values_list("pk", flat=True))) or "none"
        raise CommandError(f"There is no version {version_id}; known: {known}.") from None


REFUSED_EXIT_CODE = 3


def activate_from_command(
    command: BaseCommand, version: ModelVersion, *, reason: str, override: bool
) -> None:
    """Compare a candidate with the active version, print the gate's checks, and activate it.

    Exits with `REFUSED_EXIT_CODE` if the gate refuses it.
    """
    if gate.is_judged(version):
        print_verdict(command, get_or_make_comparison(candidate=version))
    try:
        registry.activate(version_id=version.pk, by=None, reason=reason, override=override)
    except GateRefused as error:
        raise CommandError(f"{error} It stays a candidate.", returncode=REFUSED_EXIT_CODE) from error
    command.stdout.write(command.style.SUCCESS(f"{version} is active."))


def print_verdict(command: BaseCommand, comparison: Comparison) -> None:
    """Print every check of the gate, or why there are none."""
    if comparison.error:
        command.stdout.write(command.style.WARNING(f"Gate: {comparison.error}"))
    for check in comparison.verdict["checks"] if comparison.verdict else ():
        style = str if check["outcome"] == "passed" else command.style.WARNING
        command.stdout.write(style(f"Gate, {check['outcome']}: {check['name']}. {check['detail']}"))
    if not gate.can_block(comparison.incumbent):
        is_synthetic = comparison.incumbent is not None
        why = "the active version was trained on synthetic data" if is_synthetic else "no version is active"
        command.stdout.write(f"Gate: no candidate is refused, because {why}.")
