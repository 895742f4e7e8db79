"""The pages: what a browser asks, answered as HTML by the same Mindseye."""
