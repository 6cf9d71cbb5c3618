"""What the worker keeps behind the calls, so that pages stay quick. Pages are right without it, too."""

from predictions.services.queue.bare_entries import complete_entries
from predictions.services.queue.kept_counts import merge_counts
from predictions.services.queue.shared_ids import keep_shared_ids
from predictions.services.retention.settling import settle_entries
from predictions.services.scoring.blocks import write_blocks
from predictions.services.scoring.kept_counts import keep_counts
from predictions.services.scoring.rankings import rank_predictions


def keep_up() -> None:
    """Count, complete, settle, rank and index what was stored since the last time; find shared Loan_IDs."""
    keep_counts()
    complete_entries()
    merge_counts()
    settle_entries()
    rank_predictions()
    write_blocks()
    keep_shared_ids()
