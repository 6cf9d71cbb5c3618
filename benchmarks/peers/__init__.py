"""The servers that ours is measured against."""

ARTICLE, HAND_MADE, FASTAPI, DRF = "article's way", "hand-made", "FastAPI + pandas", "plain DRF, stored"
LIKE_THE_ARTICLE = (ARTICLE, HAND_MADE)  # they take an array inside a JSON string
