"""What the good outcome of a model version means, and whether a person has confirmed these words.

A draft of a schema guesses the words. Who activates a version of such a schema confirms them. The
confirmation is kept beside the activation, not as another version of the schema: no column changes, and
models that were trained by the schema stay models of the newest one.
"""

from dataclasses import dataclass

from predictions.errors import MeaningNotConfirmed
from predictions.live.schemas import schema_of_row
from predictions.models import Activation, ModelVersion


@dataclass(frozen=True, slots=True)
class Meaning:
    """The meaning of a good outcome. The schema confirms it, or an activation of a version of this schema."""

    words: str
    confirmed: bool


def meaning_of(version: ModelVersion) -> Meaning:
    """Return the meaning of the good outcome that a version predicts."""
    target = schema_of_row(version.schema).target
    return Meaning(target.means, target.means_confirmed or _confirmed_before(version))


def check_confirmation(version: ModelVersion, *, confirms: bool) -> bool:
    """Return True if an activation confirms the meaning, False if it was confirmed before.

    Raises
    ------
    MeaningNotConfirmed
        If nobody has confirmed it, and this activation does not.
    """
    meaning = meaning_of(version)
    if meaning.confirmed:
        return False
    if not confirms:
        raise MeaningNotConfirmed(version.pk, meaning.words)
    return True


def _confirmed_before(version: ModelVersion) -> bool:
    activations = Activation.objects.of_product(version.product_key)
    return activations.filter(version__schema=version.schema_id, means_confirmed=True).exists()
