"""Texts: the sentence encoder, word vectors, the dictionary, the texts of the classes."""
