"""What analysts do with aerial imagery: propose rules, look at places, see where words are and what has changed."""
