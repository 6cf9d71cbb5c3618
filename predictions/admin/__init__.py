from predictions.admin import history, model_versions, tokens

__all__ = ["history", "model_versions", "tokens"]
