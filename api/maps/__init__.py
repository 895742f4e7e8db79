"""The map of a library as it is shown: on a page, in a file of its own, as a picture."""
