"""The servers that ours is measured against."""
