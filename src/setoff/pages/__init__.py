"""Server-rendered pages: one module an area, with its URLs; templates and static files beside them (docs/explanation/pages.md)."""
