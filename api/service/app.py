"""The app: routes that answer JSON, pages that answer HTML, and what stands before them all."""

ROUTES = (  # of api/service/routes, one file a noun
    "health",
    "search",
    "items",
    "collections",
    "imagine",
    "jobs",
    "library",
    "map",
    "gathering",
    "study",
)  # fmt: skip
