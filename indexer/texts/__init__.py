"""Texts in a library: files read into documents and paragraphs, encoded, and written as rows."""
