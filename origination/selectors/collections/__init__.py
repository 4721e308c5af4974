"""What the collections desk shows: the queue, one case, how promises are kept."""
