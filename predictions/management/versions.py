"""Find, activate and report on model versions in commands."""

from argparse import ArgumentParser

from django.core.management import BaseCommand, CommandError

from ml.schemas.schema import Schema
from predictions.errors import GateRefused
from predictions.live.schemas import schema_of_version
from predictions.models import Comparison, ModelVersion
from predictions.services.policies.idle_checks import idle_checks
from predictions.services.versions import gate, registry


def version_named(version_id: int) -> ModelVersion:
    """Return a version. Raises `CommandError` with the known ids if there is none."""
    try:
        return ModelVersion.objects.get(pk=version_id)
    except ModelVersion.DoesNotExist:
        known = ", ".join(map(str, ModelVersion.objects.values_list("pk", flat=True))) or "none"
        raise CommandError(f"There is no version {version_id}; known: {known}.") from None


REFUSED_EXIT_CODE = 3
DEFAULT_REASON = "Activated when it was trained"


def add_activation_options(parser: ArgumentParser) -> None:
    """Add the options that overrule the gate, and that confirm what a good outcome means."""
    parser.add_argument("--override", action="store_true", help="activate although the gate refuses it")
    parser.add_argument(
        "--confirm-means",
        action="store_true",
        help="confirm what a good outcome means, as the schema says; asked once for a drafted schema",
    )


def activate_from_command(
    command: BaseCommand, version: ModelVersion, *, reason: str | None, override: bool, confirm_means: bool
) -> None:
    """Compare a candidate with the active version, print the gate's checks, and activate it.

    Without a reason, that is the default one; a candidate that was compared on one table needs its own.
    Exits with `REFUSED_EXIT_CODE` if the gate refuses it.
    """
    from predictions.services.versions.comparisons import get_or_make_comparison  # scikit-learn and pandas

    if gate.is_judged(version):
        comparison = get_or_make_comparison(candidate=version)
        print_verdict(command, comparison)
        if reason is None and gate.compared_on_one_table(comparison.verdict):
            raise CommandError(
                f"{version} was compared on one table. It stays a candidate. Activate it with a reason: "
                f"manage.py activate_model {version.pk} --reason ..."
            )
    print_idle_checks(command, version.product_key, schema_of_version(version.pk))
    try:
        registry.activate(
            version_id=version.pk,
            by=None,
            reason=reason or DEFAULT_REASON,
            override=override,
            confirm_means=confirm_means,
        )
    except GateRefused as error:
        raise CommandError(f"{error} It stays a candidate.", returncode=REFUSED_EXIT_CODE) from error
    command.stdout.write(command.style.SUCCESS(f"{version} is active."))


def print_idle_checks(command: BaseCommand, product_id: int, schema: Schema) -> None:
    """Print what the policy in force checks in vain in applications of a schema."""
    for check in idle_checks(product_id=product_id, schema=schema):
        command.stdout.write(command.style.WARNING(f"Policy: {check.detail}"))


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
