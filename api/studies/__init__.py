"""Studies with people: made from words and pictures, judged on a page, told in figures."""
